namespace ILGPU.Runtime.OpenCL.Translation;

/// <summary>Declares every variable where it is first assigned, in the innermost block that has all its uses.</summary>
/// <remarks>
/// C# has checked that a variable is assigned before it is read, on every way. So within the statements that are alone
/// in naming it, it has no value from before.
/// </remarks>
internal static class Declarations
{
    /// <param name="body">The function's statements; the declarations are put in.</param>
    /// <param name="given">Its parameters and the like, which are not declared.</param>
    /// <param name="isStructured">Whether all gotos lead forwards; the declarations come first where not.</param>
    internal static void Place(List<Statement> body, IEnumerable<Variable> given, bool isStructured)
    {
        List<Variable> variables = [.. body.SelectMany(statement => statement.Nested)
            .SelectMany(statement => statement.Expressions).SelectMany(expression => expression.Variables).Distinct()
            .Except(given)];
        if (isStructured)
            variables.ForEach(variable => Place(body, variable));
        else
            body.InsertRange(0, variables.Select(variable => new Declare(variable, null)));
    }

    private static void Place(List<Statement> body, Variable variable)
    {
        List<Statement> users = [.. body.Where(statement => statement.Mentions(variable))];
        if (users.TrueForAll(user => user is For { First: Assign first } && first.Variable == variable))
        {
            // Loops one after the other, each with a counter of its own.
            foreach (For loop in users.Cast<For>())
                body[body.IndexOf(loop)] = loop with { First = Declaration((Assign)loop.First) };
        }
        else if (users is [var only] && !only.Expressions.Any(expression => expression.Variables.Contains(variable)))
        {
            foreach (List<Statement> inner in only.Bodies)
                Place(inner, variable);
        }
        else if (users[0] is Assign assign && assign.Variable == variable && !assign.Value.Variables.Contains(variable))
        {
            body[body.IndexOf(assign)] = Declaration(assign);
        }
        else
        {
            body.Insert(body.IndexOf(users[0]), new Declare(variable, null));
        }
    }

    private static Declare Declaration(Assign assign) => new(assign.Variable!, assign.Value);
}
