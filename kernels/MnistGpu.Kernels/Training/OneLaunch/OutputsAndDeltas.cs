using ILGPU;
using ILGPU.Runtime;

namespace MnistGpu.Kernels.Training.OneLaunch;

/// <summary>
/// The third part of a step, after the meeting: o = σ(h·W2 + b2) and both deltas. Every group computes the outputs of all
/// images, from all groups' h and W2. Neighbouring threads have neighbouring images, so they read neighbouring floats.
/// </summary>
internal static class OutputsAndDeltas
{
    /// <summary>Parts into which a sum over the hidden units is split.</summary>
    public const int Slices = 8;

    /// <summary>Vectors of a row of W2ᵀ that are in shared memory at a time: four for each slice.</summary>
    public const int TileVectors = 4 * Slices;

    private const int MaxBatch = EpochInOneLaunch.MaxBatch;
    private const int Units = EpochInOneLaunch.UnitsPerGroup;

    /// <summary>Outputs that a thread adds up for an image: half of them.</summary>
    private const int OutputsPerThread = Mnist.Outputs / 2;

    /// <summary>Computes outputs and deltas, after <see cref="SumProducts"/>; ends with a barrier of the group.</summary>
    /// <typeparam name="TGradient">Where δh is stored.</typeparam>
    /// <param name="batch">The images.</param>
    /// <param name="shared">The group's memory; both deltas are written.</param>
    /// <param name="losses">The images' losses; written.</param>
    /// <param name="hits">Added to.</param>
    public static void Compute<TGradient>(Batch batch, GroupMemory shared, Vector losses, ArrayView<int> hits)
        where TGradient : struct, IHiddenGradient<TGradient>
    {
        OutputDeltas(shared);
        Group.Barrier();
        if (Group.IdxX < Units * MaxBatch)
            HiddenDeltas<TGradient>(batch.Count, shared);
        else
            AddLossesAndHits(batch, shared, losses, hits);
        Group.Barrier();
    }

    /// <summary>
    /// h·W2 of all images, in eight slices of the hidden units: a thread adds up five outputs of an image over one slice.
    /// All lanes of a warp multiply by the same weights, which are brought into shared memory first; h goes to registers. Ends
    /// with a barrier of the group.
    /// </summary>
    /// <param name="buffer">Which of the two buffers is read, 0 or 1.</param>
    /// <param name="exchange">All groups' h and W2.</param>
    /// <param name="shared">The group's memory; the parts of the sums are written.</param>
    public static void SumProducts(int buffer, EpochInOneLaunch.Exchange exchange, GroupMemory shared)
    {
        int i = Group.IdxX & (MaxBatch - 1);
        int half = Group.IdxX / MaxBatch & 1;
        int slice = Group.IdxX / (2 * MaxBatch);
        int vectors = exchange.Hidden / 4;
        ArrayView<float> h = exchange.H.BaseView.SubView(buffer * exchange.Hidden * MaxBatch + i);
        ArrayView<Float4> w2 = Float4.Of(exchange.W2T).SubView(buffer * Mnist.Outputs * vectors);
        ArrayView<Float4> tile = shared.TileW2.SubView(half * OutputsPerThread * TileVectors + slice);
        float z0 = 0, z1 = 0, z2 = 0, z3 = 0, z4 = 0;
        for (int first = 0; first < vectors; first += TileVectors)
        {
            // All of a thread's loads are in flight before it stores anything.
            Float4 a = Activations(h, first + slice, vectors), b = Activations(h, first + slice + Slices, vectors);
            Float4 c = Activations(h, first + slice + 2 * Slices, vectors);
            Float4 d = Activations(h, first + slice + 3 * Slices, vectors);
            if (Group.IdxX < Mnist.Outputs * TileVectors)
            {
                int vector = first + (Group.IdxX & (TileVectors - 1));
                shared.TileW2[Group.IdxX] = vector < vectors ? w2[Group.IdxX / TileVectors * vectors + vector] : default;
            }
            Group.Barrier();
            z0 += Product(a, b, c, d, tile);
            z1 += Product(a, b, c, d, tile.SubView(TileVectors));
            z2 += Product(a, b, c, d, tile.SubView(2 * TileVectors));
            z3 += Product(a, b, c, d, tile.SubView(3 * TileVectors));
            z4 += Product(a, b, c, d, tile.SubView(4 * TileVectors));
            // No thread may overwrite the tile while another still reads it.
            if (first + TileVectors < vectors)
                Group.Barrier();
        }
        ArrayView<float> sums = shared.Sums.SubView((slice * Mnist.Outputs + half * OutputsPerThread) * MaxBatch + i);
        sums[0] = z0;
        sums[MaxBatch] = z1;
        sums[2 * MaxBatch] = z2;
        sums[3 * MaxBatch] = z3;
        sums[4 * MaxBatch] = z4;
        Group.Barrier();
    }

    /// <summary>h of four units of an image. Beyond the last unit it does not matter: the tile has weights of 0 there.</summary>
    private static Float4 Activations(ArrayView<float> h, int vector, int vectors)
    {
        ArrayView<float> four = h.SubView(4 * MaxBatch * IntrinsicMath.Min(vector, vectors - 1));
        return new Float4(four[0], four[MaxBatch], four[2 * MaxBatch], four[3 * MaxBatch]);
    }

    private static float Product(Float4 a, Float4 b, Float4 c, Float4 d, ArrayView<Float4> w2) =>
        (a * w2[0] + b * w2[Slices] + c * w2[2 * Slices] + d * w2[3 * Slices]).Sum;

    /// <summary>o and δo = (o − t) ∘ o ∘ (1 − o), one thread per output of an image.</summary>
    private static void OutputDeltas(GroupMemory shared)
    {
        if (Group.IdxX >= Mnist.Outputs * MaxBatch)
            return;
        int k = Group.IdxX / MaxBatch;
        float z = shared.B2[k];
        for (int slice = 0; slice < Slices; slice++)
            z += shared.Sums[slice * Mnist.Outputs * MaxBatch + Group.IdxX];
        float o = Sigmoid.Of(z);
        float error = k == shared.Labels[Group.IdxX & (MaxBatch - 1)] ? o - 1 : o;
        shared.Output[Group.IdxX] = o;
        shared.OutputDelta[Group.IdxX] = error * o * (1 - o);
    }

    /// <summary>
    /// δh = (δo·W2ᵀ) ∘ h ∘ (1 − h) of the group's units, one thread per unit of an image. Places beyond the batch are filled with
    /// zeros, because the update takes sixteen images at a time.
    /// </summary>
    private static void HiddenDeltas<TGradient>(int images, GroupMemory shared)
        where TGradient : struct, IHiddenGradient<TGradient>
    {
        int unit = Group.IdxX / MaxBatch;
        int i = Group.IdxX & (MaxBatch - 1);
        ArrayView<float> w2 = shared.W2.Cast<float>().SubView(unit);
        float sum = 0;
        for (int k = 0; k < Mnist.Outputs; k++)
            sum += shared.OutputDelta[k * MaxBatch + i] * w2[k * Units];
        float h = shared.H[Group.IdxX];
        TGradient.StoreDelta(i < images ? sum * (h - h * h) : 0, i, unit, shared);
    }

    /// <summary>The epoch's loss and accuracy. The groups take turns at the images.</summary>
    private static void AddLossesAndHits(Batch batch, GroupMemory shared, Vector losses, ArrayView<int> hits)
    {
        int i = Group.IdxX - Units * MaxBatch;
        if (i >= batch.Count || i % Grid.DimX != Grid.IdxX)
            return;
        int label = shared.Labels[i];
        float loss = 0;
        float largest = -1;
        int digit = 0;
        for (int k = 0; k < Mnist.Outputs; k++)
        {
            float o = shared.Output[k * MaxBatch + i];
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
}
