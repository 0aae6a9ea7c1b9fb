using ILGPU;
using ILGPU.Runtime;

namespace MnistGpu.Kernels.Training;

/// <summary>
/// Many training steps in one launch. Three launches a step cost some microseconds each, while the arithmetic of a step
/// of a small network takes less: an epoch is then mostly launching. Here one grid stays for all steps, and what it works
/// on stays on chip.
/// <para>
/// A group owns four hidden units: their columns of W1 (12.5 KB) and W2 and their biases lie in its shared memory, and so do their velocities. A
/// step: (1) h of its units for all images of the batch; (2) h and its columns of W2 go to memory, and all groups meet;
/// (3) every group computes the outputs and δo of all images, each for itself, so that they need not meet again;
/// (4) δh of its units, and the update of its columns. What (2) writes goes into one of two buffers by turns: no group
/// can be more than one step ahead, so nobody writes where somebody still reads.
/// </para>
/// <para>
/// The groups meet by counting, which needs all of them to run at the same time: the host sees to it that the grid is no
/// larger than the device holds. CUDA only, for OpenCL does not promise that groups go on side by side.
/// </para>
/// </summary>
public static class EpochInOneLaunch
{
    /// <summary>Threads of a group.</summary>
    public const int GroupSize = 256;

    /// <summary>The most images of a batch: a group keeps δo and its h and δh of all of them.</summary>
    public const int MaxBatch = 64;

    /// <summary>Hidden units of a group: one <see cref="Float4"/>.</summary>
    public const int UnitsPerGroup = 4;

    /// <summary>Threads that share an image's sums.</summary>
    private const int ThreadsPerImage = GroupSize / MaxBatch;

    /// <summary>Threads that share a row of W2ᵀ, or b1, in the update.</summary>
    private const int ThreadsPerRow = 16;

    /// <summary>Pixels of an image in words of four.</summary>
    private const int Words = Mnist.Inputs / 4;

    /// <summary>The launch: a group for every four hidden units.</summary>
    public static KernelConfig Launch(int hidden) => new(new Index1D(hidden / UnitsPerGroup), new Index1D(GroupSize));

    /// <summary>Trains.</summary>
    /// <param name="images">The training images.</param>
    /// <param name="steps">Which steps of the epoch.</param>
    /// <param name="network">Read at the beginning and written at the end.</param>
    /// <param name="exchange">What the groups hand each other.</param>
    /// <param name="losses">The loss of each image of the epoch, in its order; those of the steps are written.</param>
    /// <param name="hits">One number: images classified rightly, added to.</param>
    public static void Kernel(
        Images images, Steps steps, Network network, Exchange exchange, Vector losses, ArrayView<int> hits)
    {
        var columns = new Columns(
            SharedMemory.Allocate<Float4>(Mnist.Inputs).AsAligned(16),
            SharedMemory.Allocate<Float4>(Mnist.Outputs + 1).AsAligned(16), SharedMemory.Allocate<float>(Mnist.Outputs));
        var velocity = new Columns(
            SharedMemory.Allocate<Float4>(Mnist.Inputs).AsAligned(16),
            SharedMemory.Allocate<Float4>(Mnist.Outputs + 1).AsAligned(16), SharedMemory.Allocate<float>(Mnist.Outputs));
        var shared = new GroupMemory(
            columns, velocity, SharedMemory.Allocate<Float4>(GroupSize).AsAligned(16),
            SharedMemory.Allocate<float>(GroupSize), SharedMemory.Allocate<Float4>(MaxBatch).AsAligned(16),
            SharedMemory.Allocate<Float4>(MaxBatch).AsAligned(16), SharedMemory.Allocate<float>(MaxBatch * Mnist.Outputs),
            SharedMemory.Allocate<float>(MaxBatch * Mnist.Outputs));
        ArrayView<int> hasFailed = SharedMemory.Allocate<int>(1);
        int vectorsPerRow = network.Hidden / 4;
        Load(network, vectorsPerRow, columns);
        if (steps.Momentum != 0)
            Load(steps.Velocity, vectorsPerRow, velocity);
        Group.Barrier();

        for (int step = 0; step < steps.Count; step++)
        {
            int start = (steps.First + step) * steps.BatchSize;
            var batch = new Batch(steps.Order, start, IntrinsicMath.Min(steps.BatchSize, steps.Images - start));
            HiddenLayer(images, batch, shared);
            Publish(batch.Count, step % 2, vectorsPerRow, exchange, shared);
            Meet(exchange, (step + 1) * Grid.DimX, hasFailed);
            if (hasFailed[0] != 0)
                return;
            OutputDeltas(images.Labels, batch, step % 2, vectorsPerRow, exchange, shared);
            Group.Barrier();
            if (Grid.IdxX == 0)
                AddLossesAndHits(images.Labels, batch, shared, losses, hits);
            HiddenDeltas(batch.Count, shared);
            Group.Barrier();
            float rate = steps.Rates[steps.First + step];
            UpdateHiddenWeights(images, batch, rate, steps.Momentum, shared);
            SumRows(batch.Count, shared);
            Group.Barrier();
            UpdateRows(rate, steps, shared);
            Group.Barrier();
        }
        Store(network, vectorsPerRow, columns);
        if (steps.Momentum != 0)
            Store(steps.Velocity, vectorsPerRow, velocity);
    }

    /// <summary>Brings the group's columns to shared memory; row 10 of those of W2ᵀ is b1.</summary>
    private static void Load(Network network, int vectorsPerRow, Columns columns)
    {
        for (int p = Group.IdxX; p < Mnist.Inputs; p += GroupSize)
            columns.W1[p] = Float4.Of(network.W1)[p * vectorsPerRow + Grid.IdxX];
        if (Group.IdxX < Mnist.Outputs)
        {
            columns.W2[Group.IdxX] = Float4.Of(network.W2T)[Group.IdxX * vectorsPerRow + Grid.IdxX];
            columns.B2[Group.IdxX] = network.B2[Group.IdxX];
        }
        if (Group.IdxX == Mnist.Outputs)
            columns.W2[Mnist.Outputs] = Float4.Of(network.B1)[Grid.IdxX];
    }

    /// <summary>
    /// h = σ(x·W1 + b1) of the group's units. Four threads share an image's list of lit pixels: neighbours take
    /// neighbouring places of it, so that it is read without gaps.
    /// </summary>
    private static void HiddenLayer(Images images, Batch batch, GroupMemory shared)
    {
        int i = Group.IdxX / ThreadsPerImage;
        Float4 z = default;
        if (i < batch.Count)
        {
            int image = batch[i];
            int end = images.LitStarts[image + 1];
            for (int k = images.LitStarts[image] + Group.IdxX % ThreadsPerImage; k < end; k += ThreadsPerImage)
            {
                LitPixel lit = images.Lit[k];
                z += lit.Value * shared.Network.W1[lit.Position];
            }
        }
        shared.Sums[Group.IdxX] = z;
        Group.Barrier();
        if (Group.IdxX < batch.Count)
        {
            Float4 sum = shared.Network.W2[Mnist.Outputs];
            for (int part = 0; part < ThreadsPerImage; part++)
                sum += shared.Sums[Group.IdxX * ThreadsPerImage + part];
            shared.H[Group.IdxX] = Sigmoid.Of(sum);
        }
        Group.Barrier();
    }

    /// <summary>Writes h and W2 of the group's units to where all groups read them.</summary>
    private static void Publish(int images, int buffer, int vectorsPerRow, Exchange exchange, GroupMemory shared)
    {
        if (Group.IdxX < images)
            Float4.Of(exchange.H)[(buffer * MaxBatch + Group.IdxX) * vectorsPerRow + Grid.IdxX] = shared.H[Group.IdxX];
        int k = Group.IdxX - MaxBatch;
        if (k >= 0 && k < Mnist.Outputs)
            Float4.Of(exchange.W2T)[(buffer * Mnist.Outputs + k) * vectorsPerRow + Grid.IdxX] = shared.Network.W2[k];
    }

    /// <summary>
    /// Waits until all groups are here. The first thread of each counts it in, between two fences: what the group wrote
    /// before is visible to whoever sees the count, and what it reads after is not older.
    /// </summary>
    /// <param name="exchange">Where arrivals are counted.</param>
    /// <param name="arrivals">Arrivals since the launch began to wait for.</param>
    /// <param name="hasFailed">Shared memory: not 0 when somebody gave up; written.</param>
    private static void Meet(Exchange exchange, int arrivals, ArrayView<int> hasFailed)
    {
        Group.Barrier();
        if (Group.IdxX == 0)
        {
            MemoryFence.DeviceLevel();
            Atomic.Add(ref exchange.Meeting[0], 1);
            // An exchange that changes nothing, because a plain load may be moved out of the loop.
            int spins = 0;
            while (Atomic.CompareExchange(ref exchange.Meeting[0], -1, -1) < arrivals && spins < exchange.MaxSpins)
                spins++;
            if (spins == exchange.MaxSpins)
                Atomic.Exchange(ref exchange.Meeting[1], 1);
            hasFailed[0] = Atomic.CompareExchange(ref exchange.Meeting[1], -1, -1);
            MemoryFence.DeviceLevel();
        }
        Group.Barrier();
    }

    /// <summary>
    /// o = σ(h·W2 + b2) and δo of all images, with everybody's h and W2. Four threads share an image: thread q has the
    /// outputs q, q + 4 and q + 8.
    /// </summary>
    private static void OutputDeltas(
        ArrayView<byte> labels, Batch batch, int buffer, int vectorsPerRow, Exchange exchange, GroupMemory shared)
    {
        int i = Group.IdxX / ThreadsPerImage;
        if (i >= batch.Count)
            return;
        int k0 = Group.IdxX % ThreadsPerImage;
        int k1 = k0 + ThreadsPerImage;
        // Of twelve there are only ten: the last two threads repeat what they have.
        int k2 = k1 + ThreadsPerImage < Mnist.Outputs ? k1 + ThreadsPerImage : k0;
        ArrayView<Float4> h = Float4.Of(exchange.H).SubView((buffer * MaxBatch + i) * vectorsPerRow);
        ArrayView<Float4> w2 = Float4.Of(exchange.W2T).SubView(buffer * Mnist.Outputs * vectorsPerRow);
        Float4 z0 = default, z1 = default, z2 = default;
        for (int vector = 0; vector < vectorsPerRow; vector++)
        {
            Float4 hidden = h[vector];
            z0 += hidden * w2[k0 * vectorsPerRow + vector];
            z1 += hidden * w2[k1 * vectorsPerRow + vector];
            z2 += hidden * w2[k2 * vectorsPerRow + vector];
        }
        int label = labels[batch[i]];
        OutputDelta(i, k0, z0.Sum, label, shared);
        OutputDelta(i, k1, z1.Sum, label, shared);
        if (k2 != k0)
            OutputDelta(i, k2, z2.Sum, label, shared);
    }

    private static void OutputDelta(int i, int k, float sum, int label, GroupMemory shared)
    {
        float o = Sigmoid.Of(sum + shared.Network.B2[k]);
        float error = k == label ? o - 1 : o;
        shared.Output[i * Mnist.Outputs + k] = o;
        shared.OutputDelta[i * Mnist.Outputs + k] = error * o * (1 - o);
    }

    private static void AddLossesAndHits(
        ArrayView<byte> labels, Batch batch, GroupMemory shared, Vector losses, ArrayView<int> hits)
    {
        int i = Group.IdxX;
        if (i >= batch.Count)
            return;
        int label = labels[batch[i]];
        float loss = 0;
        float largest = -1;
        int digit = 0;
        for (int k = 0; k < Mnist.Outputs; k++)
        {
            float o = shared.Output[i * Mnist.Outputs + k];
            float error = k == label ? o - 1 : o;
            loss += error * error;
            if (o > largest)
            {
                largest = o;
                digit = k;
            }
        }
        losses[batch.Start + i] = 0.5f * loss;
        if (digit == label)
            Atomic.Add(ref hits[0], 1);
    }

    /// <summary>δh = (δo·W2ᵀ) ∘ h ∘ (1 − h) of the group's units, a thread an image.</summary>
    private static void HiddenDeltas(int images, GroupMemory shared)
    {
        int i = Group.IdxX;
        if (i >= images)
            return;
        Float4 sum = default;
        for (int k = 0; k < Mnist.Outputs; k++)
            sum += shared.OutputDelta[i * Mnist.Outputs + k] * shared.Network.W2[k];
        Float4 h = shared.H[i];
        shared.HiddenDelta[i] = sum * (h - h * h);
    }

    /// <summary>
    /// W1 −= η·Xᵀ·δh. A thread has four neighbouring pixels, a word of every image, and the gradients of their sixteen
    /// weights in registers.
    /// </summary>
    private static void UpdateHiddenWeights(
        Images images, Batch batch, float rate, float momentum, GroupMemory shared)
    {
        int word = Group.IdxX;
        if (word >= Words)
            return;
        ArrayView<int> pixels = images.Pixels.Cast<int>().SubView(word);
        Float4 g0 = default, g1 = default, g2 = default, g3 = default;
        for (int i = 0; i < batch.Count; i++)
        {
            int four = pixels[batch[i] * Words];
            if (four == 0)
                continue;
            Float4 delta = shared.HiddenDelta[i];
            g0 += (float)(four & 0xFF) * delta;
            g1 += (float)(four >> 8 & 0xFF) * delta;
            g2 += (float)(four >> 16 & 0xFF) * delta;
            g3 += (float)(four >> 24 & 0xFF) * delta;
        }
        float scale = -rate * Mnist.PixelScale;
        ArrayView<Float4> w = shared.Network.W1.SubView(4 * word), v = shared.Velocity.W1.SubView(4 * word);
        StepRates.Move(ref w[0], ref v[0], scale * g0, momentum);
        StepRates.Move(ref w[1], ref v[1], scale * g1, momentum);
        StepRates.Move(ref w[2], ref v[2], scale * g2, momentum);
        StepRates.Move(ref w[3], ref v[3], scale * g3, momentum);
    }

    /// <summary>The gradients of the group's columns of W2ᵀ, of b1 and of b2, each in sixteen parts.</summary>
    private static void SumRows(int images, GroupMemory shared)
    {
        int k = Group.IdxX / ThreadsPerRow;
        if (k > Mnist.Outputs)
            return;
        Float4 sum = default;
        float coefficientSum = 0;
        for (int i = Group.IdxX % ThreadsPerRow; i < images; i += ThreadsPerRow)
        {
            float coefficient = k < Mnist.Outputs ? shared.OutputDelta[i * Mnist.Outputs + k] : 1;
            sum += coefficient * (k < Mnist.Outputs ? shared.H[i] : shared.HiddenDelta[i]);
            coefficientSum += coefficient;
        }
        shared.Sums[Group.IdxX] = sum;
        shared.CoefficientSums[Group.IdxX] = coefficientSum;
    }

    /// <summary>W2 −= η·hᵀ·δo, b1 −= η·Σδh and b2 −= η·Σδo, a thread a row.</summary>
    private static void UpdateRows(float rate, Steps steps, GroupMemory shared)
    {
        int k = Group.IdxX;
        if (k > Mnist.Outputs)
            return;
        Float4 sum = default;
        float coefficientSum = 0;
        for (int part = 0; part < ThreadsPerRow; part++)
        {
            sum += shared.Sums[k * ThreadsPerRow + part];
            coefficientSum += shared.CoefficientSums[k * ThreadsPerRow + part];
        }
        float change = k < Mnist.Outputs ? -rate * steps.OutputRatio : -rate;
        StepRates.Move(ref shared.Network.W2[k], ref shared.Velocity.W2[k], change * sum, steps.Momentum);
        if (k < Mnist.Outputs)
            StepRates.Move(ref shared.Network.B2[k], ref shared.Velocity.B2[k], change * coefficientSum, steps.Momentum);
    }

    /// <summary>Brings the group's columns back; b2, which all groups have, is the first one's.</summary>
    private static void Store(Network network, int vectorsPerRow, Columns columns)
    {
        for (int p = Group.IdxX; p < Mnist.Inputs; p += GroupSize)
            Float4.Of(network.W1)[p * vectorsPerRow + Grid.IdxX] = columns.W1[p];
        if (Group.IdxX < Mnist.Outputs)
        {
            Float4.Of(network.W2T)[Group.IdxX * vectorsPerRow + Grid.IdxX] = columns.W2[Group.IdxX];
            if (Grid.IdxX == 0)
                network.B2[Group.IdxX] = columns.B2[Group.IdxX];
        }
        if (Group.IdxX == Mnist.Outputs)
            Float4.Of(network.B1)[Grid.IdxX] = columns.W2[Mnist.Outputs];
    }

    /// <summary>Steps of an epoch.</summary>
    /// <param name="Order">Indices of images, as the epoch goes through them.</param>
    /// <param name="Rates">The learning rate η of each step of the epoch.</param>
    /// <param name="OutputRatio">That of W2 and b2 is so many times as high.</param>
    /// <param name="Momentum">What is left of a step in the next one, 0 to 1: <see cref="StepRates"/>.</param>
    /// <param name="Velocity">What is left of the last one; neither read nor written without momentum.</param>
    /// <param name="Images">Images of the epoch.</param>
    /// <param name="BatchSize">Images of a step, but perhaps of the last one.</param>
    /// <param name="First">The first of the steps.</param>
    /// <param name="Count">How many they are.</param>
    public readonly record struct Steps(
        ArrayView<int> Order, Vector Rates, float OutputRatio, float Momentum, Network Velocity, int Images, int BatchSize,
        int First, int Count);

    /// <summary>What the groups hand each other.</summary>
    /// <param name="H">Hidden activations, two buffers of 64×H.</param>
    /// <param name="W2T">The W2 of the step, transposed, two buffers of 10×H.</param>
    /// <param name="Meeting">
    /// [0] counts arrivals at meetings and is 0 before a launch; [1] is not 0 when a group gave up waiting for another.
    /// The parameters are then undefined.
    /// </param>
    /// <param name="MaxSpins">How often a group looks whether all have arrived before it gives up.</param>
    public readonly record struct Exchange(Matrix H, Matrix W2T, ArrayView<int> Meeting, int MaxSpins);

    /// <summary>The parameters of a group's units, or their velocities.</summary>
    /// <param name="W1">Weights, 784.</param>
    /// <param name="W2">Weights to the ten outputs; then b1.</param>
    /// <param name="B2">Biases of the outputs, 10, which every group has.</param>
    private readonly record struct Columns(ArrayView<Float4> W1, ArrayView<Float4> W2, ArrayView<float> B2);

    /// <summary>A group's shared memory.</summary>
    /// <param name="Network">The parameters of its units.</param>
    /// <param name="Velocity">Their velocities.</param>
    /// <param name="Sums">Parts of sums, a thread each.</param>
    /// <param name="CoefficientSums">Parts of sums, a thread each.</param>
    /// <param name="H">h of the group's units, an image each.</param>
    /// <param name="HiddenDelta">δh of the group's units, an image each.</param>
    /// <param name="Output">o, ten an image.</param>
    /// <param name="OutputDelta">δo, ten an image.</param>
    private readonly record struct GroupMemory(
        Columns Network, Columns Velocity, ArrayView<Float4> Sums, ArrayView<float> CoefficientSums, ArrayView<Float4> H,
        ArrayView<Float4> HiddenDelta, ArrayView<float> Output, ArrayView<float> OutputDelta);
}
