using System.Reflection;

namespace ILGPU.Runtime.OpenCL.Translation;

/// <summary>The members of views: in OpenCL C, what can be done with a pointer and a length.</summary>
/// <remarks>
/// No access is checked against the length, as in a release build of ILGPU. An index is used as it is, with or
/// without a sign: a negative one, which would differ, is outside of every view.
/// </remarks>
internal static class ViewMembers
{
    /// <summary>A call of a member as an expression; null where a kernel may not call it.</summary>
    internal static Expression? Translate(
        MethodBase called, ScalarType element, IReadOnlyList<Expression> arguments)
    {
        if (arguments[0] is not ViewValue view)
            return null;
        return called.Name switch
        {
            "get_Item" => new AddressOf(new Element(view.Pointer, Index(arguments[1])), view.View.Space),
            "get_Length" or "get_Extent" => view.Length,
            "get_IntLength" or "get_IntExtent" => Arithmetic.To(ScalarType.Int, view.Length),
            "get_LengthInBytes" => Arithmetic.Ring(
                "*", view.Length, new IntegerConstant(element.Size, ScalarType.Long)),
            "get_IsValid" => new Binary("!=", view.Pointer, IntegerConstant.Int(0), ScalarType.Bool),

            // From a view to the same one with a stride, and back.
            "get_BaseView" or "op_Implicit" => view,
            "SubView" => SubView(view, arguments[1], arguments.Count > 2 ? arguments[2] : null),
            _ => null
        };
    }

    /// <summary>
    /// An index i + 3 becomes i + 3L, a sum of 64 bits. It is the same wherever the element exists, but does not wrap
    /// around, so a compiler sees that a[i], a[i + 1L], … are neighbours and fetches them as one vector.
    /// </summary>
    private static Expression Index(Expression index) =>
        index is Binary { Operator: "+", Right: IntegerConstant { Value: >= 0 } constant } sum
            && sum.Type == ScalarType.UInt
            ? new Binary("+", Arithmetic.To(ScalarType.Int, sum.Left),
                new IntegerConstant(constant.Value, ScalarType.Long), ScalarType.Long)
            : index;

    private static ViewValue SubView(ViewValue view, Expression first, Expression? length) => new(
        new Binary("+", view.Pointer, first, view.Pointer.Type),
        length is null ? Arithmetic.Ring("-", view.Length, first) : Arithmetic.Convert(ScalarType.Long, length),
        view.View);
}
