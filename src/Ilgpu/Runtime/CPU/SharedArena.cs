namespace ILGPU.Runtime.CPU;

/// <summary>
/// The shared memory of a group that runs. It serves one group after the other, and keeps its blocks.
/// </summary>
/// <remarks>
/// Nothing tells a call of <see cref="SharedMemory.Allocate"/> where in the kernel it stands. But all threads of a
/// group make the same calls in the same order, so a thread's n-th call gives the group's n-th block.
/// </remarks>
internal sealed class SharedArena(CPUAccelerator accelerator)
{
    [ThreadStatic]
    private static SharedArena? t_current;

    [ThreadStatic]
    private static int t_calls;

    private readonly Lock _lock = new();
    private readonly List<SharedBlock> _blocks = [];

    /// <summary>The memory of the group whose thread runs now.</summary>
    /// <exception cref="InvalidOperationException">No group runs.</exception>
    internal static SharedArena Current
    {
        get => t_current ?? throw new InvalidOperationException(
            "Shared memory is for the threads of an explicitly grouped kernel; no group runs here.");
    }

    /// <summary>How many blocks the thread that runs now has asked for.</summary>
    internal static int Calls
    {
        get => t_calls;
        set => t_calls = value;
    }

    /// <summary>Makes it the memory of the threads that run on this thread from now on; null ends that.</summary>
    internal static void Use(SharedArena? arena) => t_current = arena;

    /// <summary>Begins a launch, which may want blocks of other sizes than the one before.</summary>
    internal void Begin()
    {
        foreach (SharedBlock block in _blocks)
            block.IsInUse = false;
    }

    /// <summary>The block that this call stands for: the same for all threads of the group.</summary>
    /// <exception cref="InvalidOperationException">Another thread has asked for a block of another size or
    /// type.</exception>
    internal ArrayView<T> Allocate<T>(int length)
        where T : unmanaged
    {
        ArgumentOutOfRangeException.ThrowIfNegative(length);
        int place = t_calls++;
        lock (_lock)
        {
            if (place == _blocks.Count)
                _blocks.Add(SharedBlock.Create<T>(accelerator, length));
            if (!_blocks[place].Fits<T>(length))
            {
                if (_blocks[place].IsInUse)
                {
                    throw new InvalidOperationException(
                        "The threads of a group do not allocate the same shared memory: one of them asks for "
                        + $"{_blocks[place].Length} elements and another for {length} of {typeof(T).Name}.");
                }

                _blocks[place] = SharedBlock.Create<T>(accelerator, length);
            }

            _blocks[place].IsInUse = true;
            return new ArrayView<T>(_blocks[place], 0, length);
        }
    }
}
