using System.Runtime.Intrinsics;
using MnistGpu.Network;

namespace MnistGpu.Engines.Simd;

/// <summary>
/// The network and what a thread does with it in a step, whatever the width of the vectors
/// (<see cref="VectorNetwork{TVector, TSimd}"/>).
/// </summary>
/// <remarks>
/// No result depends on the number of threads. The sum over the pixels is split at fixed places: chunk c belongs to
/// part c mod 8, and the eight parts are added up in pairs, ((0+4)+(2+6))+((1+5)+(3+7)), so that each of 1, 2, 4 or 8
/// threads owns a whole subtree. Every other sum is taken by one thread, in the order of the images.
/// </remarks>
internal abstract unsafe class SimdNetwork
{
    /// <summary>Parts of the sum over the pixels, and threads that can share it, at most.</summary>
    public const int Parts = 8;

    /// <summary>From one image's outputs to the next: a cache line.</summary>
    public const int OutputStride = 16;

    /// <summary>The network with the widest vectors that the CPU has.</summary>
    public static SimdNetwork Create(int hidden) =>
        Vector512.IsHardwareAccelerated ? new VectorNetwork<Vector512<float>, Simd512>(hidden)
        : Vector256.IsHardwareAccelerated ? new VectorNetwork<Vector256<float>, Simd256>(hidden)
        : Vector128.IsHardwareAccelerated ? new VectorNetwork<Vector128<float>, Simd128>(hidden)
        : new VectorNetwork<float, Scalar>(hidden);

    /// <summary>Floats in a vector on this CPU.</summary>
    public static int Lanes =>
        Vector512.IsHardwareAccelerated ? 16
        : Vector256.IsHardwareAccelerated ? 8
        : Vector128.IsHardwareAccelerated ? 4
        : 1;

    /// <summary>Hidden units, with those that fill the last vector.</summary>
    public abstract int PaddedHidden { get; }

    /// <summary>Takes over parameters.</summary>
    public abstract void Set(NetworkParameters parameters);

    /// <summary>A copy of the parameters.</summary>
    public abstract NetworkParameters Get();

    /// <summary>Makes room for the step of batches of more than <see cref="BatchPixels.MaxImages"/> images.</summary>
    public abstract void PrepareLargeBatches();

    /// <summary>X·W1 over a thread's share of the pixels.</summary>
    /// <param name="workspace">The thread's pixels; the sums are left in its first buffer.</param>
    /// <param name="images">Images of the batch.</param>
    /// <param name="thread">The thread.</param>
    /// <param name="threads">Threads: 1, 2, 4 or 8.</param>
    public abstract void SumPixels(Workspace workspace, int images, int thread, int threads);

    /// <summary>h = σ(X·W1 + b1) for some images of the batch.</summary>
    /// <param name="sums">The first buffer of each thread.</param>
    /// <param name="threads">Threads: 1, 2, 4 or 8.</param>
    /// <param name="first">The first image.</param>
    /// <param name="end">The image after the last.</param>
    /// <param name="hidden">Where h goes.</param>
    public abstract void Hidden(float** sums, int threads, int first, int end, float* hidden);

    /// <summary>o = σ(h·W2 + b2) for some images of the batch.</summary>
    public abstract void Outputs(float* hidden, int first, int end, float* outputs);

    /// <summary>−η·δo and −η·δh for some images of the batch, and the loss of each.</summary>
    /// <param name="hidden">h.</param>
    /// <param name="first">The first image.</param>
    /// <param name="end">The image after the last.</param>
    /// <param name="outputs">o; −η·δo takes its place.</param>
    /// <param name="labels">The digit of each image of the batch.</param>
    /// <param name="learningRate">η.</param>
    /// <param name="deltas">Where −η·δh goes.</param>
    /// <param name="losses">Where the losses go.</param>
    /// <returns>How many of the images have their largest output at their label.</returns>
    public abstract int Deltas(
        float* hidden, int first, int end, float* outputs, byte* labels, float learningRate, float* deltas,
        float* losses);

    /// <summary>A thread's share of the step: its rows of W1, its hidden units' W2 and b1, and b2 if it is 0.</summary>
    /// <param name="workspace">The thread's pixels.</param>
    /// <param name="images">Images of the batch.</param>
    /// <param name="thread">The thread.</param>
    /// <param name="threads">Threads: 1, 2, 4 or 8.</param>
    /// <param name="hidden">h.</param>
    /// <param name="outputDeltas">−η·δo.</param>
    /// <param name="deltas">−η·δh.</param>
    /// <param name="part">Which part of its batch this is: whole batches go straight to the weights.</param>
    public abstract void Update(
        Workspace workspace, int images, int thread, int threads,
        float* hidden, float* outputDeltas, float* deltas, BatchPart part);

    /// <summary>What a thread needs for itself.</summary>
    public sealed class Workspace(int paddedHidden)
    {
        /// <summary>One buffer for each level of the tree of parts.</summary>
        private readonly AlignedBuffer<float> _sums = new(4L * BatchPixels.MaxImages * paddedHidden);

        public BatchPixels Pixels { get; } = new();

        /// <summary>images × outputs, for a thread that predicts by itself.</summary>
        public AlignedBuffer<float> Outputs { get; } = new(BatchPixels.MaxImages * OutputStride);

        /// <summary>images × hidden units, tile by tile.</summary>
        public float* Sums(int level) => _sums.Pointer + (long)level * BatchPixels.MaxImages * paddedHidden;
    }
}
