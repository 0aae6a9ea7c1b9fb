namespace ILGPU.Runtime.OpenCL.Translation;

/// <summary>Where the value of a parameter or local variable of C# is kept.</summary>
internal abstract class Storage
{
    /// <summary>The value.</summary>
    internal abstract Expression Read();

    /// <summary>The variables that a store changes.</summary>
    internal abstract IReadOnlyList<Variable> Variables { get; }

    /// <summary>Variables for a value of a type.</summary>
    internal static Storage Of(ClType type, string name, bool isFixed = false)
    {
        if (type is not ViewType view)
            return new OneVariable(new Variable(name, type) { IsFixed = isFixed });
        return new ViewVariables(
            new Variable(name, view.Pointer) { IsFixed = isFixed },
            new Variable(name + "_length", ScalarType.Long) { IsFixed = isFixed },
            view);
    }

    /// <summary>The statements that store a value.</summary>
    internal IEnumerable<Statement> Write(Expression value)
    {
        Expression[] parts = value is ViewValue view ? [view.Pointer, view.Length] : [value];
        return Variables.Zip(parts, (variable, part) =>
            new Assign(variable.Read(), Arithmetic.AssignedTo(variable.Type, part)));
    }

    private sealed class OneVariable(Variable variable) : Storage
    {
        internal override IReadOnlyList<Variable> Variables => [variable];

        internal override Expression Read() => variable.Read();
    }

    private sealed class ViewVariables(Variable pointer, Variable length, ViewType type) : Storage
    {
        internal override IReadOnlyList<Variable> Variables => [pointer, length];

        internal override Expression Read() => new ViewValue(pointer.Read(), length.Read(), type);
    }
}

/// <summary>A local variable of C# that never has another value: it needs no variable.</summary>
internal sealed class Alias(Expression value) : Storage
{
    internal override IReadOnlyList<Variable> Variables => [];

    internal override Expression Read() => value;
}
