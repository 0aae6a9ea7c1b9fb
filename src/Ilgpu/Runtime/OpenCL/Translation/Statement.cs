namespace ILGPU.Runtime.OpenCL.Translation;

/// <summary>A statement of OpenCL C.</summary>
internal abstract record Statement
{
    /// <summary>The expressions of the statement itself, not those of the statements within it.</summary>
    internal virtual IEnumerable<Expression> Expressions => [];

    /// <summary>The lists of statements within it.</summary>
    internal virtual IEnumerable<List<Statement>> Bodies => [];

    /// <summary>Whether the statement after it is not reached from it.</summary>
    internal virtual bool IsJump => false;

    /// <summary>The statement and all within it.</summary>
    internal IEnumerable<Statement> Nested => Bodies.SelectMany(body => body).SelectMany(s => s.Nested).Prepend(this);

    internal bool Mentions(Variable variable) =>
        Nested.Any(statement => statement.Expressions.Any(expression => expression.Variables.Contains(variable)));
}

internal sealed record Assign(Expression Target, Expression Value) : Statement
{
    internal override IEnumerable<Expression> Expressions => [Target, Value];

    /// <summary>The variable that is set; null where it is an element or what a reference points to.</summary>
    internal Variable? Variable => (Target as VariableRead)?.Variable;
}

/// <summary>A variable comes into being, with a value or without.</summary>
internal sealed record Declare(Variable Variable, Expression? Value) : Statement
{
    internal override IEnumerable<Expression> Expressions =>
        Value is null ? [Variable.Read()] : [Variable.Read(), Value];
}

/// <summary>A call for what it does.</summary>
internal sealed record Evaluate(Expression Call) : Statement
{
    internal override IEnumerable<Expression> Expressions => [Call];
}

internal sealed record Return(Expression? Value) : Statement
{
    internal override IEnumerable<Expression> Expressions => Value is null ? [] : [Value];

    internal override bool IsJump => true;
}

internal sealed record Break : Statement
{
    internal override bool IsJump => true;
}

internal sealed record Continue : Statement
{
    internal override bool IsJump => true;
}

internal sealed record Goto(string Label) : Statement
{
    internal override bool IsJump => true;
}

internal sealed record Label(string Name) : Statement;

internal sealed record If(Expression Condition, List<Statement> Then, List<Statement> Else) : Statement
{
    internal override IEnumerable<Expression> Expressions => [Condition];

    internal override IEnumerable<List<Statement>> Bodies => [Then, Else];
}

internal abstract record Loop(List<Statement> Body) : Statement
{
    internal override IEnumerable<List<Statement>> Bodies => [Body];

    /// <summary>Whether a continue of this loop, not of one within it, is in its body.</summary>
    internal bool HasContinue => Contains(Body);

    private static bool Contains(IEnumerable<Statement> body) => body.Any(statement =>
        statement is Continue || (statement is not Loop && statement.Bodies.Any(Contains)));
}

/// <summary>while (condition) body; without a condition it ends only by a jump.</summary>
internal sealed record While(Expression? Condition, List<Statement> Body) : Loop(Body)
{
    internal override IEnumerable<Expression> Expressions => Condition is null ? [] : [Condition];
}

internal sealed record DoWhile(List<Statement> Body, Expression Condition) : Loop(Body)
{
    internal override IEnumerable<Expression> Expressions => [Condition];
}

/// <summary>for (first; condition; step) body; the first is an assignment, or the declaration of the variable.</summary>
internal sealed record For(Statement First, Expression Condition, Assign Step, List<Statement> Body) : Loop(Body)
{
    internal override IEnumerable<Expression> Expressions =>
        First.Expressions.Append(Condition).Concat(Step.Expressions);
}
