using MnistGpu.Cli.Benchmarking;
using MnistGpu.Cli.Output;
using MnistGpu.Core.Data;
using MnistGpu.Core.Network;
using MnistGpu.Core.Simd;

namespace MnistGpu.Cli.Reports;

/// <summary>What training.html reads: the figures as in <c>--metrics</c>, and what is shown as pictures.</summary>
/// <param name="Training">Null if a saved network is evaluated.</param>
/// <param name="Evaluation">On the test images.</param>
/// <param name="Machine">Where the page was written.</param>
/// <param name="MistakePixels">784 bytes for each of the mistakes.</param>
/// <param name="ShownUnits">The number of hidden units whose weights are included; with more, the page would be slow.</param>
/// <param name="Weights">784×ShownUnits, row-major: the first columns of W1, each scaled to −127…127.</param>
internal sealed record NetworkReport(
    TrainingMetrics? Training, EvaluationMetrics Evaluation, MachineInfo Machine, byte[] MistakePixels, int ShownUnits,
    byte[] Weights)
{
    private const int MostUnits = 1024;

    /// <summary>Writes the report of a training. Tests on the CPU, whatever device trained, or failed.</summary>
    /// <exception cref="IOException">The file cannot be written.</exception>
    public static void Write(string path, TrainingMetrics training, ImageSet test, NetworkParameters network)
    {
        using var engine = new SimdEngine();
        var evaluation = EvaluationMetrics.Of(engine, network, training.Dataset, test, CancellationToken.None);
        Write(path, training, evaluation, test, network);
    }

    /// <exception cref="IOException">The file cannot be written.</exception>
    public static void Write(
        string path, TrainingMetrics? training, EvaluationMetrics evaluation, ImageSet test, NetworkParameters network)
    {
        int units = Math.Min(network.Hidden, MostUnits);
        byte[] pixels = [.. evaluation.Mistakes.SelectMany(mistake => test.Image(mistake.Index).ToArray())];
        var report = new NetworkReport(
            training, evaluation, MachineInfo.Read([]), pixels, units, Weights8Bit(network, units));
        HtmlPage.Write(path, "training.html", report, PageJson.Default.NetworkReport);
    }

    private static byte[] Weights8Bit(NetworkParameters network, int units)
    {
        var weights = new byte[NetworkParameters.Inputs * units];
        for (int unit = 0; unit < units; unit++)
        {
            float largest = float.Epsilon;
            for (int i = unit; i < network.W1.Length; i += network.Hidden)
                largest = Math.Max(largest, Math.Abs(network.W1[i]));
            for (int pixel = 0; pixel < NetworkParameters.Inputs; pixel++)
                weights[pixel * units + unit] = (byte)(sbyte)(127 * network.W1[pixel * network.Hidden + unit] / largest);
        }
        return weights;
    }
}
