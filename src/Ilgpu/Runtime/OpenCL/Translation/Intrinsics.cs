using System.Reflection;
using ILGPU.Algorithms;
using ILGPU.Runtime;

namespace ILGPU.Runtime.OpenCL.Translation;

/// <summary>The functions that a kernel may call without their being kernel code: those of ILGPU itself.</summary>
internal static class Intrinsics
{
    /// <summary>A call as an expression; null where the method is no such function.</summary>
    /// <param name="called">The method.</param>
    /// <param name="arguments">Its arguments, that which it is called on first.</param>
    /// <param name="prelude">The helper functions of the program: those that the expression calls are added.</param>
    internal static Expression? Translate(MethodBase called, IReadOnlyList<Expression> arguments, Prelude prelude)
    {
        Type? type = called.DeclaringType;
        if (type == typeof(Grid))
            return OfGrid(called.Name);
        if (type == typeof(Group))
            return OfGroup(called.Name);
        if (type == typeof(XMath))
            return MathFunctions.Translate(called.Name, arguments, prelude);
        if (type == typeof(Atomic))
            return AtomicAdd(arguments, prelude);
        if (type is not null && ClType.ViewElement(type) is { } element)
            return ViewMembers.Translate(called, element, arguments);
        return type is not null && IndexMembers.Knows(type) ? IndexMembers.Translate(called, arguments) : null;
    }

    private static Expression? OfGrid(string member) => member switch
    {
        "get_IdxX" => Position("get_group_id", 0),
        "get_IdxY" => Position("get_group_id", 1),
        "get_IdxZ" => Position("get_group_id", 2),
        "get_DimX" => Position("get_num_groups", 0),
        "get_DimY" => Position("get_num_groups", 1),
        "get_DimZ" => Position("get_num_groups", 2),
        "get_GlobalIndex" => IndexMembers.GlobalIndex(VectorType.Int3),
        _ => null
    };

    private static Expression? OfGroup(string member) => member switch
    {
        "get_IdxX" => Position("get_local_id", 0),
        "get_IdxY" => Position("get_local_id", 1),
        "get_IdxZ" => Position("get_local_id", 2),
        "get_DimX" => Position("get_local_size", 0),
        "get_DimY" => Position("get_local_size", 1),
        "get_DimZ" => Position("get_local_size", 2),
        "Barrier" => new Call(ClType.Void, "barrier", new Fence()) { Changes = true },
        _ => null
    };

    /// <summary>A function of the thread's position; they are of type size_t.</summary>
    internal static Expression Position(string function, int dimension) => Arithmetic.To(
        ScalarType.Int, new Call(ScalarType.ULong, function, IntegerConstant.Int(dimension)));

    private static Expression? AtomicAdd(IReadOnlyList<Expression> arguments, Prelude prelude)
    {
        if (arguments[0].Type is not PointerType { Space: not AddressSpace.Private } target)
            return null;
        if (target.Target == ScalarType.Int)
            return Change("atomic_add", Arithmetic.To(ScalarType.Int, arguments[1]));
        return target.Target == ScalarType.Float
            ? Change(prelude.AtomicAddFloat(target.Space), arguments[1])
            : null;

        Expression Change(string function, Expression value) =>
            new Call(target.Target, function, arguments[0], value) { Reads = true, Changes = true };
    }

    /// <summary>The memory whose stores a barrier waits for: both.</summary>
    private sealed record Fence() : Expression(ScalarType.UInt)
    {
        internal override string Text => "CLK_LOCAL_MEM_FENCE | CLK_GLOBAL_MEM_FENCE";
    }
}
