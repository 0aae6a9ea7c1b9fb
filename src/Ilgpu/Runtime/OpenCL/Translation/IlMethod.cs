using System.Reflection;
using System.Reflection.Emit;
using ILGPU.Runtime.Launching;

namespace ILGPU.Runtime.OpenCL.Translation;

/// <summary>An instruction of IL without the short forms that some have.</summary>
/// <param name="Offset">Where it begins.</param>
/// <param name="End">Where the next one begins.</param>
/// <param name="Name">Its name without a suffix for a short form: "ldloc" also stands for "ldloc.s" and "ldloc.0".</param>
/// <param name="Operand">
/// A number (of an argument or a local too), the targets of a branch as an array of offsets, or a member.
/// </param>
internal sealed record Operation(int Offset, int End, string Name, object? Operand)
{
    internal int Number => (int)Operand!;

    internal MethodBase Method => (MethodBase)Operand!;

    internal bool IsBranch => Operand is int[];

    /// <summary>Whether the operation after it is not reached from it, other than by a branch.</summary>
    internal bool EndsBlock => IsBranch || Name is "ret" or "throw" or "rethrow" or "endfinally" or "jmp";

    /// <summary>Whether what comes after it is where it goes on when it does not branch.</summary>
    internal bool FallsThrough => IsBranch ? Name is not ("br" or "leave") : !EndsBlock;
}

/// <summary>A method's IL with what it refers to.</summary>
internal sealed class IlMethod
{
    private static readonly string[] s_numbered = ["ldarg", "ldloc", "stloc", "ldc.i4"];

    private readonly byte[] _code;

    internal IlMethod(MethodBase method, MethodBody body)
    {
        Method = method;
        Body = body;
        _code = body.GetILAsByteArray()!;
        Operations = [.. IlInstruction.Read(_code).Select(Operation)];
    }

    internal MethodBase Method { get; }

    internal MethodBody Body { get; }

    internal IReadOnlyList<Operation> Operations { get; }

    private Operation Operation(IlInstruction instruction)
    {
        string name = instruction.Code.Name!;
        object? operand = Operand(instruction);
        if (name.EndsWith(".s", StringComparison.Ordinal))
            name = name[..^2];

        // ldc.i4.m1, ldloc.0 and the like have their operand in the name.
        int dot = name.LastIndexOf('.');
        if (operand is null && dot > 0 && s_numbered.Contains(name[..dot]))
        {
            operand = name[(dot + 1)..] is "m1" ? -1 : int.Parse(name[(dot + 1)..]);
            name = name[..dot];
        }

        return new Operation(instruction.Offset, instruction.End, name, operand);
    }

    private object? Operand(IlInstruction instruction)
    {
        int position = instruction.Operand;
        return instruction.Code.OperandType switch
        {
            OperandType.InlineNone => null,
            OperandType.ShortInlineI when instruction.Code == OpCodes.Ldc_I4_S => (int)(sbyte)_code[position],
            OperandType.ShortInlineI or OperandType.ShortInlineVar => (int)_code[position],
            OperandType.InlineVar => (int)BitConverter.ToUInt16(_code, position),
            OperandType.InlineI => BitConverter.ToInt32(_code, position),
            OperandType.InlineI8 => BitConverter.ToInt64(_code, position),
            OperandType.ShortInlineR => BitConverter.ToSingle(_code, position),
            OperandType.InlineR => BitConverter.ToDouble(_code, position),
            OperandType.ShortInlineBrTarget => new[] { instruction.End + (sbyte)_code[position] },
            OperandType.InlineBrTarget => new[] { instruction.End + BitConverter.ToInt32(_code, position) },
            OperandType.InlineSwitch => Enumerable.Range(1, BitConverter.ToInt32(_code, position))
                .Select(i => instruction.End + BitConverter.ToInt32(_code, position + (4 * i))).ToArray(),
            OperandType.InlineString => Method.Module.ResolveString(BitConverter.ToInt32(_code, position)),
            OperandType.InlineSig => null,
            _ => Method.Module.ResolveMember(
                BitConverter.ToInt32(_code, position),
                Method.DeclaringType is { IsGenericType: true } type ? type.GetGenericArguments() : null,
                Method.IsGenericMethod ? Method.GetGenericArguments() : null)
        };
    }
}
