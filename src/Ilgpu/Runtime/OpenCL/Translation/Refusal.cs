using System.Reflection;

namespace ILGPU.Runtime.OpenCL.Translation;

/// <summary>Says why a kernel cannot be translated, in one line.</summary>
internal static class Refusal
{
    /// <summary>Because of an instruction.</summary>
    internal static NotSupportedException At(string kernel, MethodBase method, Operation operation, string construct) =>
        Of(kernel, method, $"{construct} ({operation.Name} at IL_{operation.Offset:X4})");

    /// <summary>Because of the method itself.</summary>
    internal static NotSupportedException Of(string kernel, MethodBase method, string construct) =>
        new($"Kernel {kernel} cannot run on OpenCL: {NameOf(method)} {construct}.");

    internal static string NameOf(MemberInfo member) => $"{member.DeclaringType?.Name}.{member.Name}";

    internal static string NameOf(Type type) => type.IsGenericType
        ? $"{type.Name.Split('`')[0]}<{string.Join(", ", type.GetGenericArguments().Select(NameOf))}>"
        : type.Name;

    /// <summary>What an instruction that has no translation is in C#.</summary>
    internal static string Construct(Operation operation) => operation.Name switch
    {
        "newarr" or "ldlen" or "localloc" => "uses an array",
        _ when operation.Name.StartsWith("ldelem", StringComparison.Ordinal)
            || operation.Name.StartsWith("stelem", StringComparison.Ordinal) => "uses an array",
        "newobj" => $"creates an object of {operation.Method.DeclaringType?.Name}",
        "box" or "unbox" or "unbox.any" or "castclass" or "isinst" or "ldnull" or "ldtoken" => "uses an object",
        "ldstr" => "uses a string",
        "throw" or "rethrow" => "throws an exception",
        "leave" or "endfinally" or "endfilter" => "handles an exception",
        "ldsfld" or "ldsflda" or "stsfld" =>
            $"uses the static field {NameOf((MemberInfo)operation.Operand!)}, which is not a constant",
        "ldfld" or "ldflda" or "stfld" => $"uses the field {NameOf((MemberInfo)operation.Operand!)}",
        "callvirt" or "constrained." or "ldvirtftn" => "makes a virtual call",
        "ldftn" or "calli" => "uses a delegate or a function pointer",
        "ldc.r8" or "conv.r8" or "ldind.r8" or "stind.r8" => "computes in double",
        _ when operation.Name.Contains(".ovf", StringComparison.Ordinal) => "checks for overflow",
        "conv.i" or "conv.u" or "ldind.i" or "stind.i" or "cpblk" or "initblk" => "uses an unsafe pointer",
        _ => "has an instruction that is not part of the language of kernels"
    };
}
