using ILGPU;
using ILGPU.Runtime;

namespace MnistGpu.Kernels.Training;

/// <summary>The second launch of a prediction: o = σ(h·W2 + b2).</summary>
public static class OutputLayer
{
    /// <summary>Threads that share the sum of an output.</summary>
    internal const int Slices = 16;

    /// <summary>Threads per group, for all outputs of an image at once.</summary>
    internal const int GroupSize = Mnist.Outputs * Slices;

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

    /// <summary>A group computes the ten outputs of an image: see <see cref="Sums"/>.</summary>
    /// <param name="h">Activations of the hidden layer, B×H.</param>
    /// <param name="network">W2 and b2 are read.</param>
    /// <param name="o">Outputs, B×10; written.</param>
    public static void Tuned(Matrix h, Network network, Matrix o)
    {
        ArrayView<float> sums = SharedMemory.Allocate<float>(GroupSize);
        int i = Grid.IdxX;
        Sums(i, h, network, sums);
        if (Group.IdxX < Mnist.Outputs)
            o[i, Group.IdxX] = Output(Group.IdxX, network, sums);
    }

    /// <summary>The launch of <see cref="Tuned"/>: one group per image.</summary>
    public static KernelConfig Launch(int images) => new(new Index1D(images), new Index1D(GroupSize));

    /// <summary>
    /// h·W2 of one image, in parts. Sixteen threads share an output: neighbours take neighbouring vectors of four units,
    /// so that both h and the transposed W2 are read without gaps.
    /// </summary>
    /// <param name="i">The image.</param>
    /// <param name="h">B×H.</param>
    /// <param name="network">W2 is read.</param>
    /// <param name="sums">Part s of output k at s·10 + k; written, and visible to the whole group.</param>
    internal static void Sums(int i, Matrix h, Network network, ArrayView<float> sums)
    {
        int k = Group.IdxX / Slices;
        int slice = Group.IdxX % Slices;
        int vectorsPerRow = network.Hidden / 4;
        ArrayView<Float4> h4 = Float4.Of(h).SubView(i * vectorsPerRow);
        ArrayView<Float4> w2 = Float4.Of(network.W2T).SubView(k * vectorsPerRow);
        Float4 z = default;
        for (int vector = slice; vector < vectorsPerRow; vector += Slices)
            z += h4[vector] * w2[vector];
        sums[slice * Mnist.Outputs + k] = z.Sum;
        Group.Barrier();
    }

    /// <summary>Output k = σ(b2 + the sum of its parts).</summary>
    internal static float Output(int k, Network network, ArrayView<float> sums)
    {
        float z = network.B2[k];
        for (int slice = 0; slice < Slices; slice++)
            z += sums[slice * Mnist.Outputs + k];
        return Sigmoid.Of(z);
    }
}
