using System.Reflection;

namespace ILGPU.Runtime.OpenCL.Translation;

/// <summary>Translates one method: the kernel or a method that it calls.</summary>
internal sealed class MethodTranslator
{
    private readonly ProgramTranslator _program;
    private readonly MethodBase _method;
    private readonly IlMethod _il;
    private readonly List<Storage> _arguments = [];
    private readonly List<SharedArray> _shared = [];

    /// <param name="program">What the method is translated for.</param>
    /// <param name="method">The method.</param>
    /// <param name="spaces">The address spaces of its parameters, where they have one.</param>
    internal MethodTranslator(ProgramTranslator program, MethodBase method, IReadOnlyList<AddressSpace> spaces)
    {
        _program = program;
        _method = method;
        if (method.IsGenericMethod || method.DeclaringType is { IsGenericType: true })
            throw Refuse("is generic");
        if (method.GetMethodBody() is not { } body)
            throw Refuse("has no body in C#");
        if (body.ExceptionHandlingClauses.Count > 0)
            throw Refuse("handles an exception (try)");
        _il = new IlMethod(method, body);

        Type result = method is MethodInfo { ReturnType: var type } ? type : typeof(void);
        Result = ClType.OfValue(result) ?? throw Refuse($"returns a value of type {Refusal.NameOf(result)}");
        foreach (LocalVariableInfo local in body.LocalVariables)
        {
            if (ClType.Of(local.LocalType, AddressSpace.Global) is null)
                throw Refuse($"has a local variable of type {Refusal.NameOf(local.LocalType)}");
        }

        // A lambda is an instance method of a class without fields.
        if (!method.IsStatic)
            _arguments.Add(new Alias(new ThisReference()));
        foreach (ParameterInfo parameter in method.GetParameters())
            _arguments.Add(ArgumentStorage(parameter, spaces[parameter.Position]));
        Locals = new Locals(this, _il);
    }

    /// <summary>What the method returns.</summary>
    internal ClType Result { get; }

    internal Locals Locals { get; }

    /// <summary>The parameters, without that of an instance.</summary>
    private IEnumerable<Storage> Parameters => _arguments.Where(argument => argument is not Alias);

    /// <summary>Translates the body.</summary>
    internal Function Translate(string name)
    {
        FlowGraph graph = FlowGraph.Of(_il);
        FlowEvaluator.Evaluate(graph, this);
        graph.Simplify();
        var flow = new FlowStructure(graph);
        List<Statement> body = Structurer.Statements(graph, flow);
        UnusedVariables.Remove(body);
        LoopShapes.Shape(body);
        IReadOnlyList<Variable>[] parameters = [.. Parameters.Select(parameter => parameter.Variables)];
        List<Variable> given =
            [.. parameters.SelectMany(parameter => parameter), .. _shared.Select(array => array.Variable)];
        Declarations.Place(body, given, flow.IsReducible);
        Naming.Assign(body, given, new Names(_program.FunctionNames));
        return new Function(name, Result, parameters, _shared, body);
    }

    internal NotSupportedException Refuse(Operation operation, string construct) =>
        Refusal.At(_program.KernelName, _method, operation, construct);

    internal Storage NewVariable(ClType type, string name = "temp") => Storage.Of(type, name);

    internal Storage Argument(Operation operation) => _arguments[operation.Number] is Alias
        ? throw Refuse(operation, "uses an object")
        : _arguments[operation.Number];

    /// <summary>A call of a method as an expression.</summary>
    internal Expression Call(Operation operation, List<Expression> arguments)
    {
        MethodBase called = operation.Method;
        if (called.DeclaringType == typeof(SharedMemory))
            return Allocate(operation, arguments[0]);
        if (Intrinsics.Translate(called, arguments, _program.Prelude) is { } intrinsic)
            return intrinsic;
        if (!called.IsStatic || IsOfLibrary(called))
            throw Refuse(operation, $"calls {Refusal.NameOf(called)}, which is no function for kernels");

        arguments.ForEach(Expose);
        Function function = _program.Function(called, [.. arguments.Select(SpaceOf)]);
        var values = new List<Expression>();
        foreach ((IReadOnlyList<Variable> parameters, Expression argument) in function.Parameters.Zip(arguments))
        {
            Expression[] parts = argument is ViewValue view ? [view.Pointer, view.Length] : [argument];
            values.AddRange(parameters.Zip(parts)
                .Where(pair => function.Uses(pair.First))
                .Select(pair => Arithmetic.AssignedTo(pair.First.Type, pair.Second)));
        }

        // Each call has shared memory of its own.
        values.AddRange(function.Shared.Select(array =>
            NewShared(array.Element, array.Length, array.Variable.Wanted).Pointer));
        return new Call(function.Result, function.Name, [.. values])
        {
            Reads = function.ReadsMemory,
            Changes = function.HasEffects
        };
    }

    /// <summary>Notes that a variable changes with what has its address, if an expression is one.</summary>
    internal static void Expose(Expression value)
    {
        if (value is AddressOf { Target: VariableRead { Variable: var variable } })
            variable.IsExposed = true;
    }

    private NotSupportedException Refuse(string construct) => Refusal.Of(_program.KernelName, _method, construct);

    private Storage ArgumentStorage(ParameterInfo parameter, AddressSpace space)
    {
        ClType type = ClType.Of(parameter.ParameterType, space)
            ?? throw Refuse($"has the parameter {parameter.Name} of type {Refusal.NameOf(parameter.ParameterType)}");
        int number = parameter.Position + (_method.IsStatic ? 0 : 1);
        bool isFixed = !_il.Operations.Any(operation => operation.Name is "starg" && operation.Number == number);
        return Storage.Of(type, parameter.Name ?? "parameter", isFixed);
    }

    private ViewValue Allocate(Operation operation, Expression length)
    {
        Type type = ((MethodInfo)operation.Method).GetGenericArguments()[0];
        if (ClType.OfValue(type) is not ScalarType element)
            throw Refuse(operation, $"allocates shared memory of type {Refusal.NameOf(type)}");
        if (length is not IntegerConstant { Value: > 0 } constant)
            throw Refuse(operation, "allocates shared memory whose size is not a constant");

        // It is called as the variable that it is stored to.
        Operation? next = _il.Operations.FirstOrDefault(other => other.Offset == operation.End);
        string name = next is { Name: "stloc" } && !Locals.IsPassedOn(next) ? Locals.NameOf(next) : "shared";
        return NewShared(element.InMemory, (int)constant.Value, name);
    }

    private ViewValue NewShared(ScalarType element, int length, string name)
    {
        var type = new ViewType(element, AddressSpace.Local);
        var array = new Variable(name, type.Pointer) { IsFixed = true };
        _shared.Add(new SharedArray(array, element, length));
        return new ViewValue(array.Read(), new IntegerConstant(length, ScalarType.Long), type);
    }

    private static AddressSpace SpaceOf(Expression argument) => argument.Type switch
    {
        PointerType pointer => pointer.Space,
        ViewType view => view.Space,
        _ => AddressSpace.Private
    };

    // The class library has bodies too, but not such as a kernel may have.
    private static bool IsOfLibrary(MethodBase method)
    {
        Assembly assembly = method.Module.Assembly;
        return assembly == typeof(object).Assembly || assembly == typeof(ProgramTranslator).Assembly
            || assembly.GetName().Name!.StartsWith("System.", StringComparison.Ordinal);
    }

    /// <summary>The instance that a lambda is called on; no code can be written for it.</summary>
    private sealed record ThisReference() : Expression(ClType.Void)
    {
        internal override string Text => throw new InvalidOperationException();
    }
}
