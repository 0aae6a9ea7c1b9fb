using System.Reflection;
using System.Runtime.CompilerServices;
using ILGPU.Runtime.Launching;
using ILGPU.Runtime.OpenCL.Translation;

namespace ILGPU.Runtime.OpenCL;

/// <summary>Runs kernels on an OpenCL device.</summary>
/// <remarks>
/// A launch is put into its stream's queue and returns; copies between host and device wait for what they copy. A
/// kernel that reads or writes outside of a view is not noticed as it is on the CPU accelerator: what then happens is
/// up to the device.
/// </remarks>
public sealed unsafe class CLAccelerator : Accelerator
{
    private const nint ContextPlatform = 0x1084;

    private readonly ClHandle _context;
    private readonly Lock _lock = new();
    private readonly List<ClStream> _streams = [];
    private readonly Dictionary<(MethodInfo, bool), ClProgram> _programs = [];

    // All that the driver has created for this accelerator and nobody has dropped: none of it is kept alive by this.
    private readonly ConditionalWeakTable<ClHandle, object> _handles = [];

    internal CLAccelerator(Context context, CLDevice device)
        : base(context, device)
    {
        nint* properties = stackalloc nint[] { ContextPlatform, device.PlatformId, 0 };
        nint id = device.DeviceId;
        int error;
        nint created = Cl.clCreateContext(properties, 1, &id, 0, 0, &error);
        if (error != 0)
            throw CLException.For($"OpenCL does not start on {Name}", error);
        _context = new ClHandle(created, Cl.clReleaseContext);
        try
        {
            DefaultStream = NewStream();
        }
        catch
        {
            _context.Dispose();
            throw;
        }
    }

    /// <inheritdoc cref="Accelerator.Device"/>
    public new CLDevice Device => (CLDevice)base.Device;

    /// <summary>Makes OpenCL C of a kernel: the translator, except in tests.</summary>
    internal Func<KernelDescription, OpenClSource> Translate { get; init; } = OpenClTranslator.Translate;

    /// <summary>
    /// Held while a launch is put together, and while what a launch may use is released: a kernel's arguments are the
    /// driver's state, so two threads must not set them at once, and a buffer must not go between its being set and
    /// the launch. That is cheaper than counting the users of every buffer in every launch.
    /// </summary>
    internal Lock LaunchLock { get; } = new();

    internal nint ContextHandle => _context.Value;

    internal override LoadedKernel<TCall> Load<TCall>(KernelDescription description)
    {
        ObjectDisposedException.ThrowIf(IsDisposed, this);
        ClProgram? program;
        lock (_lock)
        {
            var key = (description.Method, description.IsImplicitlyGrouped);
            if (!_programs.TryGetValue(key, out program))
            {
                program = new ClProgram(this, description);
                _programs.Add(key, program);
            }
        }

        return new ClKernel<TCall>(this, description, program);
    }

    /// <summary>Owns what the driver has created, and releases it with the accelerator at the latest.</summary>
    internal ClHandle Own(nint handle, Func<nint, int> release)
    {
        var owned = new ClHandle(handle, release);
        _handles.Add(owned, _handles);
        return owned;
    }

    /// <summary>Releases what a launch may be using in another thread.</summary>
    internal void Release(ClHandle handle)
    {
        lock (LaunchLock)
            handle.Dispose();
    }

    internal void Forget(ClStream stream)
    {
        lock (_lock)
            _streams.Remove(stream);
    }

    private protected override AcceleratorStream NewStream()
    {
        var stream = new ClStream(this);
        lock (_lock)
            _streams.Add(stream);
        return stream;
    }

    private protected override DeviceMemory AllocateMemory<T>(long length)
    {
        // One that is too long for its bytes to be counted is too long for every device.
        long bytes = length > long.MaxValue / sizeof(T) ? long.MaxValue : length * sizeof(T);
        return new ClMemory(this, bytes);
    }

    private protected override void SynchronizeStreams()
    {
        ClStream[] streams;
        lock (_lock)
            streams = [.. _streams];
        foreach (ClStream stream in streams)
            stream.Finish();
    }

    private protected override void Release()
    {
        foreach (ClStream stream in _streams)
            stream.TryFinish();
        lock (LaunchLock)
        {
            foreach ((ClHandle handle, _) in _handles)
                handle.Dispose();
            _context.Dispose();
        }
    }
}
