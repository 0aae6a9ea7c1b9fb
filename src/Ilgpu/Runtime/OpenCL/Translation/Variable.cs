namespace ILGPU.Runtime.OpenCL.Translation;

/// <summary>A variable or parameter of a function in OpenCL C.</summary>
internal sealed class Variable(string name, ClType type)
{
    internal string Name { get; } = name;

    internal ClType Type { get; } = type;

    /// <summary>Whether it has one value from the beginning of the function to its end.</summary>
    internal bool IsFixed { get; init; }

    /// <summary>Whether its address is known elsewhere, so that it changes as memory does.</summary>
    internal bool IsExposed { get; set; }

    internal VariableRead Read() => new(this);
}
