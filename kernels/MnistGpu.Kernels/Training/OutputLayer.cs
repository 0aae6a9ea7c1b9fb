using ILGPU;
using ILGPU.Runtime;

namespace MnistGpu.Kernels.Training;

/// <summary>The second launch of a prediction: o = σ(h·W2 + b2).</summary>
public static class OutputLayer
{
    /// <summary>Threads that share the sum of an output.</summary>
    internal const int Slices = 16;

    /// <summary>
    /// Images per group. W2 is as long as the h of ten images, so it is worth reading it once for several: with one image per
    /// group, most of what a launch reads would be W2, over and over.
    /// </summary>
    internal const int Images = 4;

    /// <summary>Outputs of a group.</summary>
    internal const int GroupOutputs = Mnist.Outputs * Images;

    /// <summary>Threads per group: each has two outputs of two images, so that four products take four loads instead of eight.</summary>
    internal const int GroupSize = GroupOutputs / 4 * Slices;

    /// <summary>Parts of sums: two more than there are outputs, so that no bank has two of what a warp stores at a time.</summary>
    internal const int AllParts = Slices * SliceStride;

    private const int SliceStride = GroupOutputs + 2;

    /// <summary>One thread per output of an image.</summary>
    /// <param name="index">image·10 + output: the launch has B·10 threads.</param>
    /// <param name="h">Activations of the hidden layer, B×H.</param>
    /// <param name="network">W2 and b2 are read.</param>
    /// <param name="o">Outputs, B×10; written.</param>
    public static void Naive(Index1D index, Matrix h, Network network, Matrix o)
    {
        int i = index / Mnist.Outputs;
        int k = index % Mnist.Outputs;
        float z = network.B2[k];
        for (int unit = 0; unit < network.Hidden; unit++)
            z += h[i, unit] * network.W2T[k, unit];
        o[i, k] = Sigmoid.Of(z);
    }

    /// <summary>A group computes the outputs of four images: see <see cref="Sums"/>.</summary>
    /// <param name="h">Activations of the hidden layer, B×H.</param>
    /// <param name="network">W2 and b2 are read.</param>
    /// <param name="o">Outputs, B×10; written.</param>
    public static void Tuned(Matrix h, Network network, Matrix o)
    {
        ArrayView<float> sums = SharedMemory.Allocate<float>(AllParts);
        int images = h.IntExtent.X;
        Sums(images, h, network, sums);
        int i = Grid.IdxX * Images + Group.IdxX % Images;
        if (Group.IdxX < GroupOutputs && i < images)
            o[i, Group.IdxX / Images] = Output(Group.IdxX, network, sums);
    }

    /// <summary>The launch of <see cref="Tuned"/>: one group for every four images.</summary>
    public static KernelConfig Launch(int images) => new(new Index1D((images - 1) / Images + 1), new Index1D(GroupSize));

    /// <summary>
    /// h·W2 of the group's images, in parts. Sixteen threads share an output: neighbours take neighbouring vectors of four units,
    /// so that both h and the transposed W2 are read without gaps. The order of an image's additions does not depend on how many
    /// images a group has.
    /// </summary>
    /// <param name="images">Images B. A group that has fewer than four computes its last one more than once.</param>
    /// <param name="h">B×H.</param>
    /// <param name="network">W2 is read.</param>
    /// <param name="sums">
    /// <see cref="AllParts"/> floats. Part s of output k of the group's image m goes to s·42 + 4·k + m; visible to the whole group.
    /// </param>
    internal static void Sums(int images, Matrix h, Network network, ArrayView<float> sums)
    {
        int slice = Group.IdxX % Slices;
        int m = Group.IdxX / Slices % 2;
        int k = Group.IdxX / (2 * Slices) * 2;
        int vectorsPerRow = network.Hidden / 4;
        ArrayView<Float4> firstH = Row(h, m, images), secondH = Row(h, m + 2, images);
        ArrayView<Float4> firstW = Float4.Of(network.W2T).SubView(k * vectorsPerRow), secondW = firstW.SubView(vectorsPerRow);
        Float4 first = default, second = default, nextFirst = default, nextSecond = default;
        for (int vector = slice; vector < vectorsPerRow; vector += Slices)
        {
            Float4 h0 = firstH[vector], h2 = secondH[vector];
            Float4 w = firstW[vector], nextW = secondW[vector];
            first += h0 * w;
            second += h2 * w;
            nextFirst += h0 * nextW;
            nextSecond += h2 * nextW;
        }
        sums = sums.SubView(slice * SliceStride + k * Images + m);
        sums[0] = first.Sum;
        sums[2] = second.Sum;
        sums[Images] = nextFirst.Sum;
        sums[Images + 2] = nextSecond.Sum;
        Group.Barrier();
    }

    /// <summary>An output σ(b2 + the sum of its parts).</summary>
    /// <param name="place">4·k + m for output k of the group's image m.</param>
    /// <param name="network">b2 is read.</param>
    /// <param name="sums">What <see cref="Sums"/> has written.</param>
    internal static float Output(int place, Network network, ArrayView<float> sums)
    {
        float z = network.B2[place / Images];
        for (int slice = 0; slice < Slices; slice++)
            z += sums[slice * SliceStride + place];
        return Sigmoid.Of(z);
    }

    /// <summary>h of one of the group's images; beyond the last image, of the last one.</summary>
    private static ArrayView<Float4> Row(Matrix h, int m, int images) => Float4.Of(h).SubView(
        IntrinsicMath.Min(Grid.IdxX * Images + m, images - 1) * (h.IntExtent.Y / 4));
}
