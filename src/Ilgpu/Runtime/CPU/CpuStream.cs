namespace ILGPU.Runtime.CPU;

/// <summary>
/// A stream of the CPU accelerator: launches and copies end before they return, so it is always empty.
/// </summary>
internal sealed class CpuStream(CPUAccelerator accelerator) : AcceleratorStream(accelerator)
{
    public override void Synchronize() => ThrowIfDisposed();
}
