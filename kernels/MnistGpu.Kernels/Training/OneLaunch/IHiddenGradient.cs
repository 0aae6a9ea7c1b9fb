using ILGPU;

namespace MnistGpu.Kernels.Training.OneLaunch;

/// <summary>
/// How a thread computes the gradient of W1, and the pixels that it has requested for it. The epoch in one launch is compiled
/// for one of two ways: <see cref="FourWords"/> skips the pixels that are 0, and <see cref="PixelFragments"/> multiplies all on
/// tensor cores.
/// </summary>
/// <typeparam name="TSelf">The type itself.</typeparam>
internal interface IHiddenGradient<TSelf>
    where TSelf : struct, IHiddenGradient<TSelf>
{
    /// <summary>Called once, when the kernel has allocated its shared memory.</summary>
    static abstract void DeclareRegisters();

    /// <summary>Requests pixels before the outputs are computed.</summary>
    /// <param name="images">The training images.</param>
    /// <param name="words"><see cref="GroupMemory.Words"/>.</param>
    static abstract TSelf RequestBeforeOutputs(Images images, ArrayView<int> words);

    /// <summary>Requests more pixels when the sums for the outputs no longer need registers, before the deltas are computed.</summary>
    /// <param name="images">The training images.</param>
    /// <param name="words"><see cref="GroupMemory.Words"/>.</param>
    TSelf RequestBeforeDeltas(Images images, ArrayView<int> words);

    /// <summary>Stores a δh where <see cref="Change"/> will find it.</summary>
    /// <param name="delta">δh; 0 beyond the batch.</param>
    /// <param name="image">The image's place in the batch.</param>
    /// <param name="unit">The unit's place in the group.</param>
    /// <param name="shared">The group's memory.</param>
    static abstract void StoreDelta(float delta, int image, int unit, GroupMemory shared);

    /// <summary>
    /// −η times the gradients of the weights from pixel <c>Group.IdxX</c> to the group's units. All threads of a warp must call
    /// this together; those that have no pixel get anything.
    /// </summary>
    /// <param name="images">The training images.</param>
    /// <param name="count">Images in the batch.</param>
    /// <param name="rate">η.</param>
    /// <param name="shared">The group's memory.</param>
    Float4 Change(Images images, int count, float rate, GroupMemory shared);
}
