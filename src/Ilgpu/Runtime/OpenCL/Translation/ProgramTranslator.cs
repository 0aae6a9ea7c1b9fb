using System.Reflection;

namespace ILGPU.Runtime.OpenCL.Translation;

/// <summary>The functions of a program: those that its kernel calls, each once for the address spaces it is given.</summary>
internal sealed class ProgramTranslator(string kernelName)
{
    private readonly Dictionary<string, Function> _byCall = [];
    private readonly Stack<MethodBase> _callers = new();
    private readonly List<Function> _functions = [];
    private readonly Names _names = new([]);

    /// <summary>The kernel, for messages.</summary>
    internal string KernelName { get; } = kernelName;

    internal Prelude Prelude { get; } = new();

    /// <summary>All functions, each before those that call it.</summary>
    internal IReadOnlyList<Function> Functions => _functions;

    internal IEnumerable<string> FunctionNames => _functions.Select(function => function.Name);

    /// <summary>A method as a function for parameters in these address spaces.</summary>
    internal Function Function(MethodBase method, IReadOnlyList<AddressSpace> spaces)
    {
        if (_callers.Contains(method))
            throw Refusal.Of(KernelName, method, "calls itself");
        string key = $"{method.Module.ModuleVersionId} {method.MetadataToken} {string.Join(' ', spaces)}";
        if (_byCall.TryGetValue(key, out Function? function))
            return function;
        _callers.Push(method);
        string name = _names.Unique($"{method.DeclaringType?.Name}_{method.Name}");
        function = new MethodTranslator(this, method, spaces).Translate(name);
        _callers.Pop();
        _byCall[key] = function;
        _functions.Add(function);
        return function;
    }
}
