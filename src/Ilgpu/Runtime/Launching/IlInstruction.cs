using System.Reflection;
using System.Reflection.Emit;

namespace ILGPU.Runtime.Launching;

/// <summary>One instruction of a method's IL.</summary>
/// <param name="Offset">Where it begins.</param>
/// <param name="Code">What it does.</param>
/// <param name="Operand">Where its operand begins.</param>
/// <param name="End">Where the next instruction begins; branches count from here.</param>
internal readonly record struct IlInstruction(int Offset, OpCode Code, int Operand, int End)
{
    private static readonly OpCode?[] s_oneByteCodes = Codes(size: 1);
    private static readonly OpCode?[] s_twoByteCodes = Codes(size: 2);

    /// <summary>The instructions of a method's IL, in order.</summary>
    internal static IEnumerable<IlInstruction> Read(byte[] code)
    {
        int position = 0;
        while (position < code.Length)
        {
            OpCode operation = code[position] == 0xFE
                ? s_twoByteCodes[code[position + 1]]!.Value
                : s_oneByteCodes[code[position]]!.Value;
            int operand = position + operation.Size;
            int end = operand + OperandSize(operation, code, operand);
            yield return new IlInstruction(position, operation, operand, end);
            position = end;
        }
    }

    private static int OperandSize(OpCode operation, byte[] code, int operand) => operation.OperandType switch
    {
        OperandType.InlineNone => 0,
        OperandType.ShortInlineBrTarget or OperandType.ShortInlineI or OperandType.ShortInlineVar => 1,
        OperandType.InlineVar => 2,
        OperandType.InlineI8 or OperandType.InlineR => 8,
        OperandType.InlineSwitch => 4 + (4 * BitConverter.ToInt32(code, operand)),
        _ => 4
    };

    private static OpCode?[] Codes(int size)
    {
        var codes = new OpCode?[256];
        foreach (FieldInfo field in typeof(OpCodes).GetFields(BindingFlags.Public | BindingFlags.Static))
        {
            if (field.GetValue(null) is OpCode code && code.Size == size)
                codes[code.Value & 0xFF] = code;
        }

        return codes;
    }
}
