namespace MnistGpu.Core.Verification;

/// <summary>Collects the errors of an array, element by element.</summary>
internal sealed class Comparison
{
    private double _absolute;
    private double _relative;
    private double _bound;

    /// <summary>Adds an element.</summary>
    /// <param name="computed">The result under test.</param>
    /// <param name="expected">The result in double precision.</param>
    /// <param name="bound">The largest difference that rounding explains.</param>
    public void Add(double computed, double expected, double bound)
    {
        double error = double.IsNaN(computed) ? double.PositiveInfinity : Math.Abs(computed - expected);
        _absolute = Math.Max(_absolute, error);
        _relative = Math.Max(_relative, error / (1e-3 + Math.Abs(expected)));
        _bound = Math.Max(_bound, bound);
    }

    /// <summary>The result: the largest errors and the largest bound.</summary>
    public VerificationRow ToRow(string name, string shape) => new(name, shape, _absolute, _relative, _bound);
}
