namespace ILGPU.Runtime.OpenCL.Translation;

/// <summary>Gives loops the shapes of C: while (condition), do … while (condition) and for.</summary>
internal static class LoopShapes
{
    internal static void Shape(List<Statement> body)
    {
        for (int i = 0; i < body.Count; i++)
        {
            foreach (List<Statement> inner in body[i].Bodies)
                Shape(inner);
            if (body[i] is While { Condition: null } loop)
                body[i] = WithCondition(loop);
            if (i > 0 && body[i] is While { Condition: { } condition } && body[i - 1] is Assign first
                && Counting(first, condition, (While)body[i]) is { } counting)
            {
                body[--i] = counting;
                body.RemoveAt(i + 1);
            }
        }
    }

    private static Loop WithCondition(While loop) => loop.Body switch
    {
        [If { Then: [Break], Else: [] } end, .. var rest] => new While(Arithmetic.Not(end.Condition), rest),

        // A continue would skip the condition.
        [.. var start, If { Then: [Break], Else: [] } end] when !loop.HasContinue =>
            new DoWhile(start, Arithmetic.Not(end.Condition)),
        _ => loop
    };

    /// <summary>A loop whose first and last assignment are of a variable that its condition is about.</summary>
    private static For? Counting(Assign first, Expression condition, While loop) =>
        first.Variable is { } counter && condition.Variables.Contains(counter)
        && loop.Body is [.. var rest, Assign step] && step.Variable == counter
        && step.Value.Variables.Contains(counter) && !loop.HasContinue
            ? new For(first, condition, step, rest)
            : null;
}
