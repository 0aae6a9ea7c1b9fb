using ILGPU;

namespace MnistGpu.Gpu.Measurement;

/// <summary>
/// Two kernels that do nothing but what may limit a device: moving floats, and multiplying and adding them. What they reach
/// is the most that any kernel with the same runtime and compiler can hope for.
/// </summary>
internal static class CeilingKernels
{
    /// <summary>Chains per thread of <see cref="MultiplyAdd"/>.</summary>
    public const int Chains = 16;

    /// <summary>One thread per float. Moves 8 bytes.</summary>
    /// <param name="index">The float: the range of the launch.</param>
    /// <param name="source">Read.</param>
    /// <param name="target">Written.</param>
    public static void Copy(Index1D index, ArrayView<float> source, ArrayView<float> target) =>
        target[index] = source[index];

    /// <summary>
    /// Sixteen chains per thread, each with a multiplication and an addition per step. A chain waits for its own last result;
    /// sixteen side by side keep a pipeline full, or a CPU's vectors. Their results are stored, so that no compiler drops them,
    /// and stored as neighbours, so that it vectorises them.
    /// </summary>
    /// <param name="index">The thread: the range of the launch.</param>
    /// <param name="result">16 floats per thread; written.</param>
    /// <param name="factor">Below 1, so that the chains stay finite.</param>
    /// <param name="addend">Any number.</param>
    /// <param name="steps">Steps of the chains.</param>
    public static void MultiplyAdd(Index1D index, ArrayView<float> result, float factor, float addend, int steps)
    {
        float c0 = index, c1 = c0 + 1, c2 = c0 + 2, c3 = c0 + 3;
        float c4 = c0 + 4, c5 = c0 + 5, c6 = c0 + 6, c7 = c0 + 7;
        float c8 = c0 + 8, c9 = c0 + 9, c10 = c0 + 10, c11 = c0 + 11;
        float c12 = c0 + 12, c13 = c0 + 13, c14 = c0 + 14, c15 = c0 + 15;
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
            c8 = c8 * factor + addend;
            c9 = c9 * factor + addend;
            c10 = c10 * factor + addend;
            c11 = c11 * factor + addend;
            c12 = c12 * factor + addend;
            c13 = c13 * factor + addend;
            c14 = c14 * factor + addend;
            c15 = c15 * factor + addend;
        }
        int first = index * Chains;
        result[first] = c0;
        result[first + 1] = c1;
        result[first + 2] = c2;
        result[first + 3] = c3;
        result[first + 4] = c4;
        result[first + 5] = c5;
        result[first + 6] = c6;
        result[first + 7] = c7;
        result[first + 8] = c8;
        result[first + 9] = c9;
        result[first + 10] = c10;
        result[first + 11] = c11;
        result[first + 12] = c12;
        result[first + 13] = c13;
        result[first + 14] = c14;
        result[first + 15] = c15;
    }
}
