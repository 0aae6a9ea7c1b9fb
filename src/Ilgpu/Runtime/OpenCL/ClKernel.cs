using ILGPU.Runtime.Launching;

namespace ILGPU.Runtime.OpenCL;

/// <summary>A kernel of an OpenCL device.</summary>
internal sealed unsafe class ClKernel<TCall> : LoadedKernel<TCall>
    where TCall : struct, IKernelCall
{
    private const uint NumArgs = 0x1191;
    private const uint WorkGroupSize = 0x11B0;
    private const uint PreferredWorkGroupSizeMultiple = 0x11B3;

    private readonly CLAccelerator _accelerator;
    private readonly ClHandle _kernel;
    private readonly ClArguments _arguments;
    private readonly ImplicitGroup _implicitGroup;

    // Registers and local memory can make it less than the device's.
    private readonly int _maxGroupSize;
    private readonly int _indexDimensions;

    internal ClKernel(CLAccelerator accelerator, KernelDescription description, ClProgram program)
        : base(accelerator, description)
    {
        _accelerator = accelerator;
        _kernel = program.NewKernel();
        uint count;
        ThrowIfFailed(Cl.clGetKernelInfo(_kernel.Value, NumArgs, sizeof(uint), &count, null));
        _arguments = new ClArguments(_kernel, description.Name, accelerator, (int)count);
        _maxGroupSize = (int)Math.Min(WorkGroupInfo(WorkGroupSize), (nuint)accelerator.MaxNumThreadsPerGroup);
        int warp = (int)WorkGroupInfo(PreferredWorkGroupSizeMultiple);
        _implicitGroup = new ImplicitGroup(
            accelerator.MaxGroupSize, _maxGroupSize, warp, accelerator.NumMultiprocessors);
        if (description.IsImplicitlyGrouped)
            _indexDimensions = Dimensions(description.Method.GetParameters()[0].ParameterType);
    }

    protected override void Run(AcceleratorStream stream, KernelConfig config, in TCall call)
    {
        Index3D group = config.GroupDim;
        Index3D grid = config.GridDim;
        if (Description.IsImplicitlyGrouped)
        {
            // The configuration is one group of one thread for each index.
            if (!Description.HasGroupsOfOne)
                group = _implicitGroup.For(config.GridDim);
            grid = ImplicitGroup.Cover(config.GridDim, group);
        }
        else if (group.LongSize > _maxGroupSize)
        {
            throw new NotSupportedException(
                $"Kernel {Description.Name}: a group of {group} threads is larger than the {_maxGroupSize} threads "
                + $"that {_accelerator.Name} allows it.");
        }

        nuint* localSize = stackalloc nuint[] { (nuint)group.X, (nuint)group.Y, (nuint)group.Z };
        nuint* globalSize = stackalloc nuint[]
        {
            (nuint)grid.X * (nuint)group.X, (nuint)grid.Y * (nuint)group.Y, (nuint)grid.Z * (nuint)group.Z
        };
        int error;
        lock (_accelerator.LaunchLock)
        {
            var setter = new ClArgumentSetter(_arguments);
            VisitExtent(ref setter, config.GridDim);
            call.Visit(ref setter);
            error = Cl.clEnqueueNDRangeKernel(
                ((ClStream)stream).Queue.Value, _kernel.Value, 3, null, globalSize, localSize, 0, null, null);
        }

        ThrowIfFailed(error);
    }

    private void VisitExtent(ref ClArgumentSetter setter, Index3D extent)
    {
        if (_indexDimensions > 0)
            setter.Visit(extent.X);
        if (_indexDimensions > 1)
            setter.Visit(extent.Y);
        if (_indexDimensions > 2)
            setter.Visit(extent.Z);
    }

    private static int Dimensions(Type index) => index == typeof(Index3D) ? 3 : index == typeof(Index2D) ? 2 : 1;

    private nuint WorkGroupInfo(uint name)
    {
        nuint value = 0;
        ThrowIfFailed(Cl.clGetKernelWorkGroupInfo(
            _kernel.Value, _accelerator.Device.DeviceId, name, (nuint)sizeof(nuint), &value, null));
        return value;
    }

    private void ThrowIfFailed(int error)
    {
        if (error != 0)
            throw CLException.For($"launching kernel {Description.Name} on {_accelerator.Name}", error);
    }
}
