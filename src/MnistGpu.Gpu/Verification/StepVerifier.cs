using ILGPU.Runtime;
using MnistGpu.Core.Network;
using MnistGpu.Core.Verification;
using MnistGpu.Gpu.Devices;
using MnistGpu.Gpu.Engine;
using MnistGpu.Kernels;

namespace MnistGpu.Gpu.Verification;

/// <summary>
/// Runs the kernels of a training step, and of a prediction, on random data: each separately, so that a row names the kernel
/// that is wrong. The expected values are computed by plain loops in double precision, from the textbook's formulas.
/// </summary>
/// <param name="accelerator">Where they run.</param>
/// <param name="tuned">Whether to run the tuned versions.</param>
/// <param name="device">The accelerator's name in errors; null for its driver's name.</param>
internal sealed class StepVerifier(Accelerator accelerator, bool tuned, string? device = null)
{
    private const int Inputs = NetworkParameters.Inputs;
    private const int Outputs = NetworkParameters.Outputs;
    private const float LearningRate = 0.3f;

    /// <summary>That of the output layer.</summary>
    private const float OutputRate = LearningRate / 4;

    private const float Momentum = 0.75f;

    private readonly DeviceQueue _queue = new(accelerator, tuned);
    private readonly string _version = tuned ? "tuned" : "naive";

    /// <summary>Runs each kernel once.</summary>
    /// <param name="images">Images of the batch B.</param>
    /// <param name="hidden">Hidden units H.</param>
    /// <exception cref="DeviceException">The device fails; the message names the kernel.</exception>
    public IEnumerable<VerificationRow> Kernels(int images, int hidden)
    {
        using RandomStep step = Run("uploading a batch", () => new RandomStep(accelerator, _queue, images, hidden));
        NetworkParameters before = step.Parameters;

        // A term is rounded by 1/255, by multiplying the pixel by that, by the product, and by the additions.
        (float[] h, VerificationRow row) = HiddenLayer(step, _version, _queue.LaunchHiddenLayer, lit => lit + 3);
        yield return row;
        bool onTensorCores = tuned && TensorCores.CanRun(accelerator);
        if (onTensorCores)
        {
            // What follows uses these, which are as good as the others.
            (h, row) = HiddenLayer(step, "tensor cores", _queue.LaunchHiddenLayerOnTensorCores, TensorCores.Operations);
            yield return row;
        }
        yield return OutputLayer(step, h);
        (float[] outputDelta, float[] hiddenDelta, VerificationRow[] rows) = OutputLayerAndDeltas(step, h);
        foreach (VerificationRow each in rows)
            yield return each;

        // A term is rounded as in the forward pass and by η.
        foreach (VerificationRow each in Update(
            step, _version, _queue.LaunchParameterUpdate, h, outputDelta, hiddenDelta, weightOperations: images + 3))
            yield return each;
        if (!onTensorCores)
            yield break;
        step.Network.Upload(_queue, before);
        step.Velocity.Upload(_queue, step.VelocityBefore, fill: 0);
        foreach (VerificationRow each in Update(
            step, "tensor cores", _queue.LaunchParameterUpdateOnTensorCores, h, outputDelta, hiddenDelta,
            TensorCores.Operations(images)))
            yield return each;
    }

    /// <summary>h = σ(X·W1 + b1), given the number of successive operations for an image with a number of lit pixels.</summary>
    private (float[] H, VerificationRow Row) HiddenLayer(
        RandomStep step, string version, Action<Images, Batch, Network, Matrix> launch, Func<int, int> operations)
    {
        float[] h = Run($"HiddenLayer, {version}", () =>
        {
            launch(step.Images, step.Batch, step.Network.Views, step.Activations.H);
            return step.Network.DownloadUnits(_queue, step.Activations.H);
        });
        return (h, HiddenLayer(h, step.Chosen, step.Pixels, step.Parameters, operations)
            .ToRow($"HiddenLayer, {version}", Shape(step)));
    }

    /// <summary>o = σ(h·W2 + b2).</summary>
    private VerificationRow OutputLayer(RandomStep step, float[] h)
    {
        float[] output = Run($"OutputLayer, {_version}", () =>
        {
            _queue.LaunchOutputLayer(step.Activations.H, step.Network.Views, step.Output);
            return _queue.Download(step.Output.BaseView);
        });
        return OutputLayer(output, h, step.Parameters).ToRow($"OutputLayer, {_version}", Shape(step));
    }

    /// <summary>δo, δh, loss and hits.</summary>
    private (float[] OutputDelta, float[] HiddenDelta, VerificationRow[] Rows) OutputLayerAndDeltas(RandomStep step, float[] h)
    {
        var (outputDelta, hiddenDelta, losses, hits) = Run($"OutputLayerAndDeltas, {_version}", () =>
        {
            _queue.LaunchOutputLayerAndDeltas(step.Images.Labels, step.Batch, step.Network.Views, step.Activations);
            return (
                _queue.Download(step.Activations.OutputDelta.BaseView),
                step.Network.DownloadUnits(_queue, step.Activations.HiddenDelta),
                _queue.Download(step.Losses),
                _queue.Download(step.Activations.Hits)[0]);
        });
        var ofOutputs = new Comparison();
        var ofHidden = new Comparison();
        var ofLoss = new Comparison();
        var ofHits = new Comparison();
        Deltas(
            outputDelta, hiddenDelta, losses, hits, h, step.Chosen, step.Labels, step.Parameters,
            ofOutputs, ofHidden, ofLoss, ofHits);
        return (outputDelta, hiddenDelta,
        [
            ofOutputs.ToRow($"OutputLayerAndDeltas δo, {_version}", Shape(step)),
            ofHidden.ToRow($"OutputLayerAndDeltas δh, {_version}", Shape(step)),
            ofLoss.ToRow($"OutputLayerAndDeltas loss, {_version}", Shape(step)),
            ofHits.ToRow($"OutputLayerAndDeltas hits, {_version}", Shape(step)),
        ]);
    }

    /// <summary>Runs the update once without momentum and once with it.</summary>
    private IEnumerable<VerificationRow> Update(
        RandomStep step, string version, Action<Images, Batch, Activations, Network, StepRates> launch, float[] h,
        float[] outputDelta, float[] hiddenDelta, int weightOperations)
    {
        int images = step.Batch.Count;
        NetworkParameters before = step.Parameters;
        var rates = new StepRates(LearningRate, OutputRate, Momentum: 0, step.Velocity.Views);
        var (plain, moved, velocity) = Run($"ParameterUpdate, {version}", () =>
        {
            launch(step.Images, step.Batch, step.Activations, step.Network.Views, rates);
            NetworkParameters plain = step.Network.Download(_queue);
            step.Network.Upload(_queue, before);
            launch(step.Images, step.Batch, step.Activations, step.Network.Views, rates with { Momentum = Momentum });
            return (plain, step.Network.Download(_queue), step.Velocity.Download(_queue));
        });
        var x = new double[images * Inputs];
        for (int i = 0; i < images; i++)
            for (int p = 0; p < Inputs; p++)
                x[i * Inputs + p] = step.Pixels[step.Chosen[i] * Inputs + p] / 255.0;
        double[] ones = [.. Enumerable.Repeat(1.0, images)];
        yield return Row("W1", n => n.W1, LearningRate, x, hiddenDelta, weightOperations);
        yield return Row("b1", n => n.B1, LearningRate, ones, hiddenDelta, images + 3);
        yield return Row("W2", n => n.W2, OutputRate, [.. h], outputDelta, images + 3);
        yield return Row("b2", n => n.B2, OutputRate, ones, outputDelta, images + 3);

        VerificationRow Row(
            string array, Func<NetworkParameters, float[]> choose, double rate, double[] input, float[] delta,
            int operations)
        {
            var comparison = new Comparison();
            ReadOnlySpan<float> w = choose(before), v = choose(step.VelocityBefore);
            foreach ((int i, double change, double error) in Changes(rate, input, delta, images, operations))
            {
                Add(comparison, choose(plain)[i], w[i] + change, error);
                // Each sum is rounded once more, and so is the product with µ.
                double sum = v[i] + change, sumError = error + Rounding.Unit * (Math.Abs(sum) + error);
                Add(comparison, choose(moved)[i], w[i] + sum, sumError);
                Add(comparison, choose(velocity)[i], Momentum * sum, Momentum * sumError);
            }
            return comparison.ToRow($"ParameterUpdate {array}, {version}", Shape(step));
        }
    }

    /// <summary>Compares with a value that was rounded when stored.</summary>
    private static void Add(Comparison comparison, float computed, double expected, double error) =>
        comparison.Add(computed, expected, error + Rounding.Unit * (Math.Abs(expected) + error));

    private static string Shape(RandomStep step) => $"B {step.Batch.Count}, H {step.Parameters.Hidden}";

    /// <summary>Calls the driver, and names the device and the kernel if that fails.</summary>
    private T Run<T>(string kernel, Func<T> call)
    {
        try
        {
            return call();
        }
        catch (Exception exception) when (DeviceException.IsDeviceFault(exception))
        {
            throw new DeviceException(device ?? accelerator.Name, $"failed in {kernel}", exception);
        }
    }

    private static Comparison HiddenLayer(
        float[] computed, int[] chosen, byte[] pixels, NetworkParameters network, Func<int, int> operations)
    {
        var comparison = new Comparison();
        int units = network.Hidden;
        for (int i = 0; i < chosen.Length; i++)
            for (int j = 0; j < units; j++)
            {
                double z = network.B1[j], magnitude = Math.Abs(z);
                int lit = 0;
                for (int p = 0; p < Inputs; p++)
                {
                    int pixel = pixels[chosen[i] * Inputs + p];
                    if (pixel == 0)
                        continue;
                    double product = pixel / 255.0 * network.W1[p * units + j];
                    z += product;
                    magnitude += Math.Abs(product);
                    lit++;
                }
                double zError = Rounding.Gamma(operations(lit)) * magnitude;
                comparison.Add(computed[i * units + j], 1 / (1 + Math.Exp(-z)), Rounding.Sigmoid(z, zError));
            }
        return comparison;
    }

    /// <summary>o = σ(h·W2 + b2).</summary>
    private static Comparison OutputLayer(float[] computed, float[] hidden, NetworkParameters network)
    {
        var comparison = new Comparison();
        for (int i = 0; i < hidden.Length / network.Hidden; i++)
            for (int k = 0; k < Outputs; k++)
            {
                (double o, double error) = Output(i, k, hidden, network);
                comparison.Add(computed[i * Outputs + k], o, error);
            }
        return comparison;
    }

    /// <summary>An output and what rounding can do to it.</summary>
    private static (double Output, double Error) Output(int image, int digit, float[] hidden, NetworkParameters network)
    {
        int units = network.Hidden;
        double z = network.B2[digit], magnitude = Math.Abs(z);
        for (int j = 0; j < units; j++)
        {
            double product = (double)hidden[image * units + j] * network.W2[j * Outputs + digit];
            z += product;
            magnitude += Math.Abs(product);
        }
        return (1 / (1 + Math.Exp(-z)), Rounding.Sigmoid(z, Rounding.Gamma(units + 1) * magnitude));
    }

    /// <summary>loss = ½ Σ (o − t)², δo = (o − t) ∘ o ∘ (1 − o), δh = (δo·W2ᵀ) ∘ h ∘ (1 − h), and hits.</summary>
    private static void Deltas(
        float[] outputDelta, float[] hiddenDelta, float[] losses, int hits,
        float[] hidden, int[] chosen, byte[] labels, NetworkParameters network,
        Comparison ofOutputs, Comparison ofHidden, Comparison ofLoss, Comparison ofHits)
    {
        int units = network.Hidden;
        var output = new double[Outputs];
        var outputError = new double[Outputs];
        var delta = new double[Outputs];
        var deltaError = new double[Outputs];
        int expectedHits = 0, undecided = 0;
        for (int i = 0; i < chosen.Length; i++)
        {
            int label = labels[chosen[i]];
            double loss = 0, lossError = 0;
            for (int k = 0; k < Outputs; k++)
            {
                (double o, double oError) = Output(i, k, hidden, network);
                double e = k == label ? o - 1 : o;
                (output[k], outputError[k]) = (o, oError);
                delta[k] = e * o * (1 - o);
                // (o − t)·o·(1 − o) has a slope of at most 1 for o from 0 to 1; and four operations.
                deltaError[k] = oError + Rounding.Gamma(4) * Math.Abs(delta[k]);
                ofOutputs.Add(outputDelta[i * Outputs + k], delta[k], deltaError[k]);
                loss += e * e / 2;
                lossError += (Math.Abs(e) + oError) * oError + Rounding.Gamma(Outputs + 3) * e * e / 2;
            }
            ofLoss.Add(losses[i], loss, lossError);

            int best = Array.IndexOf(output, output.Max());
            expectedHits += best == label ? 1 : 0;
            bool isClear = true;
            for (int k = 0; k < Outputs; k++)
                isClear &= k == best || output[best] - output[k] > outputError[best] + outputError[k];
            undecided += isClear ? 0 : 1;

            for (int j = 0; j < units; j++)
            {
                double sum = 0, error = 0;
                for (int k = 0; k < Outputs; k++)
                {
                    double w = network.W2[j * Outputs + k];
                    sum += delta[k] * w;
                    // Ten products and their sum, and three operations for h and 1 − h.
                    error += deltaError[k] * Math.Abs(w) + Rounding.Gamma(Outputs + 3) * Math.Abs(delta[k] * w);
                }
                double h = hidden[i * units + j];
                double slope = h * (1 - h);
                ofHidden.Add(hiddenDelta[i * units + j], sum * slope, error * slope);
            }
        }
        ofHits.Add(hits, expectedHits, undecided);
    }

    /// <summary>
    /// −η·Aᵀ·δ, where A (B×N) is the layer's input and δ is B×M; with A all ones (B×1), −η·Σδ. Each element comes with its place
    /// in the N×M parameters and its rounding bound for this many successive operations.
    /// </summary>
    private static IEnumerable<(int Index, double Change, double Error)> Changes(
        double rate, double[] input, float[] delta, int images, int operations)
    {
        int inputs = input.Length / images;
        int outputs = delta.Length / images;
        for (int row = 0; row < inputs; row++)
            for (int column = 0; column < outputs; column++)
            {
                double gradient = 0, magnitude = 0;
                for (int i = 0; i < images; i++)
                {
                    double product = input[i * inputs + row] * delta[i * outputs + column];
                    gradient += product;
                    magnitude += Math.Abs(product);
                }
                yield return (row * outputs + column, -rate * gradient, rate * Rounding.Gamma(operations) * magnitude);
            }
    }
}
