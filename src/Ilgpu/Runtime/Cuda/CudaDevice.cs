namespace ILGPU.Runtime.Cuda;

/// <summary>A CUDA device. Only the ILGPU package finds any; here the type is for code that asks for them.</summary>
public sealed class CudaDevice : Device
{
    private CudaDevice()
        : base(AcceleratorType.Cuda, nameof(CudaDevice))
    {
    }

    /// <inheritdoc/>
    public override Accelerator CreateAccelerator(Context context) => throw new NotSupportedException();
}
