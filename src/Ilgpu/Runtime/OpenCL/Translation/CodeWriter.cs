using System.Text;

namespace ILGPU.Runtime.OpenCL.Translation;

/// <summary>Writes functions as text.</summary>
internal sealed class CodeWriter
{
    private const int LineLength = 110;

    private readonly StringBuilder _text = new();
    private int _depth;

    public override string ToString() => _text.ToString();

    internal void Line(string line = "")
    {
        if (line.Length > 0)
            _text.Append(' ', 4 * _depth);
        _text.Append(line).Append('\n');
    }

    /// <summary>The head of a function, on one line where it fits, else with a group of parameters a line.</summary>
    internal void Head(string start, IReadOnlyList<string> parameters)
    {
        string line = $"{start}({string.Join(", ", parameters)})";
        if (line.Length <= LineLength)
        {
            Line(line);
            return;
        }

        Line($"{start}(");
        _depth++;
        for (int i = 0; i < parameters.Count; i++)
            Line(parameters[i] + (i + 1 < parameters.Count ? "," : ")"));
        _depth--;
    }

    internal void Block(IEnumerable<Statement> statements)
    {
        Line("{");
        Indented(statements);
        Line("}");
    }

    internal void Indented(IEnumerable<Statement> statements)
    {
        _depth++;
        foreach (Statement statement in statements)
            Write(statement);
        _depth--;
    }

    private void Write(Statement statement)
    {
        switch (statement)
        {
            case Label label:
                Line($"{label.Name}:;");
                break;
            case If choice:
                Write(choice);
                break;
            case While loop:
                Line($"while ({loop.Condition?.Text ?? "true"})");
                Body(loop.Body);
                break;
            case DoWhile loop:
                Line("do");
                Block(loop.Body);
                Line($"while ({loop.Condition.Text});");
                break;
            case For loop:
                Line($"for ({Text(loop.First)}; {loop.Condition.Text}; {Step(loop)})");
                Body(loop.Body);
                break;
            default:
                Line(Text(statement) + ";");
                break;
        }
    }

    private void Write(If choice)
    {
        bool areShort = IsShort(choice);
        Line($"if ({choice.Condition.Text})");
        Body(choice.Then, areShort);
        while (choice.Else is [If other])
        {
            choice = other;
            Line($"else if ({choice.Condition.Text})");
            Body(choice.Then, areShort);
        }

        if (choice.Else.Count > 0)
        {
            Line("else");
            Body(choice.Else, areShort);
        }
    }

    private void Body(List<Statement> statements) => Body(statements, IsShort(statements));

    /// <summary>Statements in braces, or without where there is a single short one.</summary>
    private void Body(List<Statement> statements, bool isShort)
    {
        if (isShort)
            Indented(statements);
        else
            Block(statements);
    }

    private static bool IsShort(If choice) => IsShort(choice.Then)
        && (choice.Else.Count == 0 || (choice.Else is [If other] ? IsShort(other) : IsShort(choice.Else)));

    private static bool IsShort(List<Statement> statements) =>
        statements is [Assign or Evaluate or Return or Break or Continue or Goto];

    private static string Text(Statement statement) => statement switch
    {
        Assign assign => Text(assign),
        Declare { Value: { } value } declare => $"{declare.Variable.Type.Name} {declare.Variable.Name} = {value.Text}",
        Declare declare => $"{declare.Variable.Type.Name} {declare.Variable.Name}",
        Evaluate evaluate => evaluate.Call.Text,
        Return { Value: { } value } => $"return {value.Text}",
        Return => "return",
        Break => "break",
        Continue => "continue",
        Goto jump => $"goto {jump.Label}",
        _ => throw new InvalidOperationException()
    };

    private static string Text(Assign assign)
    {
        if (assign.Value is Binary { Operator: "+" or "-" or "*" or "/" or "%" or "&" or "|" or "^" } sum)
        {
            // x = (uint)x + y is x += (uint)y: still computed without a sign.
            if (sum.Left == assign.Target)
                return $"{assign.Target.Text} {sum.Operator}= {sum.Right.Text}";
            if (sum.Left is Cast { Operand: var operand } && operand == assign.Target && !Arithmetic.IsFloat(sum)
                && sum.Operator is "+" or "-" or "*")
            {
                return $"{assign.Target.Text} {sum.Operator}= {Arithmetic.AsUnsigned(sum.Right).Text}";
            }
        }

        return $"{assign.Target.Text} = {assign.Value.Text}";
    }

    /// <summary>The step of a loop. One upwards, below a limit, does not overflow.</summary>
    private static string Step(For loop)
    {
        Expression counter = loop.Step.Target;
        bool isNext = counter.Type == ScalarType.Int && IsBelowLimit(loop.Condition, counter)
            && loop.Step.Value is Binary { Operator: "+", Right: IntegerConstant { Value: 1 } } sum
            && sum.Left == counter;
        return isNext ? $"{counter.Text}++" : Text(loop.Step);
    }

    private static bool IsBelowLimit(Expression condition, Expression counter) => condition is Binary binary
        && (binary.Operator is "&&"
            ? IsBelowLimit(binary.Left, counter) || IsBelowLimit(binary.Right, counter)
            : binary.Operator is "<" && binary.Left == counter);
}
