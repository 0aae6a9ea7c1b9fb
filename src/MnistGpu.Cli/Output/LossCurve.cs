namespace MnistGpu.Cli.Output;

/// <summary>How the loss of a training fell, as a line of up to 40 blocks.</summary>
/// <param name="images">Images of all epochs.</param>
internal sealed class LossCurve(long images)
{
    private const int MostBlocks = 40;
    private const string Heights = "▁▂▃▄▅▆▇█";

    private readonly List<double> _losses = [];
    private long _seen;
    private double _loss;

    /// <summary>Adds a block if enough images have been seen since the last one.</summary>
    /// <param name="seen">Images since the start of the training.</param>
    /// <param name="loss">The sum of their losses.</param>
    public void Add(long seen, double loss)
    {
        if (seen - _seen < images / (double)MostBlocks)
            return;
        _losses.Add((loss - _loss) / (seen - _seen));
        (_seen, _loss) = (seen, loss);
    }

    /// <summary>The line, from the first block's loss to the last one's; empty if there are fewer than two.</summary>
    public override string ToString()
    {
        if (_losses.Count < 2)
            return "";
        double least = _losses.Min(), range = Math.Max(_losses.Max() - least, double.Epsilon);
        string blocks = string.Concat(
            _losses.Select(loss => Heights[(int)Math.Round((loss - least) / range * (Heights.Length - 1))]));
        return $"loss {_losses[0]:0.0000} {blocks} {_losses[^1]:0.0000}";
    }
}
