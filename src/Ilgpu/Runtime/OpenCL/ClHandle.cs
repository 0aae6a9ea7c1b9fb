using System.Runtime.InteropServices;

namespace ILGPU.Runtime.OpenCL;

/// <summary>
/// What a driver has created: a context, queue, buffer, program or kernel. It is released when it is disposed and no
/// call uses it any more, or by the garbage collector when nobody disposes it.
/// </summary>
/// <remarks>
/// Its users on the host may go at once: a driver keeps what its queued commands need, and a context as long as
/// something in it is left (OpenCL 1.2, 4.4 and 5.4.1).
/// </remarks>
internal sealed class ClHandle : SafeHandle
{
    private readonly Func<nint, int> _release;

    internal ClHandle(nint handle, Func<nint, int> release)
        : base(0, ownsHandle: true)
    {
        _release = release;
        SetHandle(handle);
    }

    public override bool IsInvalid => handle == 0;

    /// <summary>The handle, for a caller who keeps it from being disposed meanwhile.</summary>
    /// <exception cref="ObjectDisposedException">It has been disposed.</exception>
    internal nint Value
    {
        get
        {
            ObjectDisposedException.ThrowIf(IsClosed, this);
            return handle;
        }
    }

    /// <summary>Keeps the handle from being released until the lease is disposed.</summary>
    /// <exception cref="ObjectDisposedException">It has been disposed.</exception>
    internal Lease Use()
    {
        bool isAdded = false;
        DangerousAddRef(ref isAdded);
        return new Lease(this);
    }

    protected override bool ReleaseHandle() => _release(handle) == 0;

    /// <summary>The right to use a handle for a while.</summary>
    internal readonly ref struct Lease(ClHandle owner)
    {
        internal nint Value => owner.handle;

        public void Dispose() => owner.DangerousRelease();
    }
}
