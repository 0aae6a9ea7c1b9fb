namespace ILGPU.Runtime.OpenCL.Translation;

/// <summary>The local variables of a method.</summary>
internal sealed class Locals
{
    private readonly MethodTranslator _method;
    private readonly LocalNames _names;
    private readonly HashSet<int> _passedOn;
    private readonly HashSet<(int, string, int)> _storedOnce;
    private readonly Dictionary<(int Slot, string Name, int Start), Storage> _storages = [];
    private readonly Dictionary<int, ClType> _types = [];

    internal Locals(MethodTranslator method, IlMethod il)
    {
        _method = method;
        _names = LocalNames.Of(il);
        List<Operation> uses = [.. il.Operations.Where(operation => operation.Name is "stloc" or "ldloc" or "ldloca")];
        _passedOn = PassedOn(il);
        _storedOnce = [.. uses.GroupBy(Key).Where(group => group.Count(use => use.Name is "stloc") == 1)
            .Select(group => group.Key)];
        foreach (Operation use in uses)
        {
            // The address space of a view or a reference is that of what is stored first.
            Type type = il.Body.LocalVariables[use.Number].LocalType;
            if (!ClType.HasAddressSpace(type) && ClType.OfValue(type) is { } valueType)
                _types[use.Number] = valueType;
        }
    }

    /// <summary>
    /// Whether an instruction stores a local only to load it again, or loads it after that: what debug builds do with
    /// every condition. The value can stay on the stack.
    /// </summary>
    internal bool IsPassedOn(Operation operation) =>
        operation.Name is "stloc" or "ldloc" && _passedOn.Contains(operation.Number);

    /// <summary>The variable that an instruction loads.</summary>
    internal Storage At(Operation operation)
    {
        if (_storages.TryGetValue(Key(operation), out Storage? storage))
            return storage;
        return _types.TryGetValue(operation.Number, out ClType? type)
            ? New(operation, type)
            : throw _method.Refuse(operation, "uses a view or a reference that nothing has been assigned to");
    }

    /// <summary>
    /// The variable that an instruction stores to; null where it needs none: a view that is a parameter or shared
    /// memory as a whole has a name already, and nothing else is ever stored.
    /// </summary>
    internal Storage? ForStore(Operation operation, Expression value)
    {
        if (_storages.TryGetValue(Key(operation), out Storage? storage))
            return storage;
        if (_types.TryGetValue(operation.Number, out ClType? type))
            return New(operation, type);
        if (value is ViewValue { IsNamed: true } && _storedOnce.Contains(Key(operation))
            && value.Variables.All(variable => variable.IsFixed))
        {
            _storages[Key(operation)] = new Alias(value);
            return null;
        }

        return New(operation, value.Type);
    }

    /// <summary>What the local that an instruction stores to is called.</summary>
    internal string NameOf(Operation store) => Key(store).Name;

    private Storage New(Operation operation, ClType type) =>
        _storages[Key(operation)] = _method.NewVariable(type, NameOf(operation));

    // One slot may hold variables of several scopes, one after the other.
    private (int Slot, string Name, int Start) Key(Operation operation) =>
        _names.At(operation.Number, operation.Offset) is { } scope
            ? (operation.Number, scope.Name, scope.Start)
            : (operation.Number, $"local{operation.Number}", 0);

    private static HashSet<int> PassedOn(IlMethod il)
    {
        HashSet<int> targets = [.. il.Operations.Where(operation => operation.IsBranch)
            .SelectMany(operation => (int[])operation.Operand!)];
        var passedOn = new HashSet<int>();
        foreach (IGrouping<int, Operation> uses in il.Operations
            .Where(operation => operation.Name is "stloc" or "ldloc" or "ldloca").GroupBy(use => use.Number))
        {
            Operation[] ordered = [.. uses];
            bool inPairs = ordered.Length % 2 == 0 && ordered.Chunk(2).All(pair =>
                pair is [{ Name: "stloc" } store, { Name: "ldloc" } load]
                && store.End == load.Offset && !targets.Contains(load.Offset));
            if (inPairs)
                passedOn.Add(uses.Key);
        }

        return passedOn;
    }
}
