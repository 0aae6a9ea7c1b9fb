using System.Collections.Immutable;
using System.Numerics;

namespace ILGPU.Runtime.CPU;

/// <summary>The processor, as a device with warps and multiprocessors whose sizes it imitates.</summary>
/// <remarks>
/// The sizes only limit the groups. However many multiprocessors it imitates, kernels run on all cores of the machine.
/// </remarks>
public sealed class CPUDevice : Device
{
    /// <summary>A device of each kind, in the order of <see cref="CPUDeviceKind"/>.</summary>
    public static readonly ImmutableArray<CPUDevice> All =
        [new(4, 4, 1), new(32, 32, 1), new(32, 8, 1), new(64, 4, 1), new(16, 8, 1)];

    /// <summary>A CPU device of any size.</summary>
    /// <param name="numThreadsPerWarp">The number of threads of a warp, at least 2.</param>
    /// <param name="numWarpsPerMultiprocessor">
    /// The number of warps of a multiprocessor, a power of 2: a group has at most this many warps.
    /// </param>
    /// <param name="numMultiprocessors">The number of multiprocessors, at least 1.</param>
    /// <exception cref="ArgumentOutOfRangeException">
    /// A number is too small, the number of warps is not a power of 2, or a group would have more than 32,767 threads.
    /// </exception>
    public CPUDevice(int numThreadsPerWarp, int numWarpsPerMultiprocessor, int numMultiprocessors)
        : base(AcceleratorType.CPU, nameof(CPUAccelerator))
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(numThreadsPerWarp, 2);
        ArgumentOutOfRangeException.ThrowIfLessThan(numWarpsPerMultiprocessor, 1);
        ArgumentOutOfRangeException.ThrowIfLessThan(numMultiprocessors, 1);
        if (!BitOperations.IsPow2(numWarpsPerMultiprocessor)
            || (long)numThreadsPerWarp * numWarpsPerMultiprocessor > short.MaxValue)
        {
            throw new ArgumentOutOfRangeException(
                nameof(numWarpsPerMultiprocessor),
                $"{numWarpsPerMultiprocessor} warps of {numThreadsPerWarp} threads: the number of warps must be a "
                + $"power of 2, and there may be at most {short.MaxValue} threads.");
        }

        WarpSize = numThreadsPerWarp;
        NumMultiprocessors = numMultiprocessors;
        MaxNumThreadsPerGroup = numThreadsPerWarp * numWarpsPerMultiprocessor;
        MaxGroupSize = new Index3D(MaxNumThreadsPerGroup, MaxNumThreadsPerGroup, MaxNumThreadsPerGroup);
        MaxGridSize = new Index3D(int.MaxValue, ushort.MaxValue, ushort.MaxValue);
        MaxSharedMemoryPerGroup = int.MaxValue;
        MemorySize = GC.GetGCMemoryInfo().TotalAvailableMemoryBytes;
    }

    /// <summary>The device of a kind.</summary>
    /// <exception cref="ArgumentOutOfRangeException">There is no such kind.</exception>
    public static CPUDevice GetDevice(CPUDeviceKind kind) => Enum.IsDefined(kind)
        ? All[(int)kind]
        : throw new ArgumentOutOfRangeException(nameof(kind), $"There is no CPU device of kind {kind}.");

    /// <summary>Creates an accelerator on this device.</summary>
    /// <param name="context">The context that the accelerator belongs to.</param>
    /// <exception cref="ObjectDisposedException">The context has been disposed.</exception>
    public CPUAccelerator CreateCPUAccelerator(Context context) => new(context, this);

    /// <inheritdoc/>
    public override Accelerator CreateAccelerator(Context context) => CreateCPUAccelerator(context);
}
