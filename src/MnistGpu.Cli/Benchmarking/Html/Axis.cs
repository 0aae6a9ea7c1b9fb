namespace MnistGpu.Cli.Benchmarking.Html;

/// <summary>Maps values to places on a chart, linearly or by their logarithm.</summary>
internal sealed class Axis
{
    private readonly double _least;
    private readonly double _most;
    private readonly double _from;
    private readonly double _to;

    /// <summary>An axis for some values, with a little room at both ends.</summary>
    /// <param name="values">What has to fit on it; above 0 where it is logarithmic.</param>
    /// <param name="isLogarithmic">Whether equal distances are equal ratios.</param>
    /// <param name="from">The place of its beginning, in the units of the drawing.</param>
    /// <param name="to">The place of its end.</param>
    public Axis(IReadOnlyCollection<double> values, bool isLogarithmic, double from, double to)
    {
        IsLogarithmic = isLogarithmic;
        _least = Scaled(values.Min());
        _most = Scaled(values.Max());
        // Not less than a factor of two, or a hundredth: one value alone is in the middle.
        double room = Math.Max((_most - _least) * 0.06, ((isLogarithmic ? 0.301 : 0.01) - (_most - _least)) / 2);
        _least -= room;
        _most += room;
        _from = from;
        _to = to;
    }

    public bool IsLogarithmic { get; }

    /// <summary>The place of a value.</summary>
    public double Place(double value) => _from + (Scaled(value) - _least) / (_most - _least) * (_to - _from);

    /// <summary>
    /// Round values to label: 1, 2, 5 times a power of ten (powers of ten alone where there are many), or equal steps.
    /// </summary>
    public IEnumerable<double> Ticks()
    {
        if (IsLogarithmic)
        {
            int[] digits = _most - _least > 1.8 ? [1] : [1, 2, 5];
            for (int power = (int)Math.Floor(_least); power <= _most; power++)
                foreach (int digit in digits)
                    if (Scaled(digit * Math.Pow(10, power)) is double tick && tick >= _least && tick <= _most)
                        yield return digit * Math.Pow(10, power);
            yield break;
        }
        double step = Math.Pow(10, Math.Floor(Math.Log10(_most - _least)));
        if ((_most - _least) / step > 5)
            step *= 2;
        else if ((_most - _least) / step < 2.5)
            step /= 2;
        for (double tick = Math.Ceiling(_least / step) * step; tick <= _most; tick += step)
            yield return tick;
    }

    private double Scaled(double value) => IsLogarithmic ? Math.Log10(value) : value;
}
