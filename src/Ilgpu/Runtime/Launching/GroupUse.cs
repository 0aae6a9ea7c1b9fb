using System.Reflection;
using System.Reflection.Emit;

namespace ILGPU.Runtime.Launching;

/// <summary>Finds out from a kernel's IL whether the threads of a group depend on each other.</summary>
internal static class GroupUse
{
    /// <summary>Whether a method, or a method that it calls, waits at a barrier.</summary>
    internal static bool HasBarrier(MethodBase method) => Calls(method, IsBarrier);

    /// <summary>Whether a method, or a method that it calls, waits at a barrier or shares memory.</summary>
    internal static bool HasBarrierOrSharedMemory(MethodBase method) =>
        Calls(method, called => IsBarrier(called) || called.DeclaringType == typeof(SharedMemory));

    internal static bool IsBarrier(MethodBase method) =>
        method.DeclaringType == typeof(Group) && method.Name == nameof(Group.Barrier);

    private static bool Calls(MethodBase method, Func<MethodBase, bool> isSought)
    {
        var seen = new HashSet<MethodBase>();
        var open = new Stack<MethodBase>([method]);
        while (open.TryPop(out MethodBase? caller))
        {
            if (!seen.Add(caller))
                continue;
            foreach (MethodBase called in CalledBy(caller))
            {
                if (isSought(called))
                    return true;

                // What a kernel calls is in its own assembly or one like it; the class library calls no kernel
                // function.
                if (called.Module.Assembly != typeof(GroupUse).Assembly
                    && called.Module.Assembly != typeof(object).Assembly)
                {
                    open.Push(called);
                }
            }
        }

        return false;
    }

    private static IEnumerable<MethodBase> CalledBy(MethodBase method)
    {
        byte[]? code = method.GetMethodBody()?.GetILAsByteArray();
        if (code is null)
            yield break;
        Type[]? typeArguments = method.DeclaringType is { IsGenericType: true } type
            ? type.GetGenericArguments()
            : null;
        Type[]? methodArguments = method.IsGenericMethod ? method.GetGenericArguments() : null;
        foreach (IlInstruction instruction in IlInstruction.Read(code))
        {
            if (instruction.Code.OperandType == OperandType.InlineMethod
                && method.Module.ResolveMethod(
                    BitConverter.ToInt32(code, instruction.Operand), typeArguments, methodArguments) is { } called)
            {
                yield return called;
            }
        }
    }
}
