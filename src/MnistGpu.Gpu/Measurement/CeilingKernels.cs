using ILGPU;

namespace MnistGpu.Gpu.Measurement;

/// <summary>
/// Two kernels that do nothing but what a device can be limited by: moving floats, and multiplying and adding them.
/// What they reach is what any kernel of the same runtime and compiler can hope for.
/// </summary>
internal static class CeilingKernels
{
    /// <summary>Floating-point operations of a step of <see cref="MultiplyAdd"/>: eight chains of two each.</summary>
    public const int OperationsPerStep = 8 * 2;

    /// <summary>One thread a float. Moves 8 bytes.</summary>
    /// <param name="index">The float: the range of the launch.</param>
    /// <param name="source">Read.</param>
    /// <param name="target">Written.</param>
    public static void Copy(Index1D index, ArrayView<float> source, ArrayView<float> target) =>
        target[index] = source[index];

    /// <summary>
    /// Eight chains a thread, each of a multiplication and an addition a step. A chain waits for its own last result;
    /// eight side by side keep a pipeline full. Their sum is stored, so that no compiler drops them.
    /// </summary>
    /// <param name="index">The thread: the range of the launch.</param>
    /// <param name="result">A float a thread; written.</param>
    /// <param name="factor">Below 1, so that the chains stay finite.</param>
    /// <param name="addend">Any number.</param>
    /// <param name="steps">Steps of the chains.</param>
    public static void MultiplyAdd(Index1D index, ArrayView<float> result, float factor, float addend, int steps)
    {
        float c0 = index, c1 = c0 + 1, c2 = c0 + 2, c3 = c0 + 3, c4 = c0 + 4, c5 = c0 + 5, c6 = c0 + 6, c7 = c0 + 7;
        for (int step = 0; step < steps; step++)
        {
            c0 = c0 * factor + addend;
            c1 = c1 * factor + addend;
            c2 = c2 * factor + addend;
            c3 = c3 * factor + addend;
            c4 = c4 * factor + addend;
            c5 = c5 * factor + addend;
            c6 = c6 * factor + addend;
            c7 = c7 * factor + addend;
        }
        result[index] = c0 + c1 + c2 + c3 + c4 + c5 + c6 + c7;
    }
}
