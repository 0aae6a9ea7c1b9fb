using MnistGpu.Core.Augmentation;
using MnistGpu.Core.Data;
using MnistGpu.Core.Network;
using MnistGpu.Core.Training;

namespace MnistGpu.Core.Reference;

/// <summary>
/// The engine that every other is checked against: the textbook algorithm in plain scalar loops, without SIMD or threads.
/// Its one shortcut: a pixel that is 0 adds nothing to any sum, so it is skipped. Parameters are float32; sums are in
/// double, so that any difference from a faster engine is that engine's rounding.
/// (The algorithm: M. Nielsen, Neural Networks and Deep Learning, 2015, chapter 2.)
/// </summary>
public sealed class ReferenceEngine : ITrainingEngine
{
    private const int Inputs = NetworkParameters.Inputs;
    private const int Outputs = NetworkParameters.Outputs;

    // Hidden activations of a batch: 1 GB of doubles, and as much again for their deltas.
    private const int MaxActivations = 1 << 27;

    private ImageSet? _loaded;
    private ImageSet? _images;
    private NetworkParameters? _network;
    private NetworkParameters? _velocity;
    private bool _disposed;

    /// <inheritdoc/>
    public string Name => "reference";

    /// <inheritdoc/>
    public string Description => "plain scalar loops, 1 thread";

    /// <inheritdoc/>
    public void LoadTrainingImages(ImageSet images)
    {
        ObjectDisposedException.ThrowIf(_disposed, this);
        (_loaded, _images) = (images, images);
    }

    /// <inheritdoc/>
    public void DistortTrainingImages(int seed, int epoch)
    {
        ObjectDisposedException.ThrowIf(_disposed, this);
        ImageSet loaded = _loaded ?? throw new InvalidOperationException("Call LoadTrainingImages first.");
        var pixels = new byte[loaded.Pixels.Length];
        for (int i = 0; i < loaded.Count; i++)
            Distortion.Draw(loaded.Image(i), seed, epoch, i, pixels.AsSpan(i * Inputs, Inputs));
        _images = new ImageSet(pixels, loaded.Labels);
    }

    /// <inheritdoc/>
    public void SetParameters(NetworkParameters parameters)
    {
        ObjectDisposedException.ThrowIf(_disposed, this);
        _network = parameters.Clone();
        _velocity = new NetworkParameters(parameters.Hidden);
    }

    /// <inheritdoc/>
    public NetworkParameters GetParameters() => Network.Clone();

    /// <inheritdoc/>
    public void SetVelocity(NetworkParameters velocity)
    {
        EngineContract.CheckVelocity(velocity, Network.Hidden);
        _velocity = velocity.Clone();
    }

    /// <inheritdoc/>
    public NetworkParameters GetVelocity()
    {
        ObjectDisposedException.ThrowIf(_disposed, this);
        return Velocity.Clone();
    }

    private ImageSet Images => _images ?? throw new InvalidOperationException("Call LoadTrainingImages first.");

    private NetworkParameters Network => _disposed
        ? throw new ObjectDisposedException(nameof(ReferenceEngine))
        : _network ?? throw new InvalidOperationException("Call SetParameters first.");

    private NetworkParameters Velocity => _velocity ?? throw new InvalidOperationException("Call SetParameters first.");

    /// <inheritdoc/>
    /// <exception cref="ArgumentException">Batch size times hidden units is more than 2^27.</exception>
    public EpochStatistics TrainEpoch(
        ReadOnlyMemory<int> order,
        int batchSize,
        EpochRates rates,
        IProgress<EpochProgress>? progress,
        CancellationToken cancellationToken)
    {
        int hiddenUnits = Network.Hidden;
        EngineContract.CheckEpoch(_images?.Count, order.Span, batchSize, rates);
        int largestBatch = Math.Min(batchSize, order.Length);
        if ((long)largestBatch * hiddenUnits > MaxActivations)
            throw new ArgumentException(
                $"a batch of {largestBatch} images is too large for {hiddenUnits} hidden units: their product may be at "
                + $"most {MaxActivations}; choose a smaller batch size or fewer hidden units");
        var hidden = new double[largestBatch * hiddenUnits];
        var output = new double[largestBatch * Outputs];
        var hiddenDelta = new double[largestBatch * hiddenUnits];
        var outputDelta = new double[largestBatch * Outputs];
        double loss = 0;
        int hits = 0;

        for (int step = 0, start = 0; start < order.Length; step++, start += batchSize)
        {
            ReadOnlySpan<int> batch = order.Span.Slice(start, Math.Min(batchSize, order.Length - start));
            for (int i = 0; i < batch.Length; i++)
            {
                cancellationToken.ThrowIfCancellationRequested();
                Span<double> h = hidden.AsSpan(i * hiddenUnits, hiddenUnits);
                Span<double> o = output.AsSpan(i * Outputs, Outputs);
                int label = Images.Labels[batch[i]];
                Forward(Network, Images.Image(batch[i]), h, o);
                loss += Loss(o, label);
                hits += IndexOfMax(o) == label ? 1 : 0;
                Backward(Network, h, o, label,
                    hiddenDelta.AsSpan(i * hiddenUnits, hiddenUnits), outputDelta.AsSpan(i * Outputs, Outputs));
            }

            double rate = rates.LearningRates.Span[step], outputRate = rate * rates.OutputRatio;
            UpdateOutputLayer(batch.Length, hidden, outputDelta, outputRate, rates.Momentum);
            UpdateHiddenLayer(batch, hiddenDelta, rate, rates.Momentum, cancellationToken);
            progress?.Report(new EpochProgress(start + batch.Length, loss / (start + batch.Length)));
        }

        return new EpochStatistics(loss / order.Length, hits);
    }

    /// <inheritdoc/>
    public float[] Predict(ReadOnlyMemory<byte> pixels, CancellationToken cancellationToken = default)
    {
        int count = EngineContract.CountImages(pixels);
        var hidden = new double[Network.Hidden];
        var output = new double[Outputs];
        var outputs = new float[count * Outputs];
        for (int i = 0; i < count; i++)
        {
            cancellationToken.ThrowIfCancellationRequested();
            Forward(Network, pixels.Span.Slice(i * Inputs, Inputs), hidden, output);
            for (int k = 0; k < Outputs; k++)
                outputs[i * Outputs + k] = (float)output[k];
        }
        return outputs;
    }

    /// <summary>There is nothing to free, but later calls are rejected, as by every engine.</summary>
    public void Dispose() => _disposed = true;

    /// <summary>h = σ(x·W1 + b1), o = σ(h·W2 + b2) for one image x (784) with h (H) and o (10).</summary>
    private static void Forward(
        NetworkParameters network, ReadOnlySpan<byte> image, Span<double> hidden, Span<double> output)
    {
        for (int j = 0; j < hidden.Length; j++)
            hidden[j] = network.B1[j];
        for (int p = 0; p < Inputs; p++)
        {
            if (image[p] == 0)
                continue;
            double x = image[p] / 255.0;
            ReadOnlySpan<float> row = network.W1.AsSpan(p * hidden.Length, hidden.Length);
            for (int j = 0; j < hidden.Length; j++)
                hidden[j] += x * row[j];
        }
        for (int j = 0; j < hidden.Length; j++)
            hidden[j] = Sigmoid(hidden[j]);

        for (int k = 0; k < Outputs; k++)
        {
            double z = network.B2[k];
            for (int j = 0; j < hidden.Length; j++)
                z += hidden[j] * network.W2[j * Outputs + k];
            output[k] = Sigmoid(z);
        }
    }

    /// <summary>δo = (o − t) ∘ o ∘ (1 − o), δh = (δo·W2ᵀ) ∘ h ∘ (1 − h) for one image; t is 1 at the label, else 0.</summary>
    private static void Backward(
        NetworkParameters network, ReadOnlySpan<double> hidden, ReadOnlySpan<double> output, int label,
        Span<double> hiddenDelta, Span<double> outputDelta)
    {
        for (int k = 0; k < Outputs; k++)
        {
            double target = k == label ? 1 : 0;
            outputDelta[k] = (output[k] - target) * output[k] * (1 - output[k]);
        }
        for (int j = 0; j < hidden.Length; j++)
        {
            double sum = 0;
            for (int k = 0; k < Outputs; k++)
                sum += outputDelta[k] * network.W2[j * Outputs + k];
            hiddenDelta[j] = sum * hidden[j] * (1 - hidden[j]);
        }
    }

    /// <summary>The steps of W2 along hᵀ·δo and of b2 along Σδo; the sums run over the images of the batch.</summary>
    private void UpdateOutputLayer(
        int images, double[] hidden, double[] outputDelta, double learningRate, double momentum)
    {
        int hiddenUnits = Network.Hidden;
        for (int k = 0; k < Outputs; k++)
        {
            double biasGradient = 0;
            for (int i = 0; i < images; i++)
                biasGradient += outputDelta[i * Outputs + k];
            Descend(ref Network.B2[k], ref Velocity.B2[k], biasGradient, learningRate, momentum);

            for (int j = 0; j < hiddenUnits; j++)
            {
                double gradient = 0;
                for (int i = 0; i < images; i++)
                    gradient += hidden[i * hiddenUnits + j] * outputDelta[i * Outputs + k];
                int w = j * Outputs + k;
                Descend(ref Network.W2[w], ref Velocity.W2[w], gradient, learningRate, momentum);
            }
        }
    }

    /// <summary>The steps of W1 along Xᵀ·δh and of b1 along Σδh; the sums run over the images of the batch.</summary>
    private void UpdateHiddenLayer(
        ReadOnlySpan<int> batch, double[] hiddenDelta, double learningRate, double momentum,
        CancellationToken cancellationToken)
    {
        int hiddenUnits = Network.Hidden;
        Span<double> gradient = new double[hiddenUnits];
        for (int i = 0; i < batch.Length; i++)
            for (int j = 0; j < hiddenUnits; j++)
                gradient[j] += hiddenDelta[i * hiddenUnits + j];
        for (int j = 0; j < hiddenUnits; j++)
            Descend(ref Network.B1[j], ref Velocity.B1[j], gradient[j], learningRate, momentum);

        for (int p = 0; p < Inputs; p++)
        {
            cancellationToken.ThrowIfCancellationRequested();
            gradient.Clear();
            // A row without a gradient still moves with its momentum.
            bool moves = momentum != 0;
            for (int i = 0; i < batch.Length; i++)
            {
                byte pixel = Images.Image(batch[i])[p];
                if (pixel == 0)
                    continue;
                moves = true;
                double x = pixel / 255.0;
                ReadOnlySpan<double> delta = hiddenDelta.AsSpan(i * hiddenUnits, hiddenUnits);
                for (int j = 0; j < hiddenUnits; j++)
                    gradient[j] += x * delta[j];
            }
            for (int j = 0; moves && j < hiddenUnits; j++)
            {
                int w = p * hiddenUnits + j;
                Descend(ref Network.W1[w], ref Velocity.W1[w], gradient[j], learningRate, momentum);
            }
        }
    }

    /// <summary>s = v − η·gradient, w += s, v = µ·s.</summary>
    private static void Descend(
        ref float parameter, ref float velocity, double gradient, double learningRate, double momentum)
    {
        double step = velocity - learningRate * gradient;
        parameter = (float)(parameter + step);
        velocity = (float)(momentum * step);
    }

    private static double Sigmoid(double z) => 1 / (1 + Math.Exp(-z));

    private static double Loss(ReadOnlySpan<double> output, int label)
    {
        double sum = 0;
        for (int k = 0; k < Outputs; k++)
        {
            double error = output[k] - (k == label ? 1 : 0);
            sum += error * error;
        }
        return sum / 2;
    }

    private static int IndexOfMax(ReadOnlySpan<double> values)
    {
        int best = 0;
        for (int k = 1; k < values.Length; k++)
            if (values[k] > values[best])
                best = k;
        return best;
    }
}
