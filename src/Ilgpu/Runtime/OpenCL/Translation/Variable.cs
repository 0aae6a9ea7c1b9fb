namespace ILGPU.Runtime.OpenCL.Translation;

/// <summary>A variable or parameter of a function in OpenCL C.</summary>
/// <param name="wanted">Its name in C#, or one like it.</param>
/// <param name="type">Its type.</param>
internal sealed class Variable(string wanted, ClType type)
{
    internal string Wanted { get; } = wanted;

    /// <summary>Its name, once all variables of the function are known: see <see cref="Naming"/>.</summary>
    internal string Name { get; set; } = wanted;

    internal ClType Type { get; } = type;

    /// <summary>Whether it has one value from the beginning of the function to its end.</summary>
    internal bool IsFixed { get; init; }

    /// <summary>Whether its address is known elsewhere, so that it changes as memory does.</summary>
    internal bool IsExposed { get; set; }

    internal VariableRead Read() => new(this);
}
