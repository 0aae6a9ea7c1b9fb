using ILGPU;

namespace MnistGpu.Kernels;

/// <summary>
/// The second launch of a training step: the output layer and the deltas of both layers, with the W2 from before the
/// step.
/// <code>
///   o  = σ(h·W2 + b2)                    loss of an image = ½ Σ (o − t)²
///   δo = (o − t) ∘ o ∘ (1 − o)           δh = (δo·W2ᵀ) ∘ h ∘ (1 − h)
/// </code>
/// h and δh are B×H, o and δo are B×10, W2 is H×10; t is 1 at the image's label and 0 elsewhere. The loss goes to the
/// image's place in the epoch and is added up on the host at the end, since atomic additions of floats come in another
/// order, and to another sum, in every run. Hits are whole numbers, so an atomic counter is exact.
/// </summary>
public static class OutputLayerAndDeltas
{
    /// <summary>
    /// One thread an image: a hidden delta needs all ten output deltas of its image, and threads of different groups
    /// cannot wait for each other. A batch of 64 is then 64 threads, which leaves most of a GPU idle.
    /// </summary>
    /// <param name="image">The image of the batch: the range of the launch is B.</param>
    /// <param name="labels">The digits of all training images.</param>
    /// <param name="order">The order of the images in the epoch.</param>
    /// <param name="start">Where in the order the batch begins.</param>
    /// <param name="hidden">h, B×H.</param>
    /// <param name="w2">Weights, H×10.</param>
    /// <param name="b2">Biases, 10.</param>
    /// <param name="units">Hidden units H.</param>
    /// <param name="outputDelta">δo, B×10; written.</param>
    /// <param name="hiddenDelta">δh, B×H; written.</param>
    /// <param name="losses">The loss of each image of the epoch, in its order; the batch's are written.</param>
    /// <param name="hits">One number: images classified rightly, added to.</param>
    public static void Naive(
        Index1D image, ArrayView<byte> labels, ArrayView<int> order, int start,
        ArrayView<float> hidden, ArrayView<float> w2, ArrayView<float> b2, int units,
        ArrayView<float> outputDelta, ArrayView<float> hiddenDelta, ArrayView<float> losses, ArrayView<int> hits)
    {
        int label = labels[order[start + image]];
        int firstHidden = image * units;
        int firstOutput = image * Mnist.Digits;

        float loss = 0;
        float largest = -1;
        int digit = 0;
        for (int k = 0; k < Mnist.Digits; k++)
        {
            float z = b2[k];
            for (int j = 0; j < units; j++)
                z += hidden[firstHidden + j] * w2[j * Mnist.Digits + k];
            float o = Sigmoid.Of(z);
            float error = k == label ? o - 1 : o;
            outputDelta[firstOutput + k] = error * o * (1 - o);
            loss += error * error;
            if (o > largest)
            {
                largest = o;
                digit = k;
            }
        }
        losses[start + image] = 0.5f * loss;
        if (digit == label)
            Atomic.Add(ref hits[0], 1);

        for (int j = 0; j < units; j++)
        {
            float sum = 0;
            for (int k = 0; k < Mnist.Digits; k++)
                sum += outputDelta[firstOutput + k] * w2[j * Mnist.Digits + k];
            float h = hidden[firstHidden + j];
            hiddenDelta[firstHidden + j] = sum * h * (1 - h);
        }
    }

    /// <summary>
    /// A group of 128 threads an image. All of them share the ten sums of the output layer (see
    /// <see cref="OutputLayer.Tuned"/>), ten finish them and leave the output deltas in shared memory, and then all of
    /// them share the hidden deltas, neighbouring units to neighbouring threads. Where the naive version has one thread
    /// do 2,000 multiply-adds one after the other, here the longest way is about 30.
    /// </summary>
    /// <param name="labels">The digits of all training images.</param>
    /// <param name="order">The order of the images in the epoch.</param>
    /// <param name="start">Where in the order the batch begins.</param>
    /// <param name="hidden">h, B×H.</param>
    /// <param name="w2">Weights, H×10.</param>
    /// <param name="b2">Biases, 10.</param>
    /// <param name="units">Hidden units H.</param>
    /// <param name="outputDelta">δo, B×10; written.</param>
    /// <param name="hiddenDelta">δh, B×H; written.</param>
    /// <param name="losses">The loss of each image of the epoch, in its order; the batch's are written.</param>
    /// <param name="hits">One number: images classified rightly, added to.</param>
    public static void Tuned(
        ArrayView<byte> labels, ArrayView<int> order, int start,
        ArrayView<float> hidden, ArrayView<float> w2, ArrayView<float> b2, int units,
        ArrayView<float> outputDelta, ArrayView<float> hiddenDelta, ArrayView<float> losses, ArrayView<int> hits)
    {
        ArrayView<float> partial = SharedMemory.Allocate<float>(OutputLayer.GroupSize);
        ArrayView<float> output = SharedMemory.Allocate<float>(Mnist.Digits);
        ArrayView<float> delta = SharedMemory.Allocate<float>(Mnist.Digits);
        int thread = Group.IdxX;
        int image = Grid.IdxX;
        int label = labels[order[start + image]];
        int firstHidden = image * units;

        partial[thread] = OutputLayer.PartialSum(thread, firstHidden, hidden, w2, units);
        Group.Barrier();
        if (thread < Mnist.Digits)
        {
            float o = OutputLayer.Output(thread, partial, b2);
            float error = thread == label ? o - 1 : o;
            float d = error * o * (1 - o);
            output[thread] = o;
            delta[thread] = d;
            outputDelta[image * Mnist.Digits + thread] = d;
        }
        Group.Barrier();

        for (int j = thread; j < units; j += OutputLayer.GroupSize)
        {
            float sum = 0;
            for (int k = 0; k < Mnist.Digits; k++)
                sum += delta[k] * w2[j * Mnist.Digits + k];
            float h = hidden[firstHidden + j];
            hiddenDelta[firstHidden + j] = sum * h * (1 - h);
        }

        if (thread == 0)
        {
            float loss = 0;
            float largest = -1;
            int digit = 0;
            for (int k = 0; k < Mnist.Digits; k++)
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
            losses[start + image] = 0.5f * loss;
            if (digit == label)
                Atomic.Add(ref hits[0], 1);
        }
    }

    /// <summary>The launch of <see cref="Tuned"/>: a group an image.</summary>
    /// <param name="images">Images of the batch.</param>
    public static KernelConfig TunedLaunch(int images) => OutputLayer.TunedLaunch(images);
}
