namespace ILGPU.Runtime.OpenCL.Translation;

/// <summary>A method as a function in OpenCL C.</summary>
/// <param name="Name">Its name.</param>
/// <param name="Result">What it returns.</param>
/// <param name="Parameters">What it takes, for each parameter in C#: two variables for a view.</param>
/// <param name="Shared">The shared memory that it and the functions it calls allocate.</param>
/// <param name="Body">What it does.</param>
internal sealed record Function(
    string Name,
    ClType Result,
    IReadOnlyList<IReadOnlyList<Variable>> Parameters,
    IReadOnlyList<SharedArray> Shared,
    List<Statement> Body)
{
    private readonly HashSet<Variable> _used =
        [.. Body.SelectMany(s => s.Nested).SelectMany(s => s.Expressions).SelectMany(e => e.Variables)];

    /// <summary>Its parameters, shared arrays and variables.</summary>
    internal IEnumerable<Variable> Variables =>
        _used.Concat(Parameters.SelectMany(parameter => parameter)).Concat(Shared.Select(array => array.Variable));

    /// <summary>Whether a call may change what another thread or the caller sees, or waits at a barrier.</summary>
    internal bool HasEffects { get; } = Body.SelectMany(statement => statement.Nested).Any(statement =>
        statement is Assign { Variable: null } or Evaluate || statement.Expressions.Any(e => e.HasEffects));

    /// <summary>Whether its result depends on memory.</summary>
    internal bool ReadsMemory { get; } =
        Body.SelectMany(s => s.Nested).SelectMany(s => s.Expressions).Any(e => e.ReadsMemory);

    /// <summary>Whether the body names a variable: parameters that it does not name are left out.</summary>
    internal bool Uses(Variable variable) => _used.Contains(variable);
}

/// <summary>An array in the memory that a group shares.</summary>
/// <param name="Variable">A pointer to its first element.</param>
/// <param name="Element">What it is an array of.</param>
/// <param name="Length">The number of elements.</param>
internal sealed record SharedArray(Variable Variable, ScalarType Element, int Length);
