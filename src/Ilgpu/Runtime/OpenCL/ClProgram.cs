using System.Text;
using ILGPU.Runtime.Launching;
using ILGPU.Runtime.OpenCL.Translation;

namespace ILGPU.Runtime.OpenCL;

/// <summary>A kernel's OpenCL C, as the device's driver has compiled it.</summary>
internal sealed unsafe class ClProgram
{
    private const uint BuildLog = 0x1183;

    private readonly CLAccelerator _accelerator;
    private readonly string _kernel;
    private readonly OpenClSource _source;
    private readonly ClHandle _program;

    /// <exception cref="NotSupportedException">The kernel is outside of the dialect, or needs more shared memory than
    /// the device has.</exception>
    /// <exception cref="CLException">The driver rejects it; the message has its log.</exception>
    internal ClProgram(CLAccelerator accelerator, KernelDescription description)
    {
        _accelerator = accelerator;
        _kernel = description.Name;
        _source = accelerator.Translate(description);
        if (_source.SharedBytes > accelerator.MaxSharedMemoryPerGroup)
        {
            throw new NotSupportedException(
                $"Kernel {_kernel} shares {_source.SharedBytes:N0} bytes in a group: "
                + $"{accelerator.Name} has {accelerator.MaxSharedMemoryPerGroup:N0}.");
        }

        _program = Create();
        Build();
    }

    /// <summary>A kernel with arguments of its own.</summary>
    internal ClHandle NewKernel()
    {
        int error;
        nint kernel;
        fixed (byte* name = ZeroTerminated(_source.EntryPoint))
            kernel = Cl.clCreateKernel(_program.Value, name, &error);
        return error == 0
            ? _accelerator.Own(kernel, Cl.clReleaseKernel)
            : throw Failure($"has no __kernel {_source.EntryPoint}", error);
    }

    private ClHandle Create()
    {
        byte[] code = Encoding.UTF8.GetBytes(_source.Code);
        nuint length = (nuint)code.Length;
        int error;
        nint program;
        fixed (byte* text = code)
            program = Cl.clCreateProgramWithSource(_accelerator.ContextHandle, 1, &text, &length, &error);
        return error == 0
            ? _accelerator.Own(program, Cl.clReleaseProgram)
            : throw Failure("is not taken by the driver", error);
    }

    private void Build()
    {
        nint device = _accelerator.Device.DeviceId;
        int error;
        // PoCL compiles in files of a folder that all its processes share, and now and then one takes away another's. What
        // is wrong with the source is wrong at a second try as well.
        fixed (byte* options = ZeroTerminated(Options()))
            if ((error = Cl.clBuildProgram(_program.Value, 1, &device, options, 0, 0)) != 0)
                error = Cl.clBuildProgram(_program.Value, 1, &device, options, 0, 0);
        if (error == 0)
            return;

        string log = Log(device);
        var failure = new CLException(
            $"Kernel {_kernel} is rejected by the compiler of {_accelerator.Name}: {ClError.Describe(error)}"
            + $"{FirstError(log)}\n{log}");
        failure.Data[CLException.SourceKey] = _source.Code;
        _program.Dispose();
        throw failure;
    }

    /// <summary>
    /// How the program is compiled. A product and the sum that it goes into may become one instruction, which rounds
    /// once: twice as fast, and no less exact. Quotients and roots are rounded as in C# where the device can do it.
    /// Unless the context asks for fast mathematics, no option lets the compiler change the order of a sum or assume
    /// that there is no NaN.
    /// </summary>
    private string Options()
    {
        Context context = _accelerator.Context;
        string options = "-cl-std=CL1.2 -cl-mad-enable";
        if (context.MathMode != MathMode.Default)
            options += " -cl-fast-relaxed-math";
        else if (_accelerator.Device.DividesCorrectly)
            options += " -cl-fp32-correctly-rounded-divide-sqrt";
        return context.OptimizationLevel == OptimizationLevel.O0 ? options + " -cl-opt-disable" : options;
    }

    private string Log(nint device)
    {
        nuint size = 0;
        if (Cl.clGetProgramBuildInfo(_program.Value, device, BuildLog, 0, null, &size) != 0 || size == 0)
            return "";
        byte[] log = new byte[size];
        fixed (byte* pinned = log)
            _ = Cl.clGetProgramBuildInfo(_program.Value, device, BuildLog, size, pinned, null);
        return ClDeviceInfo.Text(log);
    }

    /// <summary>The line of the driver's log that most likely says what is wrong.</summary>
    private static string FirstError(string log)
    {
        string? line = log.Split('\n').FirstOrDefault(
            line => line.Contains("error", StringComparison.OrdinalIgnoreCase));
        return line is null ? "" : $", {line.Trim()}";
    }

    private CLException Failure(string what, int error) =>
        new($"Kernel {_kernel} {what}: {_accelerator.Name}: {ClError.Describe(error)}");

    private static byte[] ZeroTerminated(string text) => [.. Encoding.UTF8.GetBytes(text), 0];
}
