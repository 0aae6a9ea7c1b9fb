namespace ILGPU.Runtime.OpenCL.Translation;

/// <summary>
/// Names the variables of a function: as in C#, where a name is free, and so a name may return in another block.
/// </summary>
internal static class Naming
{
    /// <param name="body">The function's statements, with all declarations.</param>
    /// <param name="given">Its parameters and the like.</param>
    /// <param name="taken">The names that no variable may have.</param>
    internal static void Assign(List<Statement> body, IEnumerable<Variable> given, Names taken)
    {
        foreach (Variable variable in given)
            variable.Name = taken.Unique(variable.Wanted);
        Assign(body, taken);
    }

    private static void Assign(List<Statement> body, Names taken)
    {
        foreach (Declare declare in body.OfType<Declare>())
            declare.Variable.Name = taken.Unique(declare.Variable.Wanted);
        foreach (Statement statement in body)
        {
            Names within = new([], taken);
            if (statement is For { First: Declare counter })
                counter.Variable.Name = within.Unique(counter.Variable.Wanted);
            foreach (List<Statement> inner in statement.Bodies)
                Assign(inner, new Names([], within));
        }
    }
}
