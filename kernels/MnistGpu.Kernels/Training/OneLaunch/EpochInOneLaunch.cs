using ILGPU;
using ILGPU.Runtime;

namespace MnistGpu.Kernels.Training.OneLaunch;

/// <summary>
/// Many training steps in one launch. Three launches per step cost some microseconds each, while the arithmetic of a small
/// network's step takes less, so an epoch would mostly consist of launching. Here one grid stays for all steps, and what it
/// works on stays on chip.
/// <para>
/// A group owns four hidden units: their columns of W1 (12.5 KB) and W2ᵀ and their biases are in its shared memory, and
/// their velocities in registers. A step: (1) <see cref="HiddenUnits"/>, h of its units for all images of the batch, which
/// goes to memory with its columns of W2ᵀ; (2) all groups meet; (3) <see cref="OutputsAndDeltas"/>, which every group
/// computes for itself, so that they need not meet again; (4) <see cref="ColumnUpdate"/>. (1) writes to two buffers in turn:
/// no group can be more than one step ahead, so none writes where another still reads.
/// </para>
/// <para>
/// A multiprocessor runs one group, so nothing else fills the time that a load takes, half a microsecond. So a group has as
/// many threads as possible, and loads are issued long before their results are needed: most of a step's lit pixels are
/// requested in the step before, and the pixels for the update before the outputs are computed.
/// </para>
/// <para>
/// The groups meet by counting, which terminates only if all of them are resident at once: the host makes sure that the grid
/// is no larger than that. CUDA only: OpenCL guarantees neither progress of all groups at the same time nor shuffles.
/// </para>
/// </summary>
public static class EpochInOneLaunch
{
    /// <summary>Threads per group: sixteen per image.</summary>
    public const int GroupSize = ThreadsPerImage * MaxBatch;

    /// <summary>The maximum number of images per batch.</summary>
    public const int MaxBatch = 64;

    /// <summary>Hidden units per group: one <see cref="Float4"/>.</summary>
    public const int UnitsPerGroup = 4;

    /// <summary>Threads that share an image: half a warp.</summary>
    internal const int ThreadsPerImage = 16;

    /// <summary>Words of four pixels per image.</summary>
    internal const int WordsPerImage = Mnist.Inputs / 4;

    /// <summary>How to compile the kernel: with no more registers per thread than there are for this many threads.</summary>
    public static KernelSpecialization Specialization => new(GroupSize, null);

    /// <summary>The launch: one group for every four hidden units.</summary>
    public static KernelConfig Launch(int hidden) => new(new Index1D(hidden / UnitsPerGroup), new Index1D(GroupSize));

    /// <summary>Trains.</summary>
    /// <param name="images">The training images.</param>
    /// <param name="steps">The steps of the epoch to do.</param>
    /// <param name="network">Read at the beginning and written at the end.</param>
    /// <param name="exchange">Memory through which the groups exchange data.</param>
    /// <param name="losses">The loss of each image of the epoch, in its order; those of the steps are written.</param>
    /// <param name="hits">One number, to which images classified correctly are added.</param>
    public static void Tuned(
        Images images, Steps steps, Network network, Exchange exchange, Vector losses, ArrayView<int> hits) =>
        Train<FourWords>(images, steps, network, exchange, losses, hits);

    /// <summary>
    /// Trains with the update of W1 on tensor cores, which NVIDIA GPUs of compute capability 8.0 and higher can do; it is chosen
    /// only where it is expected to be faster. The parameters are those of <see cref="Tuned"/>.
    /// </summary>
    public static void OnTensorCores(
        Images images, Steps steps, Network network, Exchange exchange, Vector losses, ArrayView<int> hits) =>
        Train<PixelFragments>(images, steps, network, exchange, losses, hits);

    private static void Train<TGradient>(
        Images images, Steps steps, Network network, Exchange exchange, Vector losses, ArrayView<int> hits)
        where TGradient : struct, IHiddenGradient<TGradient>
    {
        GroupMemory shared = GroupMemory.Allocate();
        TGradient.DeclareRegisters();
        shared.Load(network);
        ThreadVelocity velocity = steps.Momentum != 0 ? ThreadVelocity.Load(steps.Velocity) : default;
        var image = ThreadImage.Of(images, steps.Batch(0));
        var lit = EightLitPixels.Load(images.Lit, image.FirstLit, image.LitEnd);
        Group.Barrier();

        for (int step = 0; step < steps.Count; step++)
        {
            Batch batch = steps.Batch(step);
            // Not step % 2: a division by a constant costs thirty instructions in a loop.
            int buffer = step & 1;
            HiddenUnits.Compute(images, image, lit, buffer, exchange, shared);
            Meet(exchange, (step + 1) * Grid.DimX, shared.HasFailed);
            if (shared.HasFailed[0] != 0)
                return;
            image = ThreadImage.Of(images, steps.Batch(step + 1));
            TGradient pixels = TGradient.RequestBeforeOutputs(images, shared.Words);
            OutputsAndDeltas.SumProducts(buffer, exchange, shared);
            pixels = pixels.RequestBeforeDeltas(images, shared.Words);
            OutputsAndDeltas.Compute<TGradient>(batch, shared, losses, hits);
            lit = EightLitPixels.Load(images.Lit, image.FirstLit, image.LitEnd);
            ColumnUpdate.Compute(images, pixels, batch.Count, steps, step, shared, ref velocity);
            Group.Barrier();
        }
        shared.Store(network);
        if (steps.Momentum != 0)
            velocity.Store(steps.Velocity);
    }

    /// <summary>
    /// Waits until all groups have arrived. The first thread of each counts it, between two fences: what the group wrote before
    /// is visible to every group that sees the count, and what it reads afterwards is not older.
    /// </summary>
    /// <param name="exchange">Where arrivals are counted.</param>
    /// <param name="arrivals">How many arrivals to wait for, since the launch began.</param>
    /// <param name="hasFailed">Shared memory: not 0 if a group gave up; written.</param>
    private static void Meet(Exchange exchange, int arrivals, ArrayView<int> hasFailed)
    {
        Group.Barrier();
        if (Group.IdxX == 0)
        {
            MemoryFence.DeviceLevel();
            Atomic.Add(ref exchange.Meeting[0], 1);
            // A compare-exchange that changes nothing, because a plain load might be moved out of the loop.
            int spins = 0;
            while (Atomic.CompareExchange(ref exchange.Meeting[0], -1, -1) < arrivals && spins <= exchange.MaxSpins)
                spins++;
            if (spins > exchange.MaxSpins)
                Atomic.Exchange(ref exchange.Meeting[1], 1);
            hasFailed[0] = Atomic.CompareExchange(ref exchange.Meeting[1], -1, -1);
            MemoryFence.DeviceLevel();
        }
        Group.Barrier();
    }

    /// <summary>Steps of an epoch.</summary>
    /// <param name="Order">Indices of images, in the order of the epoch.</param>
    /// <param name="Rates">The learning rate η of each step of the epoch.</param>
    /// <param name="OutputRatio">The rate of W2 and b2 divided by η.</param>
    /// <param name="Momentum">The fraction of each step carried into the next, 0 to 1: <see cref="StepRates"/>.</param>
    /// <param name="Velocity">The velocities; neither read nor written without momentum.</param>
    /// <param name="Images">Images in the epoch.</param>
    /// <param name="BatchSize">Images per step; the last step may have fewer.</param>
    /// <param name="First">The first step to do.</param>
    /// <param name="Count">The number of steps to do.</param>
    public readonly record struct Steps(
        ArrayView<int> Order, Vector Rates, float OutputRatio, float Momentum, Network Velocity, int Images, int BatchSize,
        int First, int Count)
    {
        /// <summary>The images of a step; beyond the last step, those of the last.</summary>
        internal Batch Batch(int step)
        {
            int start = (First + IntrinsicMath.Min(step, Count - 1)) * BatchSize;
            return new Batch(Order, start, IntrinsicMath.Min(BatchSize, Images - start));
        }
    }

    /// <summary>Memory through which the groups exchange data.</summary>
    /// <param name="H">Hidden activations, transposed: two buffers of H×64.</param>
    /// <param name="W2T">The W2 of the step, transposed: two buffers of 10×H.</param>
    /// <param name="Meeting">
    /// [0] counts arrivals at meetings and is 0 before a launch; [1] is not 0 if a group gave up waiting for another. The
    /// parameters are then undefined.
    /// </param>
    /// <param name="MaxSpins">How often a group checks whether all have arrived before it gives up.</param>
    public readonly record struct Exchange(Matrix H, Matrix W2T, ArrayView<int> Meeting, int MaxSpins)
    {
        /// <summary>Hidden units H of the network.</summary>
        internal int Hidden => W2T.IntExtent.Y;
    }
}
