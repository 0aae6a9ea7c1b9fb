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
    /// <summary>The thread that sums up an image's loss: the first of the last warp, which has no hidden deltas to do.</summary>
    private const int LossThread = OutputLayer.GroupSize - 32;

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
    /// A group of 160 threads per image. Sixteen threads share each of the ten sums of the output layer, and ten finish them
    /// and leave the output deltas in shared memory; then the group shares the hidden deltas, four neighbouring units per
    /// thread. In the naive version one thread does 2,000 multiply-adds one after the other; here the longest chain is about
    /// 50.
    /// </summary>
    /// <param name="labels">The digits of all training images.</param>
    /// <param name="batch">Which of them, B.</param>
    /// <param name="network">W2 and b2 are read.</param>
    /// <param name="a">h is read, the rest is written.</param>
    public static void Tuned(ArrayView<byte> labels, Batch batch, Network network, Activations a)
    {
        ArrayView<float> sums = SharedMemory.Allocate<float>(OutputLayer.GroupSize);
        ArrayView<float> output = SharedMemory.Allocate<float>(Mnist.Outputs);
        ArrayView<float> delta = SharedMemory.Allocate<float>(Mnist.Outputs);
        int i = Grid.IdxX;
        int label = labels[batch[i]];

        OutputLayer.Sums(i, a.H, network, sums);
        int k = Group.IdxX;
        if (k < Mnist.Outputs)
        {
            float o = OutputLayer.Output(k, network, sums);
            float error = k == label ? o - 1 : o;
            output[k] = o;
            delta[k] = error * o * (1 - o);
            a.OutputDelta[i, k] = delta[k];
        }
        Group.Barrier();

        if (Group.IdxX == LossThread)
            AddLossAndHit(batch.Start + i, label, output, a);
        HiddenDeltas(i, delta, network, a);
    }

    /// <summary>The launch of <see cref="Tuned"/>: one group per image.</summary>
    public static KernelConfig Launch(int images) => OutputLayer.Launch(images);

    /// <summary>δh = (δo·W2ᵀ) ∘ h ∘ (1 − h) of one image.</summary>
    private static void HiddenDeltas(int i, ArrayView<float> delta, Network network, Activations a)
    {
        int vectorsPerRow = network.Hidden / 4;
        ArrayView<Float4> w2 = Float4.Of(network.W2T);
        ArrayView<Float4> h4 = Float4.Of(a.H).SubView(i * vectorsPerRow);
        ArrayView<Float4> hiddenDelta = Float4.Of(a.HiddenDelta).SubView(i * vectorsPerRow);
        for (int vector = Group.IdxX; vector < vectorsPerRow; vector += OutputLayer.GroupSize)
        {
            Float4 sum = default;
            for (int k = 0; k < Mnist.Outputs; k++)
                sum += delta[k] * w2[k * vectorsPerRow + vector];
            Float4 h = h4[vector];
            hiddenDelta[vector] = sum * (h - h * h);
        }
    }

    private static void AddLossAndHit(int place, int label, ArrayView<float> output, Activations a)
    {
        float loss = 0;
        float largest = -1;
        int digit = 0;
        for (int k = 0; k < Mnist.Outputs; k++)
        {
            float o = output[k];
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
