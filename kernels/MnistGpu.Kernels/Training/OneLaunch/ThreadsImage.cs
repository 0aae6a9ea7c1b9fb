using ILGPU;

namespace MnistGpu.Kernels.Training.OneLaunch;

/// <summary>The image that a thread computes h of, with fifteen others.</summary>
/// <param name="Index">Which of the training images.</param>
/// <param name="FirstLit">The first of its lit pixels that is this thread's; every sixteenth after it is too.</param>
/// <param name="LitEnd">Where its lit pixels end.</param>
internal readonly record struct ThreadsImage(int Index, int FirstLit, int LitEnd)
{
    /// <summary>The thread's image of a batch; the batch's last one where it has fewer.</summary>
    public static ThreadsImage Of(Images images, Batch batch)
    {
        int index = batch[IntrinsicMath.Min(Group.IdxX / EpochInOneLaunch.ThreadsPerImage, batch.Count - 1)];
        int part = Group.IdxX & (EpochInOneLaunch.ThreadsPerImage - 1);
        return new ThreadsImage(index, images.LitStarts[index] + part, images.LitStarts[index + 1]);
    }
}
