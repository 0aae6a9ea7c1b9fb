using ILGPU;
using ILGPU.Algorithms;

namespace MnistGpu.Kernels;

/// <summary>
/// The sigmoid σ(z) = 1/(1 + e^-z) of every element of an array. In a training step it is not a launch of its own: the
/// kernel that has computed z applies <see cref="Of"/> to it at once, which saves writing z out and reading it back.
/// </summary>
public static class Sigmoid
{
    private const int GroupSize = 256;
    private const int ElementsPerThread = 4;

    /// <summary>σ(z). Where e^-z overflows to infinity, the result is 0, as it should be.</summary>
    /// <param name="z">Any number.</param>
    public static float Of(float z) => 1f / (1f + XMath.Exp(-z));

    /// <summary>One thread an element.</summary>
    /// <param name="index">The element: the range of the launch.</param>
    /// <param name="z">The arguments.</param>
    /// <param name="result">σ of each; written. It may be the same view.</param>
    public static void Naive(Index1D index, ArrayView<float> z, ArrayView<float> result) =>
        result[index] = Of(z[index]);

    /// <summary>
    /// Four elements a thread, a group's size apart, so neighbouring threads still touch neighbouring floats. Nothing
    /// is read twice here, so there is nothing for shared memory to save: the gain is four loads under way at once for
    /// each thread, and a quarter of the threads to start.
    /// </summary>
    /// <param name="z">The arguments.</param>
    /// <param name="result">σ of each; written. It may be the same view.</param>
    /// <param name="length">Number of elements.</param>
    public static void Tuned(ArrayView<float> z, ArrayView<float> result, int length)
    {
        int i0 = Grid.IdxX * GroupSize * ElementsPerThread + Group.IdxX;
        int i1 = i0 + GroupSize;
        int i2 = i1 + GroupSize;
        int i3 = i2 + GroupSize;
        float z0 = i0 < length ? z[i0] : 0;
        float z1 = i1 < length ? z[i1] : 0;
        float z2 = i2 < length ? z[i2] : 0;
        float z3 = i3 < length ? z[i3] : 0;
        if (i0 < length)
            result[i0] = Of(z0);
        if (i1 < length)
            result[i1] = Of(z1);
        if (i2 < length)
            result[i2] = Of(z2);
        if (i3 < length)
            result[i3] = Of(z3);
    }

    /// <summary>The launch of <see cref="Tuned"/>: a group 1,024 elements.</summary>
    /// <param name="length">Number of elements.</param>
    public static KernelConfig TunedLaunch(int length)
    {
        const int elementsPerGroup = GroupSize * ElementsPerThread;
        return new KernelConfig(new Index1D((length - 1) / elementsPerGroup + 1), new Index1D(GroupSize));
    }
}
