using System.Reflection;
using System.Reflection.Emit;
using ILGPU.Runtime.Launching;

namespace ILGPU.Runtime.CPU;

/// <summary>Finds out from a kernel's IL whether what takes the address of a parameter can change it.</summary>
internal static class AddressUse
{
    /// <summary>
    /// Whether an address is only read through: by the load of a field, or by a call of a method of the parameter,
    /// whose type is a readonly struct. A view's indexer is such a call.
    /// </summary>
    /// <param name="instructions">The kernel's IL.</param>
    /// <param name="load">The position, in that list, of the instruction that loads the address.</param>
    /// <param name="type">The parameter's type.</param>
    /// <param name="methodOf">The method that an instruction calls.</param>
    /// <returns>False where in doubt: behind a branch, and for every way to use an address not named above.</returns>
    internal static bool OnlyReads(
        List<IlInstruction> instructions, int load, Type type, Func<IlInstruction, MethodBase> methodOf)
    {
        // How many values are on the evaluation stack from the address on. The instruction that takes the last of them,
        // and no more, has the address as its first operand.
        int depth = 1;
        foreach (IlInstruction instruction in instructions.Skip(load + 1))
        {
            OpCode code = instruction.Code;
            if (code.FlowControl is not (FlowControl.Next or FlowControl.Call))
                return false;
            MethodBase? method = code.OperandType == OperandType.InlineMethod ? methodOf(instruction) : null;
            if (Pops(code, method) is not { } pops)
                return false;
            depth -= pops;
            if (depth < 0)
                return false;
            if (depth == 0)
                return code == OpCodes.Ldfld || (code == OpCodes.Call && IsReader(method!, type));
            depth += Pushes(code, method);
        }

        return false;
    }

    // A constructor is called on the variable that it sets.
    private static bool IsReader(MethodBase method, Type type) =>
        method is MethodInfo { IsStatic: false }
        && method.DeclaringType == type
        && type.IsDefined(typeof(System.Runtime.CompilerServices.IsReadOnlyAttribute), inherit: false);

    private static int? Pops(OpCode code, MethodBase? method) => code.StackBehaviourPop switch
    {
        StackBehaviour.Pop0 => 0,
        StackBehaviour.Pop1 or StackBehaviour.Popi or StackBehaviour.Popref => 1,
        StackBehaviour.Pop1_pop1 or StackBehaviour.Popi_pop1 or StackBehaviour.Popi_popi
            or StackBehaviour.Popi_popi8 or StackBehaviour.Popi_popr4 or StackBehaviour.Popi_popr8
            or StackBehaviour.Popref_pop1 or StackBehaviour.Popref_popi => 2,
        StackBehaviour.Varpop when method is not null =>
            method.GetParameters().Length + (method.IsStatic || code == OpCodes.Newobj ? 0 : 1),
        StackBehaviour.Varpop => null,
        _ => 3
    };

    private static int Pushes(OpCode code, MethodBase? method) => code.StackBehaviourPush switch
    {
        StackBehaviour.Push0 => 0,
        StackBehaviour.Push1_push1 => 2,
        StackBehaviour.Varpush => method is MethodInfo { ReturnType: var type } && type != typeof(void) ? 1 : 0,
        _ => 1
    };
}
