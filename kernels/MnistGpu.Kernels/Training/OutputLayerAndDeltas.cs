using ILGPU;
using ILGPU.Runtime;

namespace MnistGpu.Kernels.Training;

/// <summary>
/// The second launch of a training step: the output layer and the deltas of both layers, with the W2 from before the
/// step.
/// <code>
///   o  = σ(h·W2 + b2)                    loss of an image = ½ Σ (o − t)²
///   δo = (o − t) ∘ o ∘ (1 − o)           δh = (δo·W2ᵀ) ∘ h ∘ (1 − h)
/// </code>
/// t is 1 at the image's label and 0 elsewhere. The loss is stored at the image's place in the epoch, and the host adds the
/// losses up at the end: atomic additions of floats would happen in a different order, with a different sum, in every run.
/// Hits are integers, so an atomic counter is exact.
/// </summary>
public static class OutputLayerAndDeltas
{
    private const int Images = OutputLayer.Images;

    /// <summary>The first of the threads that sum up an image's loss: they are in the last warp, which has the fewest units.</summary>
    private const int FirstLossThread = OutputLayer.GroupSize - 32;

    /// <summary>
    /// One thread per image: a hidden delta needs all ten output deltas of its image, and threads of different groups cannot
    /// wait for each other. A batch of 64 is then only 64 threads, which leave most of a GPU idle.
    /// </summary>
    /// <param name="index">The image in the batch: the launch has B threads.</param>
    /// <param name="labels">The digits of all training images.</param>
    /// <param name="batch">Which of them, B.</param>
    /// <param name="network">W2 and b2 are read.</param>
    /// <param name="a">h is read, the rest is written.</param>
    public static void Naive(Index1D index, ArrayView<byte> labels, Batch batch, Network network, Activations a)
    {
        int i = index;
        int label = labels[batch[i]];
        float loss = 0;
        float largest = -1;
        int digit = 0;
        for (int k = 0; k < Mnist.Outputs; k++)
        {
            float z = network.B2[k];
            for (int unit = 0; unit < network.Hidden; unit++)
                z += a.H[i, unit] * network.W2T[k, unit];
            float o = Sigmoid.Of(z);
            float error = k == label ? o - 1 : o;
            a.OutputDelta[i, k] = error * o * (1 - o);
            loss += error * error;
            if (o > largest)
            {
                largest = o;
                digit = k;
            }
        }
        a.Losses[batch.Start + i] = 0.5f * loss;
        if (digit == label)
            Atomic.Add(ref a.Hits[0], 1);

        for (int unit = 0; unit < network.Hidden; unit++)
        {
            float sum = 0;
            for (int k = 0; k < Mnist.Outputs; k++)
                sum += a.OutputDelta[i, k] * network.W2T[k, unit];
            float h = a.H[i, unit];
            a.HiddenDelta[i, unit] = sum * h * (1 - h);
        }
    }

    /// <summary>
    /// A group of 160 threads for four images. Sixteen threads share each of the sums of the output layer, and forty finish them
    /// and leave the output deltas in shared memory; then the group shares the hidden deltas, four neighbouring units of all
    /// four images per thread. In the naive version one thread does 2,000 multiply-adds one after the other; here the longest
    /// chain is about 50.
    /// </summary>
    /// <param name="labels">The digits of all training images.</param>
    /// <param name="batch">Which of them, B.</param>
    /// <param name="network">W2 and b2 are read.</param>
    /// <param name="a">h is read, the rest is written.</param>
    public static void Tuned(ArrayView<byte> labels, Batch batch, Network network, Activations a)
    {
        ArrayView<float> sums = SharedMemory.Allocate<float>(OutputLayer.AllParts);
        ArrayView<float> output = SharedMemory.Allocate<float>(OutputLayer.GroupOutputs);
        ArrayView<Float4> delta = SharedMemory.Allocate<Float4>(Mnist.Outputs).AsAligned(16);
        int m = Group.IdxX % Images;
        int i = Grid.IdxX * Images + m;
        int label = labels[batch[IntrinsicMath.Min(i, batch.Count - 1)]];

        OutputLayer.Sums(batch.Count, a.H, network, sums);
        if (Group.IdxX < OutputLayer.GroupOutputs)
        {
            int k = Group.IdxX / Images;
            float o = OutputLayer.Output(Group.IdxX, network, sums);
            float error = k == label ? o - 1 : o;
            float outputDelta = error * o * (1 - o);
            output[Group.IdxX] = o;
            delta.Cast<float>()[Group.IdxX] = outputDelta;
            if (i < batch.Count)
                a.OutputDelta[i, k] = outputDelta;
        }
        Group.Barrier();

        int lossThread = Group.IdxX - FirstLossThread;
        if (lossThread >= 0 && lossThread < Images && i < batch.Count)
            AddLossAndHit(batch.Start + i, label, output.SubView(m), a);
        HiddenDeltas(batch.Count - Grid.IdxX * Images, delta, network, a);
    }

    /// <summary>The launch of <see cref="Tuned"/>: one group for every four images.</summary>
    public static KernelConfig Launch(int images) => OutputLayer.Launch(images);

    /// <summary>δh = (δo·W2ᵀ) ∘ h ∘ (1 − h) of the group's images.</summary>
    /// <param name="images">How many it has; those beyond four are the next groups'.</param>
    /// <param name="delta">δo of the four images, one vector per output.</param>
    /// <param name="network">W2 is read.</param>
    /// <param name="a">h is read, δh is written.</param>
    private static void HiddenDeltas(int images, ArrayView<Float4> delta, Network network, Activations a)
    {
        int vectorsPerRow = network.Hidden / 4;
        ArrayView<Float4> w2 = Float4.Of(network.W2T);
        for (int vector = Group.IdxX; vector < vectorsPerRow; vector += OutputLayer.GroupSize)
        {
            Float4 sum0 = default, sum1 = default, sum2 = default, sum3 = default;
            for (int k = 0; k < Mnist.Outputs; k++)
            {
                Float4 weights = w2[k * vectorsPerRow + vector], d = delta[k];
                sum0 += d.X * weights;
                sum1 += d.Y * weights;
                sum2 += d.Z * weights;
                sum3 += d.W * weights;
            }
            StoreDelta(0, images, vector, sum0, a);
            StoreDelta(1, images, vector, sum1, a);
            StoreDelta(2, images, vector, sum2, a);
            StoreDelta(3, images, vector, sum3, a);
        }
    }

    /// <summary>Stores δh of four units of the group's image m, from δo·W2ᵀ.</summary>
    private static void StoreDelta(int m, int images, int vector, Float4 sum, Activations a)
    {
        if (m >= images)
            return;
        int place = (Grid.IdxX * Images + m) * (a.H.IntExtent.Y / 4) + vector;
        Float4 h = Float4.Of(a.H)[place];
        Float4.Of(a.HiddenDelta)[place] = sum * (h - h * h);
    }

    /// <summary>Adds up an image's outputs, which are four apart.</summary>
    private static void AddLossAndHit(int place, int label, ArrayView<float> output, Activations a)
    {
        float loss = 0;
        float largest = -1;
        int digit = 0;
        for (int k = 0; k < Mnist.Outputs; k++)
        {
            float o = output[k * Images];
            float error = k == label ? o - 1 : o;
            loss += error * error;
            if (o > largest)
            {
                largest = o;
                digit = k;
            }
        }
        a.Losses[place] = 0.5f * loss;
        if (digit == label)
            Atomic.Add(ref a.Hits[0], 1);
    }
}
