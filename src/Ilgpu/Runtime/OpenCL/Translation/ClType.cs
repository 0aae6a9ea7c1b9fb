using ILGPU.Runtime;

namespace ILGPU.Runtime.OpenCL.Translation;

/// <summary>Where a pointer points to. OpenCL C 1.2 has no pointers that leave it open.</summary>
internal enum AddressSpace
{
    Private,
    Global,
    Local
}

/// <summary>A type of OpenCL C.</summary>
/// <param name="Name">As it is written in a declaration.</param>
internal abstract record ClType(string Name)
{
    internal static readonly ClType Void = new ScalarType("void", 0);

    private static readonly Dictionary<Type, ClType> s_values = new()
    {
        [typeof(void)] = Void,
        [typeof(bool)] = ScalarType.Bool,
        [typeof(sbyte)] = ScalarType.Char,
        [typeof(byte)] = ScalarType.UChar,
        [typeof(short)] = ScalarType.Short,
        [typeof(ushort)] = ScalarType.UShort,
        [typeof(int)] = ScalarType.Int,
        [typeof(uint)] = ScalarType.UInt,
        [typeof(long)] = ScalarType.Long,
        [typeof(ulong)] = ScalarType.ULong,
        [typeof(float)] = ScalarType.Float,
        [typeof(Index1D)] = ScalarType.Int,
        [typeof(LongIndex1D)] = ScalarType.Long,
        [typeof(Index2D)] = VectorType.Int2,
        [typeof(Index3D)] = VectorType.Int3
    };

    /// <summary>The type of a value that is neither a view nor a reference; null where a kernel has none such.</summary>
    internal static ClType? OfValue(Type type) => s_values.GetValueOrDefault(type);

    /// <summary>The type of a value of any type, where references and views point to an address space.</summary>
    internal static ClType? Of(Type type, AddressSpace space)
    {
        if (ViewElement(type) is { } element)
            return new ViewType(element, space);
        if (!type.IsByRef)
            return OfValue(type);
        return OfValue(type.GetElementType()!) is { } target ? new PointerType(target, space) : null;
    }

    /// <summary>Whether values of a type have an address space.</summary>
    internal static bool HasAddressSpace(Type type) => type.IsByRef || ViewElement(type) is not null;

    /// <summary>What a view is a view of, as it lies in memory; null where a type is no view.</summary>
    internal static ScalarType? ViewElement(Type type)
    {
        if (!type.IsGenericType)
            return null;
        Type view = type.GetGenericTypeDefinition();
        bool isView = view == typeof(ArrayView<>)
            || (view == typeof(ArrayView1D<,>) && type.GetGenericArguments()[1] == typeof(Stride1D.Dense));
        return isView ? (OfValue(type.GetGenericArguments()[0]) as ScalarType)?.InMemory : null;
    }
}

/// <summary>A number or a truth value.</summary>
internal sealed record ScalarType(string Name, int Size, bool IsSigned = true) : ClType(Name)
{
    internal static readonly ScalarType Bool = new("bool", 1, IsSigned: false);
    internal static readonly ScalarType Char = new("char", 1);
    internal static readonly ScalarType UChar = new("uchar", 1, IsSigned: false);
    internal static readonly ScalarType Short = new("short", 2);
    internal static readonly ScalarType UShort = new("ushort", 2, IsSigned: false);
    internal static readonly ScalarType Int = new("int", 4);
    internal static readonly ScalarType UInt = new("uint", 4, IsSigned: false);
    internal static readonly ScalarType Long = new("long", 8);
    internal static readonly ScalarType ULong = new("ulong", 8, IsSigned: false);
    internal static readonly ScalarType Float = new("float", 4);

    /// <summary>The type of an element of a buffer: OpenCL leaves the size of a bool open.</summary>
    internal ScalarType InMemory => this == Bool ? UChar : this;
}

/// <summary>A vector of ints: an index of two or three dimensions.</summary>
internal sealed record VectorType(string Name) : ClType(Name)
{
    internal static readonly VectorType Int2 = new("int2");
    internal static readonly VectorType Int3 = new("int3");
}

/// <summary>A reference of C#: a pointer to one element or variable.</summary>
internal sealed record PointerType(ClType Target, AddressSpace Space) : ClType(Prefix(Space) + Target.Name + "*")
{
    private static string Prefix(AddressSpace space) => space switch
    {
        AddressSpace.Global => "__global ",
        AddressSpace.Local => "__local ",
        _ => ""
    };
}

/// <summary>A view: no type of OpenCL C, but two values, a pointer to the first element and the length.</summary>
internal sealed record ViewType(ScalarType Element, AddressSpace Space) : ClType($"view of {Element.Name}")
{
    internal PointerType Pointer => new(Element, Space);
}
