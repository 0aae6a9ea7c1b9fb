using System.Reflection;

namespace ILGPU.Runtime.OpenCL.Translation;

/// <summary>
/// The index types: in OpenCL C an <see cref="Index1D"/> is an int, a <see cref="LongIndex1D"/> a long, and the others
/// are vectors.
/// </summary>
internal static class IndexMembers
{
    private static readonly string[] s_components = ["x", "y", "z"];

    internal static bool Knows(Type type) =>
        type == typeof(Index1D) || type == typeof(LongIndex1D) || type == typeof(Index2D) || type == typeof(Index3D);

    /// <summary>The position of the thread in the whole launch.</summary>
    internal static Expression GlobalIndex(ClType type) => type is VectorType vector
        ? Vector(vector, [.. Enumerable.Range(0, Dimensions(vector)).Select(i => Intrinsics.Position("get_global_id", i))])
        : Arithmetic.Convert((ScalarType)type, Intrinsics.Position("get_global_id", 0));

    /// <summary>The components of an index, X first.</summary>
    internal static IEnumerable<Expression> Components(Expression index) => index.Type is VectorType vector
        ? s_components[..Dimensions(vector)].Select(name => Part(index, name))
        : [index];

    /// <summary>The value that the default constructor gives.</summary>
    internal static Expression Zero(ClType type) => type is VectorType vector
        ? Vector(vector, IntegerConstant.Int(0))
        : type == ScalarType.Float ? new FloatConstant(0) : IntegerConstant.Int(0);

    /// <summary>A constructor's result; null where the type is no index.</summary>
    internal static Expression? Construct(Type type, List<Expression> components) => !Knows(type) ? null
        : ClType.OfValue(type) is VectorType vector ? Vector(vector, [.. components])
        : components[0];

    /// <summary>A call of a member as an expression; null where a kernel may not call it.</summary>
    internal static Expression? Translate(MethodBase called, IReadOnlyList<Expression> arguments)
    {
        Expression index = arguments[0];
        return called.Name switch
        {
            "get_X" when index.Type is ScalarType => index,
            "get_X" => Part(index, "x"),
            "get_Y" => Part(index, "y"),
            "get_Z" => Part(index, "z"),
            "get_Size" => Components(index).Aggregate((product, next) => Arithmetic.Ring("*", product, next)),
            "get_LongSize" => Components(index).Select(part => Arithmetic.Convert(ScalarType.Long, part))
                .Aggregate((product, next) => Arithmetic.Ring("*", product, next)),
            "op_Implicit" when index.Type is ScalarType => Convert((MethodInfo)called, index),
            "op_Addition" => Arithmetic.Ring("+", index, arguments[1]),
            "op_Subtraction" => Arithmetic.Ring("-", index, arguments[1]),
            "op_Multiply" => Arithmetic.Ring("*", index, arguments[1]),
            "op_Division" => Arithmetic.Divide(index, arguments[1]),
            "op_Equality" => AreEqual(index, arguments[1]),
            "op_Inequality" => Arithmetic.Not(AreEqual(index, arguments[1])),
            _ => null
        };
    }

    private static Expression? Convert(MethodInfo conversion, Expression index) =>
        ClType.OfValue(conversion.ReturnType) is ScalarType type ? Arithmetic.Convert(type, index) : null;

    private static Expression AreEqual(Expression left, Expression right) => Components(left)
        .Zip(Components(right), (a, b) => Arithmetic.Compare("==", a, b, un: false))
        .Aggregate(Arithmetic.And);

    private static Expression Vector(VectorType type, params Expression[] components) =>
        new Call(type, $"({type.Name})", [.. components.Select(part => Arithmetic.To(ScalarType.Int, part))]);

    // What was put together is not taken apart again.
    private static Expression Part(Expression index, string name) => index is Call { Function: ['(', ..] } vector
        ? vector.Arguments[Array.IndexOf(s_components, name) % vector.Arguments.Length]
        : new Component(index, name);

    private static int Dimensions(VectorType type) => type == VectorType.Int2 ? 2 : 3;
}
