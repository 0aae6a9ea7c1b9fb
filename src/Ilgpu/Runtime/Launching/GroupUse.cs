using System.Reflection;
using System.Reflection.Emit;

namespace ILGPU.Runtime.Launching;

/// <summary>Finds out from a kernel's IL whether its threads depend on each other.</summary>
internal static class GroupUse
{
    private static readonly OpCode?[] s_oneByteCodes = Codes(isTwoByte: false);
    private static readonly OpCode?[] s_twoByteCodes = Codes(isTwoByte: true);

    /// <summary>Whether a method, or a method that it calls, has a barrier or shared memory.</summary>
    internal static bool In(MethodInfo kernel)
    {
        var seen = new HashSet<MethodBase>();
        var open = new Stack<MethodBase>([kernel]);
        while (open.TryPop(out MethodBase? method))
        {
            if (!seen.Add(method))
                continue;
            foreach (MethodBase called in Calls(method))
            {
                if (IsGroupFunction(called))
                    return true;

                // What the kernel calls is in the kernel's own assembly or one like it, never in the class library.
                if (called.Module.Assembly != typeof(GroupUse).Assembly
                    && called.Module.Assembly != typeof(object).Assembly)
                {
                    open.Push(called);
                }
            }
        }

        return false;
    }

    private static bool IsGroupFunction(MethodBase method) =>
        method.DeclaringType == typeof(SharedMemory)
        || (method.DeclaringType == typeof(Group) && method.Name == nameof(Group.Barrier));

    /// <summary>The methods that a method's IL mentions.</summary>
    private static IEnumerable<MethodBase> Calls(MethodBase method)
    {
        byte[]? code = method.GetMethodBody()?.GetILAsByteArray();
        if (code is null)
            yield break;
        Type[]? typeArguments = method.DeclaringType is { IsGenericType: true } type ? type.GetGenericArguments() : null;
        Type[]? methodArguments = method.IsGenericMethod ? method.GetGenericArguments() : null;

        int position = 0;
        while (position < code.Length)
        {
            OpCode operation = code[position] == 0xFE
                ? s_twoByteCodes[code[position + 1]]!.Value
                : s_oneByteCodes[code[position]]!.Value;
            position += operation.Size;
            if (operation.OperandType is OperandType.InlineMethod)
            {
                int token = BitConverter.ToInt32(code, position);
                if (method.Module.ResolveMethod(token, typeArguments, methodArguments) is { } called)
                    yield return called;
            }

            position += OperandSize(operation, code, position);
        }
    }

    private static int OperandSize(OpCode operation, byte[] code, int position) => operation.OperandType switch
    {
        OperandType.InlineNone => 0,
        OperandType.ShortInlineBrTarget or OperandType.ShortInlineI or OperandType.ShortInlineVar => 1,
        OperandType.InlineVar => 2,
        OperandType.InlineI8 or OperandType.InlineR => 8,
        OperandType.InlineSwitch => 4 + (4 * BitConverter.ToInt32(code, position)),
        _ => 4
    };

    private static OpCode?[] Codes(bool isTwoByte)
    {
        var codes = new OpCode?[256];
        foreach (FieldInfo field in typeof(OpCodes).GetFields(BindingFlags.Public | BindingFlags.Static))
        {
            if (field.GetValue(null) is OpCode code && (code.Size == 2) == isTwoByte)
                codes[code.Value & 0xFF] = code;
        }

        return codes;
    }
}
