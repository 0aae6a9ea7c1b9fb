using System.Runtime.InteropServices;
using ILGPU;
using ILGPU.Algorithms;
using ILGPU.Runtime;
using MnistGpu.Kernels.Training.OneLaunch;

namespace MnistGpu.Kernels.Training.TensorCores;

/// <summary>
/// Gradients of W2 and b1 for 64 units, and of b2, by a group of 256 threads: sixteen threads of four units each, times
/// sixteen slices of the batch. A thread has the gradients of all ten outputs, so h is read once rather than once per output.
/// Both factors are float32, which would be six products of parts on tensor cores, for a hundredth of the step's
/// arithmetic, so this uses ordinary multiply-adds.
/// </summary>
internal struct OutputGradient
{
    private const int Vectors = TileOfUnits.Units / 4;

    private const int Slices = 16;

    /// <summary>Slices that remain after the two of a warp are added.</summary>
    private const int Warps = Slices / 2;

    /// <summary>The rows of W2ᵀ, and b1.</summary>
    private const int Rows = Mnist.Outputs + 1;

    private Float4 _w20, _w21, _w22, _w23, _w24, _w25, _w26, _w27, _w28, _w29, _b1;

    /// <summary>δo of an image.</summary>
    [StructLayout(LayoutKind.Sequential)]
    private struct OutputDelta
    {
        public float K0, K1, K2, K3, K4, K5, K6, K7, K8, K9;
    }

    /// <summary>Moves the parameters of 64 units; the group of the first units also moves b2.</summary>
    /// <param name="images">Images B in the batch.</param>
    /// <param name="a">h and both deltas are read.</param>
    /// <param name="network">Updated.</param>
    /// <param name="rates">Learning rates η and momentum.</param>
    /// <param name="memory">Shared memory for 1,408 vectors.</param>
    public static void Update(int images, Activations a, Network network, StepRates rates, ArrayView<Float4> memory)
    {
        int slice = Group.IdxX / Vectors;
        int vectorsPerRow = network.Hidden / 4;
        int vector = Grid.IdxY * Vectors + Group.IdxX % Vectors;
        // A thread beyond the last unit repeats the last one's work, which is cheaper than a test in the loop.
        int source = XMath.Min(vector, vectorsPerRow - 1);
        ArrayView<Float4> h = Float4.Of(a.H).SubView(source), hiddenDelta = Float4.Of(a.HiddenDelta).SubView(source);
        ArrayView<OutputDelta> outputDelta = a.OutputDelta.BaseView.Cast<OutputDelta>().AsAligned(8);
        var gradient = new OutputGradient();
        int i = slice;
        // Four at a time, so that the loads of all four are in flight together.
        for (; i + 3 * Slices < images; i += 4 * Slices)
        {
            gradient.Add(i, outputDelta, h, hiddenDelta, vectorsPerRow);
            gradient.Add(i + Slices, outputDelta, h, hiddenDelta, vectorsPerRow);
            gradient.Add(i + 2 * Slices, outputDelta, h, hiddenDelta, vectorsPerRow);
            gradient.Add(i + 3 * Slices, outputDelta, h, hiddenDelta, vectorsPerRow);
        }
        for (; i < images; i += Slices)
            gradient.Add(i, outputDelta, h, hiddenDelta, vectorsPerRow);
        gradient.Store(memory);
        Group.Barrier();

        // Slices are now rows: eleven of the sixteen.
        int row = slice;
        if (row < Rows && vector < vectorsPerRow)
        {
            Float4 sum = default;
            for (int s = 0; s < Warps; s++)
                sum += memory[(row * Warps + s) * Vectors + Group.IdxX % Vectors];
            if (row < Mnist.Outputs)
                StepRates.Move(
                    ref Float4.Of(network.W2T)[row * vectorsPerRow + vector],
                    ref Float4.Of(rates.Velocity.W2T)[row * vectorsPerRow + vector], -rates.Output * sum, rates.Momentum);
            else
                StepRates.Move(
                    ref Float4.Of(network.B1)[vector], ref Float4.Of(rates.Velocity.B1)[vector], -rates.Hidden * sum,
                    rates.Momentum);
        }
        if (Grid.IdxY == 0)
        {
            Group.Barrier();
            UpdateOutputBiases(images, a.OutputDelta, network.B2, rates, memory.Cast<float>());
        }
    }

    /// <summary>b2 −= η·Σδo: sixteen slices of the batch, with ten threads of sixteen for the outputs.</summary>
    private static void UpdateOutputBiases(
        int images, Matrix outputDelta, Vector b2, StepRates rates, ArrayView<float> memory)
    {
        int k = Group.IdxX % 16;
        if (k < Mnist.Outputs)
        {
            float sum = 0;
            for (int i = Group.IdxX / 16; i < images; i += Slices)
                sum += outputDelta[i, k];
            memory[Group.IdxX] = sum;
        }
        Group.Barrier();
        if (Group.IdxX < Mnist.Outputs)
        {
            float sum = 0;
            for (int s = 0; s < Slices; s++)
                sum += memory[s * 16 + k];
            StepRates.Move(ref b2[k], ref rates.Velocity.B2[k], -rates.Output * sum, rates.Momentum);
        }
    }

    /// <summary>Adds the terms of an image.</summary>
    private void Add(
        int i, ArrayView<OutputDelta> outputDelta, ArrayView<Float4> hidden, ArrayView<Float4> hiddenDelta, int vectorsPerRow)
    {
        OutputDelta d = outputDelta[i];
        Float4 h = hidden[i * vectorsPerRow];
        _w20 += d.K0 * h;
        _w21 += d.K1 * h;
        _w22 += d.K2 * h;
        _w23 += d.K3 * h;
        _w24 += d.K4 * h;
        _w25 += d.K5 * h;
        _w26 += d.K6 * h;
        _w27 += d.K7 * h;
        _w28 += d.K8 * h;
        _w29 += d.K9 * h;
        _b1 += hiddenDelta[i * vectorsPerRow];
    }

    private readonly void Store(ArrayView<Float4> memory)
    {
        Store(memory, 0, _w20);
        Store(memory, 1, _w21);
        Store(memory, 2, _w22);
        Store(memory, 3, _w23);
        Store(memory, 4, _w24);
        Store(memory, 5, _w25);
        Store(memory, 6, _w26);
        Store(memory, 7, _w27);
        Store(memory, 8, _w28);
        Store(memory, 9, _w29);
        Store(memory, Mnist.Outputs, _b1);
    }

    /// <summary>The other half of the warp has the same units and another slice; the lower half stores the sum of both.</summary>
    private static void Store(ArrayView<Float4> memory, int row, Float4 gradient)
    {
        gradient += WarpSum.Exchange(gradient, Vectors);
        if ((Group.IdxX & Vectors) == 0)
            memory[(row * Warps + Group.IdxX / Fragment.Lanes) * Vectors + Group.IdxX % Vectors] = gradient;
    }
}
