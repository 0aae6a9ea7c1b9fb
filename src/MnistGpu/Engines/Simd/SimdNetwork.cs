using System.Numerics;
using System.Runtime.Intrinsics;
using MnistGpu.Network;

namespace MnistGpu.Engines.Simd;

/// <summary>
/// The network, cut into shares of hidden units, one for each thread, and what a thread does with its share in a step,
/// whatever the width of the vectors (<see cref="VectorNetwork{TVector, TSimd}"/>).
/// </summary>
/// <remarks>
/// No result depends on the number of shares. All sums of a hidden unit are taken by the thread that owns it, in the
/// order of the pixels and images. What is left are the outputs' sums over the hidden units: these are cut in halves
/// three times, whatever the number of shares, and the eight parts are added up in pairs, so that each of 1, 2, 4 or 8
/// shares is a whole subtree.
/// </remarks>
internal abstract unsafe class SimdNetwork
{
    /// <summary>Parts of the outputs' sums, and so shares at most.</summary>
    public const int MaxShares = 8;

    /// <summary>From one image's outputs to the next: a cache line.</summary>
    public const int OutputStride = 16;

    /// <summary>Floats in a vector on this CPU.</summary>
    public static int Lanes =>
        Vector512.IsHardwareAccelerated ? 16
        : Vector256.IsHardwareAccelerated ? 8
        : Vector128.IsHardwareAccelerated ? 4
        : 1;

    /// <summary>Shares: 1, 2, 4 or 8, and no more than there are vectors of hidden units.</summary>
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

    /// <summary>The largest number of shares that a number of threads can work on.</summary>
    public static int SharesFor(int threads) => 1 << BitOperations.Log2((uint)Math.Min(threads, MaxShares));

    /// <summary>Takes over parameters.</summary>
    public abstract void Set(NetworkParameters parameters);

    /// <summary>A copy of the parameters.</summary>
    public abstract NetworkParameters Get();

    /// <summary>Makes room for the step of batches of more than <see cref="BatchPixels.MaxImages"/> images.</summary>
    public abstract void PrepareLargeBatches();

    /// <summary>X·W1 + b1 for a share's hidden units.</summary>
    /// <param name="share">The share.</param>
    /// <param name="pixels">The batch.</param>
    /// <param name="images">Images of the batch.</param>
    /// <param name="hidden">Where the sums go: 64 × hidden units, share by share.</param>
    public abstract void SumHidden(int share, BatchPixels pixels, int images, float* hidden);

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
    /// <param name="first">The first image.</param>
    /// <param name="images">Images.</param>
    /// <param name="hidden">h.</param>
    /// <param name="sums">Where the sums go: images × 16.</param>
    public abstract void SumOutputs(int share, int first, int images, float* hidden, float* sums);

    /// <summary>o = σ(h·W2 + b2), from the sums of all shares.</summary>
    /// <param name="share">The share of the thread that calls: each has its own b2.</param>
    /// <param name="images">Images of the batch.</param>
    /// <param name="sums">The sums of each share, <paramref name="sumsStride"/> floats apart.</param>
    /// <param name="sumsStride">From share to share.</param>
    /// <param name="outputs">Where o goes: images × 16.</param>
    public abstract void Outputs(int share, int images, float* sums, nint sumsStride, float* outputs);

    /// <summary>−η·δo.</summary>
    /// <param name="images">Images of the batch.</param>
    /// <param name="outputs">o; −η·δo takes its place.</param>
    /// <param name="labels">The digit of each image of the batch.</param>
    /// <param name="learningRate">η.</param>
    /// <param name="loss">The images' losses are added to it.</param>
    /// <returns>How many of the images have their largest output at their label.</returns>
    public abstract int OutputDeltas(int images, float* outputs, byte* labels, float learningRate, ref double loss);

    /// <summary>
    /// A share's part of the step but for W1: its b1, its rows of W2, and its own copy of b2. Finds its −η·δh.
    /// </summary>
    /// <param name="share">The share.</param>
    /// <param name="first">The step's first image.</param>
    /// <param name="images">Images of the step.</param>
    /// <param name="hidden">h.</param>
    /// <param name="outputDeltas">−η·δo of these images.</param>
    /// <param name="deltas">Where −η·δh goes.</param>
    public abstract void UpdateOutputLayer(
        int share, int first, int images, float* hidden, float* outputDeltas, float* deltas);

    /// <summary>The steps of a share's rows of W1.</summary>
    /// <param name="share">The share.</param>
    /// <param name="pixels">The images.</param>
    /// <param name="images">How many.</param>
    /// <param name="deltas">−η·δh of each of them.</param>
    public abstract void UpdateHiddenLayer(int share, BatchPixels pixels, int images, float* deltas);

    /// <summary>A share's part of the step: its rows of W1, its b1, its rows of W2, and its own copy of b2.</summary>
    /// <param name="share">The share.</param>
    /// <param name="pixels">The batch.</param>
    /// <param name="images">Images of the batch.</param>
    /// <param name="hidden">h.</param>
    /// <param name="outputDeltas">−η·δo.</param>
    /// <param name="deltas">Room for −η·δh.</param>
    /// <param name="part">Which part of its batch this is: whole batches go straight to the weights.</param>
    public abstract void Update(
        int share, BatchPixels pixels, int images, float* hidden, float* outputDeltas, float* deltas, BatchPart part);
}
