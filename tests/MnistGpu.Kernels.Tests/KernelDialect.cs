using System.Reflection;
using System.Reflection.Emit;
using ILGPU;
using ILGPU.Algorithms;

namespace MnistGpu.Kernels.Tests;

/// <summary>
/// Walks the IL of a kernel and of every method that it calls, and names what some backend would not compile:
/// parameters and locals of other types than views, int, float and bool; more than 14 parameters; calls of anything but
/// helpers in the dialect and ILGPU's own functions; objects, arrays, static fields, exceptions, generics, recursion;
/// shared memory whose size is not a constant.
/// </summary>
internal static class KernelDialect
{
    private const int MaxParameters = 14;

    private static readonly Type[] s_types =
    [
        typeof(ArrayView<float>), typeof(ArrayView<int>), typeof(ArrayView<byte>),
        typeof(int), typeof(float), typeof(bool),
    ];

    private static readonly Type[] s_callable =
    [
        typeof(ArrayView<float>), typeof(ArrayView<int>), typeof(ArrayView<byte>), typeof(Index1D),
        typeof(Grid), typeof(Group), typeof(SharedMemory), typeof(Atomic), typeof(XMath),
    ];

    private static readonly string[] s_arithmetic =
    [
        "add", "sub", "mul", "div", "rem", "neg", "and", "or", "xor", "not", "shl", "shr",
        "ceq", "cgt", "cgt.un", "clt", "clt.un", "conv.i4", "conv.r4", "conv.u1",
        "dup", "pop", "nop", "ret", "call", "ldind.u1", "ldind.i4", "ldind.r4", "stind.i1", "stind.i4", "stind.r4",
    ];

    private static readonly Dictionary<short, OpCode> s_opCodes = typeof(OpCodes)
        .GetFields(BindingFlags.Public | BindingFlags.Static)
        .Select(field => (OpCode)field.GetValue(null)!)
        .ToDictionary(opCode => opCode.Value);

    /// <summary>What is wrong with a kernel; nothing where it keeps to the dialect.</summary>
    public static List<string> Violations(MethodInfo kernel)
    {
        List<string> violations = [];
        Walk(kernel, isKernel: true, [], violations);
        return violations;
    }

    /// <summary>
    /// The shared memory that a group of a kernel takes, in bytes, where every allocation is reached once.
    /// </summary>
    public static int SharedBytes(MethodInfo kernel)
    {
        int bytes = 0, constant = 0;
        foreach ((OpCode opCode, int operand) in Instructions(kernel.GetMethodBody()!.GetILAsByteArray()!))
        {
            if (opCode == OpCodes.Call && kernel.Module.ResolveMethod(operand) is MethodInfo called)
            {
                if (called.DeclaringType == typeof(SharedMemory))
                    bytes += constant * (called.GetGenericArguments()[0] == typeof(byte) ? 1 : 4);
                else if (called.Module == kernel.Module)
                    bytes += SharedBytes(called);
            }
            constant = opCode.Name!.StartsWith("ldc.i4.") && opCode.OperandType == OperandType.InlineNone
                ? opCode.Value - OpCodes.Ldc_I4_0.Value
                : operand;
        }
        return bytes;
    }

    private static void Walk(MethodInfo method, bool isKernel, Stack<MethodInfo> callers, List<string> violations)
    {
        string name = $"{method.DeclaringType!.Name}.{method.Name}";
        if (callers.Contains(method))
        {
            violations.Add($"{name} calls itself");
            return;
        }
        if (!method.IsStatic || method.IsGenericMethod)
            violations.Add($"{name} is not static, or is generic");

        ParameterInfo[] parameters = method.GetParameters();
        if (parameters.Length > MaxParameters)
            violations.Add($"{name} has {parameters.Length} parameters");
        foreach (ParameterInfo parameter in parameters)
            if (!s_types.Contains(parameter.ParameterType)
                && !(isKernel && parameter.Position == 0 && parameter.ParameterType == typeof(Index1D)))
                violations.Add($"{name} has a parameter of type {parameter.ParameterType}");
        if (isKernel ? method.ReturnType != typeof(void) : !s_types.Append(typeof(void)).Contains(method.ReturnType))
            violations.Add($"{name} returns {method.ReturnType}");

        MethodBody body = method.GetMethodBody()!;
        foreach (LocalVariableInfo local in body.LocalVariables)
        {
            // Compound assignment to an element keeps its address in a local.
            Type type = local.LocalType.IsByRef ? local.LocalType.GetElementType()! : local.LocalType;
            if (!s_types.Contains(type))
                violations.Add($"{name} has a local of type {type}");
        }
        if (body.ExceptionHandlingClauses.Count > 0)
            violations.Add($"{name} handles an exception");

        callers.Push(method);
        OpCode before = OpCodes.Nop;
        foreach ((OpCode opCode, int operand) in Instructions(body.GetILAsByteArray()!))
        {
            if (!IsAllowed(opCode))
                violations.Add($"{name} has the instruction {opCode.Name}");
            if (opCode == OpCodes.Call)
                Call(method.Module.ResolveMethod(operand)!, before);
            before = opCode;
        }
        callers.Pop();

        void Call(MethodBase called, OpCode argument)
        {
            if (called is MethodInfo { IsGenericMethod: false } helper && helper.Module == callers.Last().Module)
                Walk(helper, isKernel: false, callers, violations);
            else if (!s_callable.Contains(called.DeclaringType))
                violations.Add($"{name} calls {called.DeclaringType!.Name}.{called.Name}");
            else if (called.Name == nameof(SharedMemory.Allocate) && !argument.Name!.StartsWith("ldc.i4"))
                violations.Add($"{name} allocates shared memory whose size is not a constant");
        }
    }

    private static bool IsAllowed(OpCode opCode)
    {
        string name = opCode.Name!;
        return s_arithmetic.Contains(name)
            || (opCode.FlowControl is FlowControl.Branch or FlowControl.Cond_Branch
                && !name.StartsWith("leave") && name != "switch")
            || name.StartsWith("ldarg") || name.StartsWith("starg")
            || name.StartsWith("ldloc") || name.StartsWith("stloc")
            || name.StartsWith("ldc.i4") || name == "ldc.r4";
    }

    /// <summary>The instructions, each with its operand where that is one byte or four.</summary>
    private static IEnumerable<(OpCode OpCode, int Operand)> Instructions(byte[] il)
    {
        for (int at = 0; at < il.Length;)
        {
            short value = il[at++];
            if (value == 0xFE)
                value = (short)(0xFE00 | il[at++]);
            OpCode opCode = s_opCodes[value];
            int size = opCode.OperandType switch
            {
                OperandType.InlineNone => 0,
                OperandType.ShortInlineBrTarget or OperandType.ShortInlineI or OperandType.ShortInlineVar => 1,
                OperandType.InlineVar => 2,
                OperandType.InlineI8 or OperandType.InlineR => 8,
                OperandType.InlineSwitch => 4 + 4 * BitConverter.ToInt32(il, at),
                _ => 4,
            };
            yield return (opCode, size switch { 1 => (sbyte)il[at], 4 => BitConverter.ToInt32(il, at), _ => 0 });
            at += size;
        }
    }
}
