using ILGPU;

namespace MnistGpu.Kernels.Training.OneLaunch;

/// <summary>The image whose h a thread computes, together with fifteen others.</summary>
/// <param name="Index">Its index among the training images.</param>
/// <param name="FirstLit">The first of its lit pixels that belongs to this thread, as does every sixteenth after it.</param>
/// <param name="LitEnd">Where its lit pixels end.</param>
internal readonly record struct ThreadImage(int Index, int FirstLit, int LitEnd)
{
    /// <summary>The thread's image in a batch; the last one if the batch has fewer.</summary>
    public static ThreadImage Of(Images images, Batch batch)
    {
        int index = batch[IntrinsicMath.Min(Group.IdxX / EpochInOneLaunch.ThreadsPerImage, batch.Count - 1)];
        int part = Group.IdxX & (EpochInOneLaunch.ThreadsPerImage - 1);
        return new ThreadImage(index, images.LitStarts[index] + part, images.LitStarts[index + 1]);
    }
}
