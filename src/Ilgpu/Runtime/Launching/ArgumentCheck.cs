using System.Reflection;

namespace ILGPU.Runtime.Launching;

/// <summary>Refuses a launch with a buffer that has been disposed or belongs to another accelerator.</summary>
internal struct ArgumentCheck(Accelerator accelerator, string kernel) : IArgumentVisitor
{
    private int _position;

    public void Visit<T>(in T argument)
        where T : struct
    {
        _position++;
        MemoryBuffer? buffer = View<T>.BufferOf?.Invoke(argument);
        if (buffer is null)
            return;
        if (buffer.IsDisposed)
        {
            throw new ObjectDisposedException(
                buffer.GetType().Name, $"Kernel {kernel}: the buffer of argument {_position} has been disposed.");
        }

        if (buffer.Accelerator != accelerator)
        {
            throw new ArgumentException(
                $"Kernel {kernel}: the buffer of argument {_position} belongs to another accelerator.");
        }
    }

    /// <summary>Finds the buffer of a view without boxing it: casting to the interface would.</summary>
    private static class View<T>
        where T : struct
    {
        /// <summary>null where T is not a view.</summary>
        internal static readonly Func<T, MemoryBuffer?>? BufferOf = !typeof(T).IsAssignableTo(typeof(IBufferView))
            ? null
            : typeof(ArgumentCheck).GetMethod(nameof(Find), BindingFlags.NonPublic | BindingFlags.Static)!
                .MakeGenericMethod(typeof(T)).CreateDelegate<Func<T, MemoryBuffer?>>();
    }

    private static MemoryBuffer? Find<TView>(TView view)
        where TView : struct, IBufferView
        => view.Buffer;
}
