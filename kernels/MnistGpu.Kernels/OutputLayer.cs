using ILGPU;

namespace MnistGpu.Kernels;

/// <summary>
/// The output layer on its own, for prediction: o = σ(h·W2 + b2). h is B×H, W2 is H×10, b2 is 10, o is B×10, row-major.
/// </summary>
public static class OutputLayer
{
    /// <summary>
    /// Threads that share the outputs of an image: 10 work and 6 do not, so that a slice is a power of two.
    /// </summary>
    internal const int Lanes = 16;

    /// <summary>Parts that the H terms of an output's sum are split into.</summary>
    internal const int Slices = 8;

    /// <summary>Threads of a group.</summary>
    internal const int GroupSize = Lanes * Slices;

    /// <summary>One thread an output: it runs through the image's H hidden units.</summary>
    /// <param name="index">image·10 + digit: the range of the launch is B·10.</param>
    /// <param name="hidden">h, B×H.</param>
    /// <param name="w2">Weights, H×10.</param>
    /// <param name="b2">Biases, 10.</param>
    /// <param name="units">Hidden units H.</param>
    /// <param name="outputs">o, B×10; written.</param>
    public static void Naive(
        Index1D index, ArrayView<float> hidden, ArrayView<float> w2, ArrayView<float> b2, int units,
        ArrayView<float> outputs)
    {
        int image = index / Mnist.Digits;
        int digit = index % Mnist.Digits;
        float z = b2[digit];
        for (int j = 0; j < units; j++)
            z += hidden[image * units + j] * w2[j * Mnist.Digits + digit];
        outputs[index] = Sigmoid.Of(z);
    }

    /// <summary>
    /// A group of 128 threads an image: 10 outputs alone would leave a GPU idle, so each sum is split into 8 slices
    /// that run side by side, every eighth hidden unit each, and meet in shared memory. Neighbouring threads read
    /// neighbouring weights.
    /// </summary>
    /// <param name="hidden">h, B×H.</param>
    /// <param name="w2">Weights, H×10.</param>
    /// <param name="b2">Biases, 10.</param>
    /// <param name="units">Hidden units H.</param>
    /// <param name="outputs">o, B×10; written.</param>
    public static void Tuned(
        ArrayView<float> hidden, ArrayView<float> w2, ArrayView<float> b2, int units, ArrayView<float> outputs)
    {
        ArrayView<float> partial = SharedMemory.Allocate<float>(GroupSize);
        int thread = Group.IdxX;
        int image = Grid.IdxX;
        partial[thread] = PartialSum(thread, image * units, hidden, w2, units);
        Group.Barrier();
        if (thread < Mnist.Digits)
            outputs[image * Mnist.Digits + thread] = Output(thread, partial, b2);
    }

    /// <summary>The launch of <see cref="Tuned"/>: a group an image.</summary>
    /// <param name="images">Number of images.</param>
    public static KernelConfig TunedLaunch(int images) => new(new Index1D(images), new Index1D(GroupSize));

    /// <summary>A thread's part of h·W2: every eighth hidden unit, for the output that is the thread's lane.</summary>
    internal static float PartialSum(
        int thread, int firstHidden, ArrayView<float> hidden, ArrayView<float> w2, int units)
    {
        int digit = thread % Lanes;
        float sum = 0;
        if (digit < Mnist.Digits)
            for (int j = thread / Lanes; j < units; j += Slices)
                sum += hidden[firstHidden + j] * w2[j * Mnist.Digits + digit];
        return sum;
    }

    /// <summary>An output of the image: its parts, added in a fixed order, the bias and the sigmoid.</summary>
    internal static float Output(int digit, ArrayView<float> partial, ArrayView<float> b2)
    {
        float z = b2[digit];
        for (int slice = 0; slice < Slices; slice++)
            z += partial[slice * Lanes + digit];
        return Sigmoid.Of(z);
    }
}
