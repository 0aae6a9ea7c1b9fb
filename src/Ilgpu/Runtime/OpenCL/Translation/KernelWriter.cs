namespace ILGPU.Runtime.OpenCL.Translation;

/// <summary>Writes functions with their parameters and what comes before their statements.</summary>
internal static class KernelWriter
{
    private static readonly string[] s_dimensions = ["x", "y", "z"];

    /// <summary>A function that a kernel calls. Shared memory is that of the kernel, and comes as parameters.</summary>
    internal static void WriteFunction(CodeWriter code, Function function)
    {
        IEnumerable<Variable> parameters = function.Parameters.SelectMany(parameter => parameter)
            .Where(function.Uses).Concat(function.Shared.Select(array => array.Variable));
        code.Head($"static {function.Result.Name} {function.Name}", [.. parameters.Select(Declaration)]);
        code.Block(function.Body);
    }

    /// <summary>The kernel itself.</summary>
    internal static void WriteKernel(CodeWriter code, Function kernel, bool isImplicitlyGrouped)
    {
        var names = new Names(kernel.Variables.Select(variable => variable.Name));
        List<string> parameters = [];
        List<Statement> before = [];
        if (isImplicitlyGrouped)
        {
            Variable index = kernel.Parameters[0][0];
            Variable[] extents = [.. IndexMembers.Components(index.Read()).Select((_, i) =>
                new Variable(names.Unique($"extent_{s_dimensions[i]}"), ScalarType.Int))];
            parameters.Add(string.Join(", ", extents.Select(Declaration)));
            before.AddRange(Position(index, extents));
        }

        foreach (IReadOnlyList<Variable> parameter in kernel.Parameters.Skip(isImplicitlyGrouped ? 1 : 0))
        {
            if (parameter is not [var pointer, var length])
            {
                // A bool has no fixed size, and is no type for an argument.
                ClType type = ((ScalarType)parameter[0].Type).InMemory;
                parameters.Add($"{type.Name} {parameter[0].Name}");
                continue;
            }

            var offset = new Variable(names.Unique(pointer.Name + "_offset"), ScalarType.Long);
            parameters.Add(string.Join(", ", new[] { pointer, offset, length }.Select(Declaration)));
            if (kernel.Uses(pointer))
                before.Add(Advance(pointer, offset));
        }

        code.Head($"__kernel void {kernel.Name}", parameters);
        code.Line("{");
        foreach (SharedArray array in kernel.Shared)
            code.Line($"    __local {array.Element.Name} {array.Variable.Name}[{array.Length}];");
        code.Indented(before);
        if (before.Count > 0 || kernel.Shared.Count > 0)
            code.Line();
        code.Indented(kernel.Body);
        code.Line("}");
    }

    private static string Declaration(Variable variable) => $"{variable.Type.Name} {variable.Name}";

    /// <summary>The thread's index; threads that the last groups have too many do nothing.</summary>
    private static IEnumerable<Statement> Position(Variable index, Variable[] extents)
    {
        Expression isBeyond = IndexMembers.Components(index.Read())
            .Zip(extents, (component, extent) =>
                Arithmetic.Compare(">=", component, extent.Read(), un: false))
            .Aggregate(Arithmetic.Or);
        return
        [
            new Declare(index, Arithmetic.AssignedTo(index.Type, IndexMembers.GlobalIndex(index.Type))),
            new If(isBeyond, [new Return(null)], [])
        ];
    }

    /// <summary>From the start of the buffer to the view's first element.</summary>
    private static Assign Advance(Variable pointer, Variable offset)
    {
        var bytes = new PointerType(ScalarType.Char, AddressSpace.Global);
        var start = new Binary("+", new Cast(bytes, pointer.Read()), offset.Read(), bytes);
        return new Assign(pointer.Read(), new Cast(pointer.Type, start));
    }
}
