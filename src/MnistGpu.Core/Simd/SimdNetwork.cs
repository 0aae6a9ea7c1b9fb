using System.Numerics;
using System.Runtime.Intrinsics;
using MnistGpu.Core.Network;

namespace MnistGpu.Core.Simd;

/// <summary>
/// The network, cut in two ways for the threads to share, and what a thread does with its part in a step, whatever the
/// width of the vectors (<see cref="VectorNetwork{TVector, TSimd}"/>). The pixels are cut in two halves, and with them
/// W1: each half of its rows belongs to one thread, forward and in the update, and stays in its core's cache. For more
/// than two threads the hidden units are cut too, in shares. Of W2 and the biases, which are small, each half has a replica
/// that takes the same steps: the sum of the steps of both halves of the images.
/// </summary>
/// <remarks>
/// No result depends on the number of threads. A hidden unit's sum is that of its two halves, whoever takes them, each in
/// the order of the pixels. The outputs' sums over the hidden units are cut in halves three times, whatever the number
/// of shares, and the eight parts are added up in pairs, so that each of 1, 2, 4 or 8 shares is a whole subtree. The
/// steps of W2 and the biases are the sums of those of two halves of the images.
/// Everything else is computed by one thread in one order.
/// </remarks>
internal abstract unsafe class SimdNetwork
{
    /// <summary>Halves of the pixels and of a pass's images.</summary>
    public const int Halves = 2;

    /// <summary>Threads at most.</summary>
    public const int MaxThreads = 8;

    /// <summary>From one image's outputs to the next: a cache line.</summary>
    public const int OutputStride = 16;

    /// <summary>Floats in a vector on this CPU.</summary>
    public static int Lanes =>
        Vector512.IsHardwareAccelerated ? 16
        : Vector256.IsHardwareAccelerated ? 8
        : Vector128.IsHardwareAccelerated ? 4
        : 1;

    /// <summary>Threads that have something to do: 1, 2, 4 or 8.</summary>
    public abstract int Threads { get; }

    /// <summary>
    /// Shares of the hidden units: one for two threads, and no more than there are vectors of hidden units.
    /// </summary>
    public abstract int Shares { get; }

    /// <summary>Hidden units, with those that fill the last vector.</summary>
    public abstract int PaddedHidden { get; }

    /// <summary>The network with the widest vectors that the CPU has.</summary>
    /// <param name="hidden">Hidden units.</param>
    /// <param name="threads">Threads to share them among: 1, 2, 4 or 8.</param>
    public static SimdNetwork Create(int hidden, int threads) =>
        Vector512.IsHardwareAccelerated ? new VectorNetwork<Vector512<float>, Simd512>(hidden, threads)
        : Vector256.IsHardwareAccelerated ? new VectorNetwork<Vector256<float>, Simd256>(hidden, threads)
        : Vector128.IsHardwareAccelerated ? new VectorNetwork<Vector128<float>, Simd128>(hidden, threads)
        : new VectorNetwork<float, Scalar>(hidden, threads);

    /// <summary>The largest number of threads, among so many, that the work can be split for.</summary>
    public static int ThreadsFor(int threads) => 1 << BitOperations.Log2((uint)Math.Min(threads, MaxThreads));

    /// <summary>A half of some images: where it begins, and how many it has.</summary>
    public static (int First, int Count) ImagesOf(int half, int images) =>
        half == 0 ? (0, (images + 1) / 2) : ((images + 1) / 2, images / 2);

    /// <summary>Takes over parameters.</summary>
    public abstract void Set(NetworkParameters parameters);

    /// <summary>A copy of the parameters.</summary>
    public abstract NetworkParameters Get();

    /// <summary>Makes room for the step of batches of more than <see cref="BatchPixels.MaxImages"/> images.</summary>
    public abstract void PrepareLargeBatches();

    /// <summary>
    /// Makes all replicas of W2 and the biases equal to the first, which is the one that <see cref="Set"/>, <see cref="Get"/> and
    /// <see cref="UpdateOutputLayer"/> mean, and the rows of W2 too.
    /// </summary>
    public abstract void EqualizeReplicas();

    /// <summary>Hands a share's rows of some images to another thread.</summary>
    /// <param name="share">The share.</param>
    /// <param name="first">The first image.</param>
    /// <param name="images">Images.</param>
    /// <param name="from">64 × hidden units, share by share.</param>
    /// <param name="to">The other thread's array, of the same layout.</param>
    public abstract void SendRows(int share, int first, int images, float* from, float* to);

    /// <summary>One half of X·W1 for a share's hidden units: that of half of the pixels.</summary>
    /// <param name="share">The share.</param>
    /// <param name="half">The half.</param>
    /// <param name="pixels">The batch.</param>
    /// <param name="images">Images of the batch.</param>
    /// <param name="sums">Where the half's sums go: 64 × hidden units, share by share.</param>
    public abstract void SumHidden(int share, int half, BatchPixels pixels, int images, float* sums);

    /// <summary>z = X·W1 + b1, from the halves of X·W1.</summary>
    /// <param name="share">The share.</param>
    /// <param name="replica">The thread's replica of b1.</param>
    /// <param name="first">The first image.</param>
    /// <param name="images">Images.</param>
    /// <param name="sums">The first half's sums.</param>
    /// <param name="otherSums">The second half's.</param>
    /// <param name="hidden">Where z goes: 64 × hidden units, share by share.</param>
    public abstract void JoinHalves(
        int share, int replica, int first, int images, float* sums, float* otherSums, float* hidden);

    /// <summary>
    /// Brings sums up to date that were taken with the weights of some steps ago: adds to those of a step's images what
    /// the steps of earlier images have changed (<see cref="Overlaps"/>).
    /// </summary>
    /// <param name="share">The share.</param>
    /// <param name="first">The step's first image, and so the number of earlier ones.</param>
    /// <param name="images">Images of the step.</param>
    /// <param name="overlaps">Of all images with the earlier ones.</param>
    /// <param name="deltas">−η·δh of the earlier images.</param>
    /// <param name="hidden">The sums.</param>
    public abstract void CatchUp(int share, int first, int images, Overlaps overlaps, float* deltas, float* hidden);

    /// <summary>h = σ(z), in place.</summary>
    /// <param name="share">The share.</param>
    /// <param name="first">The first image.</param>
    /// <param name="images">Images.</param>
    /// <param name="hidden">z; h takes its place.</param>
    public abstract void Activate(int share, int first, int images, float* hidden);

    /// <summary>The share's part of h·W2.</summary>
    /// <param name="share">The share.</param>
    /// <param name="replica">The thread's replica of W2.</param>
    /// <param name="first">The first image.</param>
    /// <param name="images">Images.</param>
    /// <param name="hidden">h.</param>
    /// <param name="sums">Where the sums of these images go: images × 16.</param>
    public abstract void SumOutputs(int share, int replica, int first, int images, float* hidden, float* sums);

    /// <summary>h·W2 of all shares, from W2 itself and not from its rows: quicker for a few images.</summary>
    /// <param name="first">The first image.</param>
    /// <param name="images">Images.</param>
    /// <param name="hidden">h.</param>
    /// <param name="sums">Where the sums go: images × 16.</param>
    public abstract void SumAllOutputs(int first, int images, float* hidden, float* sums);

    /// <summary>o = σ(h·W2 + b2).</summary>
    /// <param name="share">The share of the thread that calls: each has its own b2.</param>
    /// <param name="replica">The thread's replica of it.</param>
    /// <param name="images">Images.</param>
    /// <param name="sums">h·W2 in parts, <paramref name="partStride"/> floats apart.</param>
    /// <param name="parts">1, 2, 4 or 8.</param>
    /// <param name="partStride">From part to part.</param>
    /// <param name="outputs">Where o goes: images × 16.</param>
    public abstract void Outputs(
        int share, int replica, int images, float* sums, int parts, nint partStride, float* outputs);

    /// <summary>−η·δo.</summary>
    /// <param name="images">Images.</param>
    /// <param name="outputs">o; −η·δo takes its place.</param>
    /// <param name="labels">The digit of each image.</param>
    /// <param name="learningRate">η.</param>
    /// <param name="loss">The images' losses are added to it.</param>
    /// <returns>How many of the images have their largest output at their label.</returns>
    public abstract int OutputDeltas(int images, float* outputs, byte* labels, float learningRate, ref double loss);

    /// <summary>−η·δh of a share's hidden units, δh = (δo·W2ᵀ) ∘ h ∘ (1 − h), with the W2 from before the step.</summary>
    /// <param name="share">The share.</param>
    /// <param name="replica">The thread's replica of W2.</param>
    /// <param name="first">The first image.</param>
    /// <param name="images">Images.</param>
    /// <param name="hidden">h.</param>
    /// <param name="outputDeltas">−η·δo of these images.</param>
    /// <param name="deltas">Where −η·δh goes: 64 × hidden units, share by share.</param>
    public abstract void HiddenDeltas(
        int share, int replica, int first, int images, float* hidden, float* outputDeltas, float* deltas);

    /// <summary>
    /// Takes the step of W2 and the biases in the first replica. Before others than <see cref="SumAllOutputs"/> and
    /// <see cref="HiddenDeltas"/> read it, <see cref="EqualizeReplicas"/> must come.
    /// </summary>
    /// <param name="share">The share.</param>
    /// <param name="first">The first image.</param>
    /// <param name="images">Images.</param>
    /// <param name="hidden">h.</param>
    /// <param name="outputDeltas">−η·δo of these images.</param>
    /// <param name="deltas">−η·δh.</param>
    public abstract void UpdateOutputLayer(
        int share, int first, int images, float* hidden, float* outputDeltas, float* deltas);

    /// <summary>Adds up the step of W2 and the biases over half of the images.</summary>
    /// <param name="share">The share.</param>
    /// <param name="half">The half.</param>
    /// <param name="first">The first image.</param>
    /// <param name="images">Images.</param>
    /// <param name="hidden">h.</param>
    /// <param name="outputDeltas">−η·δo of these images.</param>
    /// <param name="deltas">−η·δh.</param>
    /// <param name="isFirst">Whether the step begins here, at 0.</param>
    public abstract void SumStep(
        int share, int half, int first, int images, float* hidden, float* outputDeltas, float* deltas, bool isFirst);

    /// <summary>Hands the step of the thread's half of the images to the thread of the other half.</summary>
    /// <param name="share">The share.</param>
    /// <param name="half">The half.</param>
    public abstract void SendStep(int share, int half);

    /// <summary>Takes the steps of both halves of the images.</summary>
    /// <param name="share">The share.</param>
    /// <param name="replica">The replica that takes them.</param>
    /// <param name="sent">Whether that of the other half was sent by another thread.</param>
    public abstract void TakeStep(int share, int replica, bool sent);

    /// <summary>The step of a share's W1 in the rows of half of the pixels.</summary>
    /// <param name="share">The share.</param>
    /// <param name="half">The half.</param>
    /// <param name="pixels">The images.</param>
    /// <param name="images">How many.</param>
    /// <param name="deltas">−η·δh of each of them.</param>
    /// <param name="part">Which part of its batch this is.</param>
    /// <param name="isLast">Whether no other share needs these pixels: they are made 0.</param>
    public abstract void UpdateHiddenLayer(
        int share, int half, BatchPixels pixels, int images, float* deltas, BatchPart part, bool isLast);
}
