namespace MnistGpu.Core.Verification;

/// <summary>Gathers the errors of an array, element after element.</summary>
public sealed class Comparison
{
    private double _absolute;
    private double _relative;
    private double _bound;

    /// <summary>Adds an element.</summary>
    /// <param name="computed">As the accelerator has it.</param>
    /// <param name="expected">In double precision.</param>
    /// <param name="bound">What rounding can make of their difference.</param>
    public void Add(double computed, double expected, double bound)
    {
        double error = double.IsNaN(computed) ? double.PositiveInfinity : Math.Abs(computed - expected);
        _absolute = Math.Max(_absolute, error);
        _relative = Math.Max(_relative, error / (1e-3 + Math.Abs(expected)));
        _bound = Math.Max(_bound, bound);
    }

    /// <summary>The result: the largest errors, and the largest of the bounds.</summary>
    public VerificationRow ToRow(string name, string shape) => new(name, shape, _absolute, _relative, _bound);
}
