using System.Globalization;

namespace ILGPU.Runtime.OpenCL.Translation;

/// <summary>An expression of OpenCL C: what a method has on its evaluation stack.</summary>
internal abstract record Expression(ClType Type)
{
    /// <summary>The expression in OpenCL C.</summary>
    internal abstract string Text { get; }

    /// <summary>How closely the outermost operator binds.</summary>
    internal virtual Precedence Precedence => Precedence.Primary;

    internal virtual IReadOnlyList<Expression> Operands => [];

    /// <summary>Whether the value depends on memory that a store, an atomic or a barrier may change.</summary>
    internal virtual bool ReadsMemory => Operands.Any(operand => operand.ReadsMemory);

    /// <summary>Whether evaluating it changes anything, so that it must be evaluated once and in its place.</summary>
    internal virtual bool HasEffects => Operands.Any(operand => operand.HasEffects);

    /// <summary>Whether evaluating it twice costs no more than reading it twice.</summary>
    internal virtual bool IsCheap => false;

    /// <summary>The variables that it names.</summary>
    internal virtual IEnumerable<Variable> Variables => Operands.SelectMany(operand => operand.Variables);

    /// <summary>The text as an operand of an operator that binds so closely.</summary>
    internal string TextIn(Precedence outer) => Precedence < outer ? $"({Text})" : Text;
}

/// <summary>The operators of C by how closely they bind, the loosest first.</summary>
internal enum Precedence
{
    Conditional,
    LogicalOr,
    LogicalAnd,
    BitOr,
    BitXor,
    BitAnd,
    Equality,
    Relational,
    Shift,
    Additive,
    Multiplicative,
    Unary,
    Primary
}

internal sealed record VariableRead(Variable Variable) : Expression(Variable.Type)
{
    internal override string Text => Variable.Name;

    internal override bool ReadsMemory => Variable.IsExposed;

    internal override bool IsCheap => true;

    internal override IEnumerable<Variable> Variables => [Variable];
}

/// <summary>An integer or truth value that is known.</summary>
internal sealed record IntegerConstant(long Value, ScalarType Scalar) : Expression(Scalar)
{
    internal override bool IsCheap => true;

    internal override Precedence Precedence => Text[0] == '-' ? Precedence.Unary : Precedence.Primary;

    internal override string Text
    {
        get
        {
            if (Scalar == ScalarType.Bool)
                return Value != 0 ? "true" : "false";
            if (Scalar == ScalarType.UInt)
                return (uint)Value + "u";
            if (Scalar == ScalarType.ULong)
                return (ulong)Value + "UL";

            // C has no negative literals: the least int is minus one that is too large.
            if (Scalar == ScalarType.Long)
                return Value == long.MinValue ? "(-9223372036854775807L - 1L)" : Value + "L";
            return Value == int.MinValue ? "(-2147483647 - 1)" : Value.ToString(CultureInfo.InvariantCulture);
        }
    }

    internal static IntegerConstant Int(int value) => new(value, ScalarType.Int);
}

internal sealed record FloatConstant(float Value) : Expression(ScalarType.Float)
{
    internal override bool IsCheap => true;

    internal override Precedence Precedence => Text[0] == '-' ? Precedence.Unary : Precedence.Primary;

    internal override string Text
    {
        get
        {
            if (float.IsNaN(Value))
                return "NAN";
            if (float.IsInfinity(Value))
                return Value > 0 ? "INFINITY" : "-INFINITY";

            // The shortest digits that are read as this number and no other.
            string digits = Value.ToString("R", CultureInfo.InvariantCulture);
            return digits.AsSpan().IndexOfAny('.', 'E') < 0 ? digits + ".0f" : digits + "f";
        }
    }
}

/// <summary>One operator before its operand.</summary>
internal sealed record Unary(string Operator, Expression Operand, ClType Result) : Expression(Result)
{
    // "- -x" and not "--x".
    internal override string Text =>
        Operand.TextIn(Precedence.Unary) is var text && text[0] == Operator[0]
            ? $"{Operator}({text})"
            : Operator + text;

    internal override Precedence Precedence => Precedence.Unary;

    internal override IReadOnlyList<Expression> Operands => [Operand];
}

/// <summary>An operator between its operands.</summary>
internal sealed record Binary(string Operator, Expression Left, Expression Right, ClType Result) : Expression(Result)
{
    internal override string Text => $"{Side(Left, false)} {Operator} {Side(Right, true)}";

    internal override Precedence Precedence => Operator switch
    {
        "*" or "/" or "%" => Precedence.Multiplicative,
        "+" or "-" => Precedence.Additive,
        "<<" or ">>" => Precedence.Shift,
        "<" or ">" or "<=" or ">=" => Precedence.Relational,
        "==" or "!=" => Precedence.Equality,
        "&" => Precedence.BitAnd,
        "^" => Precedence.BitXor,
        "|" => Precedence.BitOr,
        "&&" => Precedence.LogicalAnd,
        _ => Precedence.LogicalOr
    };

    internal override IReadOnlyList<Expression> Operands => [Left, Right];

    internal bool IsComparison => Precedence is Precedence.Relational or Precedence.Equality;

    private string Side(Expression side, bool isRight)
    {
        // Parentheses that C does not need but readers do.
        bool isUnusual = side is Binary inner && inner.Operator != Operator
            && (Precedence is Precedence.BitOr or Precedence.BitXor or Precedence.BitAnd or Precedence.Shift
                || (Operator == "||" && inner.Operator == "&&"));
        bool isChain = Operator is "&&" or "||" && side is Binary same && same.Operator == Operator;
        return isUnusual ? $"({side.Text})" : side.TextIn(isRight && !isChain ? Precedence + 1 : Precedence);
    }
}

/// <summary>A conversion that is written out.</summary>
internal sealed record Cast(ClType Target, Expression Operand) : Expression(Target)
{
    internal override string Text => $"({Target.Name}){Operand.TextIn(Precedence.Unary)}";

    internal override Precedence Precedence => Precedence.Unary;

    internal override IReadOnlyList<Expression> Operands => [Operand];
}

/// <summary>condition ? a : b</summary>
internal sealed record Conditional(Expression Condition, Expression IfTrue, Expression IfFalse, ClType Result)
    : Expression(Result)
{
    internal override string Text =>
        $"{Condition.TextIn(Precedence.LogicalOr)} ? {IfTrue.TextIn(Precedence.LogicalOr)} : {IfFalse.Text}";

    internal override Precedence Precedence => Precedence.Conditional;

    internal override IReadOnlyList<Expression> Operands => [Condition, IfTrue, IfFalse];
}

/// <summary>A call of a function, or a vector that is put together: "(int2)" is its function then.</summary>
internal sealed record Call(ClType Result, string Function, params Expression[] Arguments) : Expression(Result)
{
    /// <summary>Whether the function reads memory.</summary>
    internal bool Reads { get; init; }

    /// <summary>Whether the function changes memory or waits for other threads.</summary>
    internal bool Changes { get; init; }

    internal override string Text => $"{Function}({string.Join(", ", Arguments.Select(argument => argument.Text))})";

    internal override IReadOnlyList<Expression> Operands => Arguments;

    internal override bool ReadsMemory => Reads || base.ReadsMemory;

    internal override bool HasEffects => Changes || base.HasEffects;
}

/// <summary>pointer[index]</summary>
internal sealed record Element(Expression Pointer, Expression Index)
    : Expression(((PointerType)Pointer.Type).Target)
{
    internal override string Text => $"{Pointer.TextIn(Precedence.Primary)}[{Index.Text}]";

    internal override IReadOnlyList<Expression> Operands => [Pointer, Index];

    internal override bool ReadsMemory => true;
}

/// <summary>*pointer</summary>
internal sealed record Dereference(Expression Pointer) : Expression(((PointerType)Pointer.Type).Target)
{
    internal override string Text => $"*{Pointer.TextIn(Precedence.Unary)}";

    internal override Precedence Precedence => Precedence.Unary;

    internal override IReadOnlyList<Expression> Operands => [Pointer];

    internal override bool ReadsMemory => true;
}

/// <summary>&amp;target: where an element or a variable is. Taking it reads neither.</summary>
internal sealed record AddressOf(Expression Target, AddressSpace Space)
    : Expression(new PointerType(Target.Type, Space))
{
    internal override string Text => $"&{Target.TextIn(Precedence.Unary)}";

    internal override Precedence Precedence => Precedence.Unary;

    internal override IReadOnlyList<Expression> Operands => [Target];

    internal override bool ReadsMemory => Target.Operands.Any(operand => operand.ReadsMemory);

    // Its index is computed once more where it is used twice, but not the element read.
    internal override bool IsCheap => !Target.Operands.Any(ContainsCall);

    private static bool ContainsCall(Expression expression) =>
        expression is Call || expression.Operands.Any(ContainsCall);
}

/// <summary>vector.x</summary>
internal sealed record Component(Expression Vector, string Name) : Expression(ScalarType.Int)
{
    internal override string Text => $"{Vector.TextIn(Precedence.Primary)}.{Name}";

    internal override IReadOnlyList<Expression> Operands => [Vector];
}

/// <summary>A view: the pair of a pointer and a length. It is taken apart before anything is written.</summary>
internal sealed record ViewValue(Expression Pointer, Expression Length, ViewType View) : Expression(View)
{
    internal override string Text => throw new InvalidOperationException("A view is no value in OpenCL C.");

    /// <summary>Whether it is what a variable holds, and not part of that.</summary>
    internal bool IsNamed => Pointer is VariableRead && Length is VariableRead or IntegerConstant;

    internal override bool IsCheap => Pointer.IsCheap && Length.IsCheap;

    internal override IReadOnlyList<Expression> Operands => [Pointer, Length];
}
