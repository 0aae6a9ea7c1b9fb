namespace ILGPU.Runtime.OpenCL.Translation;

/// <summary>Removes what is assigned to variables that nothing reads, such as the lengths of most views.</summary>
internal static class UnusedVariables
{
    internal static void Remove(List<Statement> body)
    {
        while (true)
        {
            HashSet<Variable> read = [.. body.SelectMany(statement => statement.Nested).SelectMany(Reads)];
            if (!RemoveFrom(body, read))
                return;
        }
    }

    private static IEnumerable<Variable> Reads(Statement statement) =>
        (statement is Assign { Variable: not null } assign ? [assign.Value] : statement.Expressions)
        .SelectMany(expression => expression.Variables);

    private static bool RemoveFrom(List<Statement> body, HashSet<Variable> read)
    {
        bool removed = false;
        for (int i = body.Count - 1; i >= 0; i--)
        {
            foreach (List<Statement> inner in body[i].Bodies)
                removed |= RemoveFrom(inner, read);
            if (body[i] is not Assign { Variable: { } variable } assign || read.Contains(variable))
                continue;
            if (assign.Value.HasEffects)
                body[i] = new Evaluate(assign.Value);
            else
                body.RemoveAt(i);
            removed = true;
        }

        return removed;
    }
}
