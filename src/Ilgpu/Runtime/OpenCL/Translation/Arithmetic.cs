namespace ILGPU.Runtime.OpenCL.Translation;

/// <summary>The arithmetic of IL in OpenCL C.</summary>
/// <remarks>
/// IL has integers of 32 and of 64 bits that wrap around, and instructions that take them with or without a sign. In C
/// a signed sum that does not fit is undefined, and only unsigned ones wrap around. So +, −, · and &lt;&lt; are
/// computed on unsigned numbers; it is enough that one operand is unsigned, C converts the other. Where the sign
/// matters the result is converted back, which keeps its bits.
/// </remarks>
internal static class Arithmetic
{
    private static readonly IntegerConstant s_zero = IntegerConstant.Int(0);

    /// <summary>The operators + − ·, which need no sign.</summary>
    internal static Expression Ring(string operation, Expression left, Expression right)
    {
        if (IsFloat(left))
            return new Binary(operation, left, right, ScalarType.Float);
        if (operation is "+" && right is IntegerConstant { Value: < 0 } negative)
            (operation, right) = ("-", negative with { Value = -negative.Value });
        ScalarType type = Unsigned(left);
        if (left.Type != type && right.Type != type)
        {
            if (right is IntegerConstant { Value: >= 0 })
                right = AsUnsigned(right);
            else
                left = AsUnsigned(left);
        }

        return new Binary(operation, left, right, type);
    }

    internal static Expression Divide(Expression left, Expression right) => IsFloat(left)
        ? new Binary("/", left, right, ScalarType.Float)
        : new Binary("/", AsSigned(left), AsSigned(right), Signed(left));

    internal static Expression Remainder(Expression left, Expression right) => IsFloat(left)
        ? new Call(ScalarType.Float, "fmod", left, right)
        : new Binary("%", AsSigned(left), AsSigned(right), Signed(left));

    internal static Expression UnsignedQuotient(string operation, Expression left, Expression right) =>
        new Binary(operation, AsUnsigned(left), AsUnsigned(right), Unsigned(left));

    /// <summary>The operators &amp; | ^, on numbers or truth values.</summary>
    internal static Expression Bitwise(string operation, Expression left, Expression right)
    {
        ScalarType type = left.Type == ScalarType.Bool && right.Type == ScalarType.Bool ? ScalarType.Bool
            : left.Type == Unsigned(left) || right.Type == Unsigned(right) ? Unsigned(left)
            : Signed(left);
        return new Binary(operation, left, right, type);
    }

    /// <summary>A shift; OpenCL C takes the count modulo the number of bits.</summary>
    internal static Expression ShiftLeft(Expression value, Expression count) =>
        new Binary("<<", AsUnsigned(value), count, Unsigned(value));

    internal static Expression ShiftRight(Expression value, Expression count) =>
        new Binary(">>", AsSigned(value), count, Signed(value));

    internal static Expression UnsignedShiftRight(Expression value, Expression count) =>
        new Binary(">>", AsUnsigned(value), count, Unsigned(value));

    internal static Expression Negate(Expression value) => IsFloat(value)
        ? new Unary("-", value, ScalarType.Float)
        : new Unary("-", AsUnsigned(value), Unsigned(value));

    internal static Expression Complement(Expression value) =>
        new Unary("~", value, value.Type == Unsigned(value) ? value.Type : Signed(value));

    /// <summary>A comparison as a truth value.</summary>
    /// <param name="operation">One of == != &lt; &gt; &lt;= &gt;=.</param>
    /// <param name="left">The first operand.</param>
    /// <param name="right">The second operand.</param>
    /// <param name="un">
    /// The suffix .un of the instruction: integers without a sign; of floats, also true where one is NaN.
    /// </param>
    internal static Expression Compare(string operation, Expression left, Expression right, bool un)
    {
        if (IsFloat(left))
        {
            // C's != is true for NaN as it is; its other comparisons are false.
            return un && operation is not "!="
                ? Not(new Binary(Opposite(operation), left, right, ScalarType.Bool))
                : new Binary(operation, left, right, ScalarType.Bool);
        }

        // "x > 0" without a sign is how compilers write x != 0.
        if (un && operation is ">" && right is IntegerConstant { Value: 0 })
            operation = "!=";
        if (operation is "==" or "!=")
        {
            if (left.Type == ScalarType.Bool && right is IntegerConstant { Value: 0 or 1 } truth)
                return (truth.Value == 1) == (operation is "==") ? left : Not(left);
            return new Binary(operation, left, right, ScalarType.Bool);
        }

        return un
            ? new Binary(operation, AsUnsigned(left), AsUnsigned(right), ScalarType.Bool)
            : new Binary(operation, AsSigned(left), AsSigned(right), ScalarType.Bool);
    }

    /// <summary>Whether a value is true in a branch: not 0.</summary>
    internal static Expression AsCondition(Expression value) => value switch
    {
        { Type: ScalarType { Name: "bool" } } => value,
        IntegerConstant constant => Truth(constant.Value != 0),
        _ => new Binary("!=", value, s_zero, ScalarType.Bool)
    };

    /// <summary>The opposite of a truth value.</summary>
    internal static Expression Not(Expression condition) => condition switch
    {
        IntegerConstant constant => Truth(constant.Value == 0),
        Unary { Operator: "!" } not => not.Operand,

        // Not so for floats: neither x < y nor x >= y where one is NaN.
        Binary { IsComparison: true } comparison
            when !IsFloat(comparison.Left) || comparison.Precedence == Precedence.Equality
            => comparison with { Operator = Opposite(comparison.Operator) },
        Binary { Operator: "&&" } both when IsSimplyNot(both) => Or(Not(both.Left), Not(both.Right)),
        Binary { Operator: "||" } either when IsSimplyNot(either) => And(Not(either.Left), Not(either.Right)),
        _ => new Unary("!", condition, ScalarType.Bool)
    };

    /// <summary>condition ? ifTrue : ifFalse, in the shortest form.</summary>
    internal static Expression Choose(Expression condition, Expression ifTrue, Expression ifFalse) =>
        (ifTrue, ifFalse) switch
        {
            _ when condition is Unary { Operator: "!" } not => Choose(not.Operand, ifFalse, ifTrue),
            (IntegerConstant { Value: 1 }, IntegerConstant { Value: 0 }) => condition,
            (IntegerConstant { Value: 0 }, IntegerConstant { Value: 1 }) => Not(condition),
            ({ Type: ScalarType { Name: "bool" } }, IntegerConstant { Value: 0 }) => And(condition, ifTrue),
            ({ Type: ScalarType { Name: "bool" } }, IntegerConstant { Value: 1 }) => Or(Not(condition), ifTrue),
            (IntegerConstant { Value: 0 }, { Type: ScalarType { Name: "bool" } }) => And(Not(condition), ifFalse),
            (IntegerConstant { Value: 1 }, { Type: ScalarType { Name: "bool" } }) => Or(condition, ifFalse),
            _ => new Conditional(condition, ifTrue, ifFalse, Common(ifTrue, ifFalse))
        };

    internal static Expression And(Expression left, Expression right) =>
        new Binary("&&", left, right, ScalarType.Bool);

    internal static Expression Or(Expression left, Expression right) =>
        new Binary("||", left, right, ScalarType.Bool);

    /// <summary>A conversion of IL, conv.*, to a type.</summary>
    internal static Expression Convert(ScalarType target, Expression value)
    {
        var from = (ScalarType)value.Type;
        if (target == ScalarType.Float)
            return IsFloat(value) ? value : To(ScalarType.Float, AsSigned(value));
        if (IsFloat(value))
        {
            // Too large or small a number becomes the largest or least, and NaN 0. What is narrower than an int goes
            // through an int, as in .NET.
            ScalarType wide = target.Size < 4 ? ScalarType.Int : target;
            return To(target, new Call(wide, $"convert_{wide.Name}_sat", value));
        }

        // Of the same width it is the same bits.
        if (target.Size == Width(from))
            return value;
        return To(target, target == ScalarType.ULong ? AsUnsigned(value) : AsSigned(value));
    }

    /// <summary>An integer without a sign as a float.</summary>
    internal static Expression UnsignedToFloat(Expression value) => To(ScalarType.Float, AsUnsigned(value));

    internal static bool IsFloat(Expression value) => value.Type == ScalarType.Float;

    /// <summary>An operand that C takes with its sign: what is narrower than an int becomes one by itself.</summary>
    internal static Expression AsSigned(Expression value) =>
        ((ScalarType)value.Type).Size < 4 ? value : To(Signed(value), value);

    internal static Expression AsUnsigned(Expression value) => To(Unsigned(value), value);

    /// <summary>An expression of exactly this type.</summary>
    internal static Expression To(ClType type, Expression value)
    {
        if (value.Type == type)
            return value;
        return (value, type) switch
        {
            // An int that was an int before it became unsigned.
            (Cast { Operand.Type: var inner } cast, _) when inner == type
                && value.Type is ScalarType outer && outer != ScalarType.Float
                && ((ScalarType)type).Size == outer.Size => cast.Operand,
            (IntegerConstant constant, ScalarType scalar) when scalar.Size >= 4 && scalar != ScalarType.Float =>
                new IntegerConstant(Fit(constant, scalar), scalar),
            _ => new Cast(type, value)
        };
    }

    /// <summary>The type of a variable that keeps what is on the evaluation stack, where integers have a sign.</summary>
    internal static ClType Kept(ClType type) =>
        type == ScalarType.UInt ? ScalarType.Int : type == ScalarType.ULong ? ScalarType.Long : type;

    /// <summary>An expression whose value is assigned to a variable of a type, where C converts by itself.</summary>
    internal static Expression AssignedTo(ClType type, Expression value) => (value, type) switch
    {
        (Cast cast, ScalarType target) when cast.Target == type
            || (IsInteger(type) && IsInteger(cast.Type) && IsInteger(cast.Operand.Type)
                && ((ScalarType)cast.Type).Size >= target.Size) => AssignedTo(type, cast.Operand),
        (IntegerConstant constant, ScalarType { Name: "bool" }) => Truth(constant.Value != 0),
        (IntegerConstant constant, ScalarType { Size: >= 4 } scalar) when scalar != ScalarType.Float =>
            To(scalar, constant),
        _ => value
    };

    private static bool IsSimplyNot(Binary binary) =>
        Not(binary.Left) is not Unary && Not(binary.Right) is not Unary;

    private static bool IsInteger(ClType type) =>
        type is ScalarType && type != ScalarType.Float && type != ScalarType.Bool;

    private static IntegerConstant Truth(bool value) => new(value ? 1 : 0, ScalarType.Bool);

    private static long Fit(IntegerConstant constant, ScalarType type) => type.Name switch
    {
        "int" => (int)constant.Value,
        "uint" => (uint)constant.Value,
        _ when constant.Scalar == ScalarType.UInt => (uint)constant.Value,
        _ => constant.Value
    };

    private static string Opposite(string operation) => operation switch
    {
        "<" => ">=",
        ">=" => "<",
        ">" => "<=",
        "<=" => ">",
        "==" => "!=",
        _ => "=="
    };

    private static ClType Common(Expression ifTrue, Expression ifFalse)
    {
        if (ifTrue.Type == ifFalse.Type)
            return ifTrue.Type;
        return ifTrue.Type == Unsigned(ifTrue) || ifFalse.Type == Unsigned(ifFalse)
            ? Unsigned(ifTrue)
            : Signed(ifTrue);
    }

    private static int Width(ScalarType type) => type.Size == 8 ? 8 : 4;

    private static ScalarType Signed(Expression value) =>
        Width((ScalarType)value.Type) == 8 ? ScalarType.Long : ScalarType.Int;

    private static ScalarType Unsigned(Expression value) =>
        Width((ScalarType)value.Type) == 8 ? ScalarType.ULong : ScalarType.UInt;
}
