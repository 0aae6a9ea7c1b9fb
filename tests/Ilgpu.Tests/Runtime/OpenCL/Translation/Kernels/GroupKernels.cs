using ILGPU;

namespace Ilgpu.Tests.Runtime.OpenCL.Translation.Kernels;

/// <summary>
/// Groups, shared memory, barriers and atomics: run with 3 groups of 16 threads, of which each writes 16 results.
/// </summary>
public static class GroupKernels
{
    public static void Positions(ArrayView<int> input, ArrayView<int> results)
    {
        Index3D index = Grid.GlobalIndex;
        int to = index.X * 16;
        results[to] = Grid.IdxX + (10 * Grid.IdxY) + (100 * Grid.IdxZ);
        results[to + 1] = Grid.DimX + (10 * Grid.DimY) + (100 * Grid.DimZ);
        results[to + 2] = Group.IdxX + (100 * Group.IdxY) + (1000 * Group.IdxZ);
        results[to + 3] = Group.DimX + (100 * Group.DimY) + (1000 * Group.DimZ);
        results[to + 4] = index.X + index.Y + index.Z;
        results[to + 5] = Grid.GlobalIndex.X - (Grid.IdxX * Group.DimX);
    }

    public static void TreeSum(ArrayView<int> input, ArrayView<int> results)
    {
        ArrayView<int> partial = SharedMemory.Allocate<int>(16);
        int thread = Group.IdxX;
        partial[thread] = input[(Grid.IdxX * 16) + thread];
        Group.Barrier();
        for (int half = 8; half > 0; half /= 2)
        {
            if (thread < half)
                partial[thread] += partial[thread + half];
            Group.Barrier();
        }

        results[Grid.GlobalIndex.X * 16] = partial[0];
    }

    public static void BarriersInLoopsAndBranches(ArrayView<int> input, ArrayView<int> results)
    {
        ArrayView<int> ring = SharedMemory.Allocate<int>(16);
        int thread = Group.IdxX;
        int value = input[(Grid.IdxX * 16) + thread];
        if (Grid.IdxX == 1)
        {
            ring[thread] = value;
            Group.Barrier();
            results[Grid.GlobalIndex.X * 16] = ring[15 - thread];
            return;
        }

        // The threads leave the loop together, at a number of steps that only the data tells.
        int steps = 0;
        while (true)
        {
            ring[thread] = value;
            Group.Barrier();
            if (steps * 10 > ring[3] || steps > 20)
                break;
            value = ring[(thread + 1) % 16] + steps;
            Group.Barrier();
            steps++;
        }

        results[Grid.GlobalIndex.X * 16] = value;
        results[(Grid.GlobalIndex.X * 16) + 1] = steps;
        for (int k = 0; k < 3; k++)
        {
            Group.Barrier();
            if (k == 1)
                continue;
            value = Rotated(ring, value, thread);
        }

        results[(Grid.GlobalIndex.X * 16) + 2] = value;
    }

    public static void SharedMemoryOfHelpers(ArrayView<int> input, ArrayView<int> results)
    {
        ArrayView<byte> bytes = SharedMemory.Allocate<byte>(16);
        int thread = Group.IdxX;
        int value = input[(Grid.IdxX * 16) + thread];
        bytes[thread] = (byte)value;
        int to = Grid.GlobalIndex.X * 16;
        results[to] = Neighbour(value, thread);
        results[to + 1] = Neighbour(value * 2, thread);

        // One helper, once with shared and once with global memory.
        Group.Barrier();
        results[to + 2] = bytes[15 - thread];
        ArrayView<int> shared = SharedMemory.Allocate<int>(4);
        if (thread < 4)
            shared[thread] = value;
        Group.Barrier();
        results[to + 3] = Total(shared);
        results[to + 4] = Total(input.SubView(0, 4));
        results[to + 5] = Total(shared.SubView(1, 2));
        AddTo(ref results[to + 6], value);
    }

    public static void Atomics(ArrayView<int> input, ArrayView<int> results)
    {
        ArrayView<int> count = SharedMemory.Allocate<int>(2);
        ArrayView<float> sum = SharedMemory.Allocate<float>(1);
        int thread = Group.IdxX;
        int value = input[(Grid.IdxX * 16) + thread] & 1023;
        if (thread == 0)
        {
            count[0] = 0;
            count[1] = 0;
            sum[0] = 0;
        }

        Group.Barrier();
        Atomic.Add(ref count[0], value);
        int before = Atomic.Add(ref count[1], 1);

        // Small whole numbers: the sum is exact in any order.
        float added = Atomic.Add(ref sum[0], value);
        Atomic.Add(ref results[1], value);
        Group.Barrier();
        if (thread == 0)
        {
            results[(Grid.IdxX * 256) + 2] = count[0];
            results[(Grid.IdxX * 256) + 3] = count[1];
            results[(Grid.IdxX * 256) + 4] = (int)sum[0];
        }

        // Which thread is which differs; that there is one for each number does not.
        results[(Grid.IdxX * 256) + 16 + before] = added >= 0 ? 1 : 2;
    }

    private static int Rotated(ArrayView<int> ring, int value, int thread)
    {
        Group.Barrier();
        ring[thread] = value;
        Group.Barrier();
        return ring[(thread + 5) % 16];
    }

    private static int Neighbour(int value, int thread)
    {
        ArrayView<int> values = SharedMemory.Allocate<int>(16);
        values[thread] = value;
        Group.Barrier();
        return values[(thread + 1) % 16];
    }

    private static int Total(ArrayView<int> view)
    {
        int total = 0;
        for (int k = 0; k < view.IntLength; k++)
            AddTo(ref total, view[k]);
        return total;
    }

    private static void AddTo(ref int target, int value) => target += value;
}
