using System.Text;
using MnistGpu.Core.Files;
using MnistGpu.Core.Network;
using MnistGpu.Core.Training;

namespace MnistGpu.Cli.Sweeping;

/// <summary>Several networks combined: its outputs are the mean of theirs.</summary>
internal sealed class Ensemble
{
    private const int Outputs = NetworkParameters.Outputs;

    private readonly float[] _mean;

    /// <param name="outputs">Count × 10 for each network; at least one network.</param>
    public Ensemble(IReadOnlyList<float[]> outputs)
    {
        Networks = outputs.Count;
        _mean = [.. outputs[0].Select((_, i) => (float)outputs.Average(network => (double)network[i]))];
    }

    public int Networks { get; }

    /// <summary>The fraction of images classified correctly, 0 to 1.</summary>
    public double Accuracy(byte[] labels) => Evaluation.Of(_mean, labels).Accuracy;

    /// <summary>Writes the mean outputs as CSV, one row per image: its label, the predicted digit and the ten outputs.</summary>
    /// <exception cref="IOException">The file cannot be written.</exception>
    public void Write(string path, byte[] labels)
    {
        var text = new StringBuilder("label,digit,0,1,2,3,4,5,6,7,8,9\n");
        for (int i = 0; i < labels.Length; i++)
        {
            ReadOnlySpan<float> outputs = _mean.AsSpan(i * Outputs, Outputs);
            text.Append($"{labels[i]},{Evaluation.Digit(outputs)}");
            foreach (float output in outputs)
                text.Append($",{output}");
            text.Append('\n');
        }
        AtomicFile.Write(path, stream => stream.Write(Encoding.UTF8.GetBytes(text.ToString())));
    }
}
