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
    /// <param name="pixels">The first pixels that the thread needs.</param>
    /// <param name="count">Images in the batch.</param>
    /// <param name="steps">The rates.</param>
    /// <param name="step">The index of the step.</param>
    /// <param name="shared">The group's memory; its parameters are updated.</param>
    /// <param name="velocity">Updated if there is momentum.</param>
    public static void Compute<TGradient>(
        Images images, TGradient pixels, int count, EpochInOneLaunch.Steps steps, int step, GroupMemory shared,
        ref ThreadVelocity velocity)
        where TGradient : struct, IHiddenGradient<TGradient>
    {
        float rate = steps.Rates[steps.First + step];
        if (Group.IdxX < WeightThreads)
        {
            Float4 change = pixels.Change(images, count, rate, shared);
            if (Group.IdxX < Mnist.Inputs)
                StepRates.Move(ref shared.W1[Group.IdxX], ref velocity.Weights, change, steps.Momentum);
        }
        else if (Group.IdxX >= FirstRowThread)
            UpdateRow(count, rate, steps, shared, ref velocity);
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
