using ILGPU;

namespace MnistGpu.Kernels.Training.OneLaunch;

/// <summary>
/// The last part of a step: W1 −= η·Xᵀ·δh, b1 −= η·Σδh, W2 −= η·hᵀ·δo and b2 −= η·Σδo of the group's units, and momentum.
/// The first threads have the weights of W1, and at the same time the last ones have the rows of W2ᵀ and b1. Each parameter
/// belongs to one thread, which moves it once.
/// </summary>
internal static class ColumnUpdate
{
    private const int MaxBatch = EpochInOneLaunch.MaxBatch;
    private const int ThreadsPerImage = EpochInOneLaunch.ThreadsPerImage;

    /// <summary>Threads that update W1: whole warps, the last of which has work for half of its lanes.</summary>
    private const int WeightThreads = 800;

    /// <summary>The first of the threads that update the eleven rows of W2ᵀ and b1, sixteen per row.</summary>
    private const int FirstRowThread = EpochInOneLaunch.GroupSize - 12 * ThreadsPerImage;

    /// <summary>The first image whose pixels a thread looks at.</summary>
    public static int FirstImage => Group.IdxX & (FourWords.Stride - 1);

    /// <summary>The row of W2ᵀ, or b1 as row 10, that a thread moves; −1 if it moves none.</summary>
    public static int RowOfThread
    {
        get
        {
            int thread = Group.IdxX - FirstRowThread;
            int row = thread / ThreadsPerImage;
            return thread >= 0 && thread == row * ThreadsPerImage && row <= Mnist.Outputs ? row : -1;
        }
    }

    /// <summary>Updates.</summary>
    /// <param name="images">The training images.</param>
    /// <param name="words">Pixels of the thread's first four images of the batch.</param>
    /// <param name="count">Images in the batch.</param>
    /// <param name="steps">The rates.</param>
    /// <param name="step">The index of the step.</param>
    /// <param name="shared">The group's memory; its parameters are updated.</param>
    /// <param name="velocity">Updated if there is momentum.</param>
    public static void Compute(
        Images images, FourWords words, int count, EpochInOneLaunch.Steps steps, int step, GroupMemory shared,
        ref ThreadVelocity velocity)
    {
        float rate = steps.Rates[steps.First + step];
        if (Group.IdxX < WeightThreads)
            UpdateHiddenWeights(images, words, count, rate, steps.Momentum, shared, ref velocity);
        else if (Group.IdxX >= FirstRowThread)
            UpdateRow(count, rate, steps, shared, ref velocity);
    }

    /// <summary>
    /// Four neighbouring threads have the same four pixels, a word of every image, and each has a quarter of the images. They
    /// exchange their sums, so that each ends up with the gradients of one pixel.
    /// </summary>
    private static void UpdateHiddenWeights(
        Images images, FourWords words, int count, float rate, float momentum, GroupMemory shared,
        ref ThreadVelocity velocity)
    {
        var gradient = new WordGradient();
        int last = (count - 1 & ~(FourWords.Span - 1)) + FirstImage;
        for (int i = FirstImage; i < count; i += FourWords.Span)
        {
            // The next words are loaded while these are multiplied; after the last ones, they are loaded again.
            var next = FourWords.Load(images, shared.Words, IntrinsicMath.Min(i + FourWords.Span, last));
            gradient.Add(words, shared.HiddenDelta.SubView(i));
            words = next;
        }
        Float4 sum = gradient.OfThreadsPixel();
        if (Group.IdxX < Mnist.Inputs)
            StepRates.Move(ref shared.W1[Group.IdxX], ref velocity.Weights, -rate * Mnist.PixelScale * sum, momentum);
    }

    /// <summary>Sixteen threads share a row of W2ᵀ, or b1, and take turns at the images.</summary>
    private static void UpdateRow(
        int count, float rate, EpochInOneLaunch.Steps steps, GroupMemory shared, ref ThreadVelocity velocity)
    {
        int k = (Group.IdxX - FirstRowThread) / ThreadsPerImage;
        Float4 sum = default;
        float coefficientSum = 0;
        for (int i = Group.IdxX & (ThreadsPerImage - 1); i < count; i += ThreadsPerImage)
        {
            float coefficient = k < Mnist.Outputs ? shared.OutputDelta[k * MaxBatch + i] : 1;
            sum += coefficient * (k < Mnist.Outputs ? HiddenActivations(i, shared) : shared.HiddenDelta[i]);
            coefficientSum += coefficient;
        }
        sum = new Float4(WarpSum.OfImage(sum.X), WarpSum.OfImage(sum.Y), WarpSum.OfImage(sum.Z), WarpSum.OfImage(sum.W));
        coefficientSum = WarpSum.OfImage(coefficientSum);
        if (RowOfThread < 0)
            return;
        float change = k < Mnist.Outputs ? -rate * steps.OutputRatio : -rate;
        StepRates.Move(ref shared.W2[k], ref velocity.Weights, change * sum, steps.Momentum);
        if (k < Mnist.Outputs)
            StepRates.Move(ref shared.B2[k], ref velocity.Bias, change * coefficientSum, steps.Momentum);
    }

    private static Float4 HiddenActivations(int i, GroupMemory shared) =>
        new(shared.H[i], shared.H[MaxBatch + i], shared.H[2 * MaxBatch + i], shared.H[3 * MaxBatch + i]);
}
