using ILGPU;
using ILGPU.Backends.OpenCL;
using ILGPU.Backends.PTX;
using ILGPU.Runtime;
using ILGPU.Runtime.CPU;
using ILGPU.Runtime.Cuda;
using ILGPU.Runtime.OpenCL;
using MnistGpu.Gpu.Memory;

namespace MnistGpu.Gpu.Devices;

/// <summary>
/// An ILGPU context with every usable accelerator of this machine, and the reasons why others are not usable. ILGPU itself
/// skips them silently.
/// </summary>
internal sealed class AcceleratorSearch : IDisposable
{
    /// <summary>CL_DEVICE_HOST_UNIFIED_MEMORY, which ILGPU does not name.</summary>
    private const CLDeviceInfoType HostUnifiedMemory = (CLDeviceInfoType)0x1035;

    private const string VisibleDevices = "CUDA_VISIBLE_DEVICES";

    /// <summary>
    /// One search at a time: of four started together with PoCL 6, most found no device, because its driver was still starting
    /// on another thread.
    /// </summary>
    private static readonly Lock OneAtATime = new();

    private readonly List<(AcceleratorInfo Info, Device Device)> _found = [];
    private readonly List<string> _leftOut = [];
    private string? _fault;

    /// <summary>Looks for accelerators.</summary>
    /// <param name="create">Replaces <see cref="ILGPU.Context.Create(Action{Context.Builder})"/> in tests.</param>
    /// <exception cref="InvalidOperationException">A driver fails; the message says how.</exception>
    public AcceleratorSearch(Func<Action<Context.Builder>, Context>? create = null)
    {
        DriverLibraries.ResolveByVersion();
        try
        {
            lock (OneAtATime)
                Context = (create ?? Context.Create)(builder => AddOpenCl(AddCuda(builder.CPU().EnableAlgorithms())));
        }
        catch (Exception exception)
        {
            throw new InvalidOperationException(
                $"ILGPU cannot look for accelerators: {DeviceException.FirstLine(exception)}", exception);
        }
        foreach (CudaDevice device in Context.GetDevices<CudaDevice>())
            _found.Add((Describe(device, _found.Count), device));
        int cudaDevices = _found.Count;
        foreach (CLDevice device in Context.GetDevices<CLDevice>())
            _found.Add((Describe(device, _found.Count - cudaDevices), device));
        CPUDevice cpu = Context.GetDevice<CPUDevice>(0);
        _found.Add((Describe(cpu, AcceleratorCatalog.CpuDevice, "ILGPU's CPU accelerator") with { RunsOnCpu = true }, cpu));
    }

    /// <summary>
    /// Whether a driver may offer a GPU: checked before a search, because creating an ILGPU context takes a quarter of a second.
    /// </summary>
    public static bool MayFindGpu()
    {
        DriverLibraries.ResolveByVersion();
        if (DriverLibraries.HasCuda)
            return true;
        lock (OneAtATime)
            return DriverLibraries.HasOpenCl && CLDevice.GetDevices(IsGpu).Length > 0;
    }

    /// <summary>The context of the devices in <see cref="Found"/>.</summary>
    public Context Context { get; }

    /// <summary>CUDA devices, then OpenCL devices, then ILGPU's CPU accelerator.</summary>
    public IReadOnlyList<(AcceleratorInfo Info, Device Device)> Found => _found;

    /// <summary>See <see cref="AcceleratorList.LeftOut"/>.</summary>
    public IReadOnlyList<string> LeftOut => _leftOut;

    /// <summary>What was found, in words.</summary>
    public AcceleratorList List => new([.. _found.Select(entry => entry.Info)], _leftOut) { Fault = _fault };

    /// <summary>Frees the context as far as the drivers allow; never throws.</summary>
    public void Dispose() => DeviceBuffers.Free(Context);

    private Context.Builder AddCuda(Context.Builder builder)
    {
        int seen = 0;
        builder.Cuda(device =>
        {
            seen++;
            return Admit($"CUDA: {device.Name}", WhyNot(device));
        });
        if (seen == 0)
            _leftOut.Add($"CUDA: {WhyNoCuda()}");
        // Whoever hides the GPUs from this program need not be told at every training.
        if (DriverLibraries.HasCuda && Environment.GetEnvironmentVariable(VisibleDevices) is not ("" or "-1"))
            _fault = _leftOut.FirstOrDefault();
        return builder;
    }

    /// <summary>Why CUDA has no GPU, as a clause.</summary>
    private static string WhyNoCuda()
    {
        if (!DriverLibraries.HasCuda)
            return $"no NVIDIA driver was found ({DriverLibraries.CudaFile})";
        string? error = DriverLibraries.CudaStartError();
        // nvidia-smi shows every GPU, whatever the variable says.
        if (Environment.GetEnvironmentVariable(VisibleDevices) is string visible
            && (error is null || error.Contains("NO_DEVICE", StringComparison.Ordinal) || error.Contains("INVALID_DEVICE", StringComparison.Ordinal)))
            return $"the environment variable {VisibleDevices} is '{visible}', which hides the GPUs from programs; unset it, or set it to 0 for the first one";
        return error is null
            ? "the NVIDIA driver finds no usable GPU (nvidia-smi may say why)"
            : $"the NVIDIA driver does not start: {error} (nvidia-smi may say why)";
    }

    private Context.Builder AddOpenCl(Context.Builder builder)
    {
        try
        {
            OpenClBarrier.Mend();
        }
        catch (NotSupportedException exception)
        {
            _leftOut.Add(exception.Message);
            return builder;
        }
        int seen = 0;
        builder.OpenCL(device =>
        {
            seen++;
            return Admit($"OpenCL: {device.Name}", WhyNot(device));
        });
        if (seen == 0)
            _leftOut.Add("OpenCL: " + (DriverLibraries.HasOpenCl
                ? "no driver offers a device; install a GPU's driver, or PoCL for the CPU"
                : $"no loader was found ({DriverLibraries.OpenClFile}; Debian's package is ocl-icd-libopencl1)"));
        return builder;
    }

    private bool Admit(string device, string? whyNot)
    {
        if (whyNot is not null)
            _leftOut.Add($"{device} {whyNot}");
        return whyNot is null;
    }

    private static string? WhyNot(CudaDevice device)
    {
        if (device.Architecture is not CudaArchitecture architecture)
            return "does not report its compute capability";
        if (device.InstructionSet is CudaInstructionSet set && PTXCodeGenerator.SupportedInstructionSets.Contains(set))
            return null;
        CudaAccelerator.TryGetInstructionSet(architecture, device.DriverVersion, out CudaDriverVersion needed, out _);
        return $"needs a driver for CUDA {needed.Major}.{needed.Minor} or later; "
            + $"the installed one is for {device.DriverVersion.Major}.{device.DriverVersion.Minor}";
    }

    private static string? WhyNot(CLDevice device) =>
        device.CLStdVersion < CLBackend.MinimumVersion ? $"has {device.CLStdVersion}; ILGPU needs {CLBackend.MinimumVersion}"
        : !device.Capabilities.GenericAddressSpace ? "has no generic address space, which ILGPU needs (PoCL has it since version 4)"
        : null;

    private static AcceleratorInfo Describe(CudaDevice device, int index) =>
        Describe(device, $"{AcceleratorCatalog.CudaPrefix}:{index}", "CUDA GPU") with
        {
            IsGpu = true,
            IsIntegrated = CudaAPI.CurrentAPI.GetDeviceAttribute(
                DeviceAttributeKind.CU_DEVICE_ATTRIBUTE_INTEGRATED, device.DeviceId) != 0,
            Vendor = "NVIDIA",
            Version = $"compute capability {device.Architecture!.Value.Major}.{device.Architecture.Value.Minor}, "
                + $"driver for CUDA {device.DriverVersion.Major}.{device.DriverVersion.Minor}",
        };

    private static bool IsGpu(CLDevice device) => device.DeviceType.HasFlag(CLDeviceType.CL_DEVICE_TYPE_GPU);

    private static AcceleratorInfo Describe(CLDevice device, int index)
    {
        bool isGpu = IsGpu(device);
        bool isCpu = !isGpu && device.DeviceType.HasFlag(CLDeviceType.CL_DEVICE_TYPE_CPU);
        string kind = isGpu ? "OpenCL GPU" : isCpu ? "OpenCL CPU" : "OpenCL device";
        return Describe(device, $"{AcceleratorCatalog.OpenClPrefix}:{index}", kind) with
        {
            IsGpu = isGpu,
            IsIntegrated = CLAPI.CurrentAPI.GetDeviceInfo(device.DeviceId, HostUnifiedMemory, out int unified)
                == CLError.CL_SUCCESS && unified != 0,
            RunsOnCpu = isCpu,
            Vendor = device.VendorName,
            Version = $"OpenCL {device.DeviceVersion.Major}.{device.DeviceVersion.Minor}",
        };
    }

    private static AcceleratorInfo Describe(Device device, string name, string kind) => new(
        name, device.Name, kind, IsGpu: false, device.MemorySize == long.MaxValue ? null : device.MemorySize,
        device.MaxNumThreadsPerGroup)
    {
        Multiprocessors = device.NumMultiprocessors,
        SharedBytes = device.MaxSharedMemoryPerGroup,
    };
}
