namespace ILGPU.Runtime;

/// <summary>Something that belongs to one accelerator: a buffer or a stream.</summary>
public abstract class AcceleratorObject : IDisposable
{
    private bool _isDisposed;

    internal AcceleratorObject(Accelerator accelerator) => Accelerator = accelerator;

    /// <summary>The accelerator that it belongs to.</summary>
    public Accelerator Accelerator { get; }

    /// <summary>The kind of that accelerator.</summary>
    public AcceleratorType AcceleratorType => Accelerator.AcceleratorType;

    /// <summary>Whether it, or its accelerator, has been disposed.</summary>
    public bool IsDisposed => _isDisposed || Accelerator.IsDisposed;

    /// <summary>Ends its use. Disposing twice does nothing.</summary>
    public void Dispose()
    {
        if (_isDisposed)
            return;
        _isDisposed = true;
        Release();
    }

    /// <summary>Frees what it has. It is called once.</summary>
    private protected virtual void Release()
    {
    }

    /// <exception cref="ObjectDisposedException">It, or its accelerator, has been disposed.</exception>
    internal void ThrowIfDisposed()
    {
        ObjectDisposedException.ThrowIf(Accelerator.IsDisposed, Accelerator);
        ObjectDisposedException.ThrowIf(_isDisposed, this);
    }
}
