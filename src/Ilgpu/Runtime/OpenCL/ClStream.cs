namespace ILGPU.Runtime.OpenCL;

/// <summary>An in-order queue of the device.</summary>
internal sealed unsafe class ClStream : AcceleratorStream
{
    private readonly CLAccelerator _accelerator;

    internal ClStream(CLAccelerator accelerator)
        : base(accelerator)
    {
        _accelerator = accelerator;
        int error;
        nint queue = Cl.clCreateCommandQueue(accelerator.ContextHandle, accelerator.Device.DeviceId, 0, &error);
        if (error != 0)
            throw CLException.For($"no queue on {accelerator.Name}", error);
        Queue = accelerator.Own(queue, Cl.clReleaseCommandQueue);
    }

    internal ClHandle Queue { get; }

    public override void Synchronize()
    {
        ThrowIfDisposed();
        Finish();
    }

    /// <summary>Waits for everything in the queue.</summary>
    /// <exception cref="CLException">The device has failed.</exception>
    internal void Finish()
    {
        int error = TryFinish();
        if (error != 0)
            throw CLException.For($"waiting for {_accelerator.Name}", error);
    }

    /// <summary>Waits for everything in the queue; nothing is in a disposed one.</summary>
    /// <returns>0 or the driver's error.</returns>
    internal int TryFinish()
    {
        if (Queue.IsClosed)
            return 0;
        using ClHandle.Lease queue = Queue.Use();
        return Cl.clFinish(queue.Value);
    }

    private protected override void Release()
    {
        _accelerator.Forget(this);
        _accelerator.Release(Queue);
    }
}
