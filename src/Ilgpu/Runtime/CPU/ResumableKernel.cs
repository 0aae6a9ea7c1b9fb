using System.Reflection;
using System.Reflection.Emit;
using ILGPU.Runtime.Launching;

namespace ILGPU.Runtime.CPU;

/// <summary>Makes a method that can stop at a barrier and go on behind it, out of a kernel that waits there.</summary>
/// <remarks>
/// <para>
/// With it, one thread of the operating system runs all threads of a group: each up to the first barrier, then each up
/// to the next. A thread of its own for each costs several microseconds to get past a barrier, which made one
/// 64×784×100 product in 16×16 tiles take 18 s; this costs some nanoseconds.
/// </para>
/// <para>
/// The method is a copy of the kernel's IL with three changes. It begins with a jump to where it goes on. In the place
/// of a barrier it stores the local variables in the thread's frame and returns; where it goes on, it loads them. And
/// parameters become local variables, loaded from the call. The frame is a tuple of all that is stored.
/// </para>
/// <para>
/// A few kernels cannot be copied so: those with a barrier in a method that they call, with a reference in a local
/// variable, with an exception handler, or with a value on the evaluation stack across a barrier. They run as threads
/// (<see cref="GroupCrew"/>).
/// </para>
/// </remarks>
internal sealed class ResumableKernel
{
    private readonly MethodInfo _kernel;
    private readonly MethodBody _body;
    private readonly byte[] _code;
    private readonly List<IlInstruction> _instructions;
    private readonly Type[] _parameters;
    private readonly int _parameterLocals;
    private readonly List<int> _kept;
    private readonly Type _frame;

    private ResumableKernel(MethodInfo kernel, MethodBody body)
    {
        _kernel = kernel;
        _body = body;
        _code = body.GetILAsByteArray()!;
        _instructions = [.. IlInstruction.Read(_code)];
        _parameters = [.. kernel.GetParameters().Select(parameter => parameter.ParameterType)];
        _parameterLocals = body.LocalVariables.Count;

        // All local variables, and of the parameters those that the kernel changes; the others come from the call each
        // time.
        _kept = [.. Enumerable.Range(0, _parameterLocals)];
        _kept.AddRange(ChangedParameters().Select(parameter => _parameterLocals + parameter));
        _frame = TupleOf([.. _kept.Select(LocalType)]);
    }

    /// <summary>The group runner of a kernel, or null where the kernel cannot be copied.</summary>
    internal static Func<SharedArena, GroupRunner<TCall>>? TryBuild<TCall>(MethodInfo kernel)
        where TCall : struct, IKernelCall
    {
        MethodBody? body = kernel.GetMethodBody();
        if (body is null
            || !kernel.IsStatic
            || body.ExceptionHandlingClauses.Count > 0
            || body.LocalVariables.Any(local => local.IsPinned || local.LocalType.IsByRef || local.LocalType.IsPointer
                || local.LocalType.IsByRefLike))
        {
            return null;
        }

        var resumable = new ResumableKernel(kernel, body);
        if (!resumable.CanCopyEveryInstruction())
            return null;
        Type step = typeof(KernelStep<,>).MakeGenericType(typeof(TCall), resumable._frame);
        Type runner = typeof(ResumableGroupRunner<,>).MakeGenericType(typeof(TCall), resumable._frame);
        Delegate method;
        try
        {
            method = resumable.Emit(typeof(TCall)).CreateDelegate(step);
        }
        catch (InvalidProgramException)
        {
            // A value on the evaluation stack across a barrier: it is gone where the copy goes on.
            return null;
        }

        return arena => (GroupRunner<TCall>)Activator.CreateInstance(
            runner, BindingFlags.Instance | BindingFlags.NonPublic | BindingFlags.Public, null, [method, arena], null)!;
    }

    private bool CanCopyEveryInstruction() => _instructions.All(instruction => instruction.Code.OperandType switch
    {
        OperandType.InlineSig => false,
        OperandType.InlineMethod => IsBarrier(instruction) || !GroupUse.HasBarrier(MethodOf(instruction)),
        _ => true
    });

    private DynamicMethod Emit(Type call)
    {
        var method = new DynamicMethod(
            _kernel.Name,
            typeof(int),
            [call.MakeByRefType(), typeof(int), _frame.MakeByRefType()],
            _kernel.Module,
            skipVisibility: true);
        ILGenerator il = method.GetILGenerator();
        for (int i = 0; i < _parameterLocals + _parameters.Length; i++)
            il.DeclareLocal(LocalType(i));
        for (int i = 0; i < _parameters.Length; i++)
        {
            // The compiler's name for the field of a parameter of a primary constructor: see Call.cs.
            il.Emit(OpCodes.Ldarg_0);
            il.Emit(OpCodes.Ldfld, call.GetField($"<a{i + 1}>P", BindingFlags.Instance | BindingFlags.NonPublic)!);
            il.Emit(OpCodes.Stloc, _parameterLocals + i);
        }

        Label[] entries = [.. Enumerable.Range(0, Barriers() + 1).Select(_ => il.DefineLabel())];
        il.Emit(OpCodes.Ldarg_1);
        il.Emit(OpCodes.Switch, entries);
        il.MarkLabel(entries[0]);

        Dictionary<int, Label> targets = _instructions.SelectMany(TargetsOf).Distinct()
            .ToDictionary(target => target, _ => il.DefineLabel());
        int barrier = 0;
        foreach (IlInstruction instruction in _instructions)
        {
            if (targets.TryGetValue(instruction.Offset, out Label label))
                il.MarkLabel(label);
            if (IsBarrier(instruction))
                EmitBarrier(il, ++barrier, entries[barrier]);
            else
                Copy(il, instruction, targets);
        }

        return method;
    }

    private void EmitBarrier(ILGenerator il, int barrier, Label entry)
    {
        for (int i = 0; i < _kept.Count; i++)
        {
            FieldInfo field = EmitTupleOfField(il, i);
            il.Emit(OpCodes.Ldloc, _kept[i]);
            il.Emit(OpCodes.Stfld, field);
        }

        il.Emit(OpCodes.Ldc_I4, barrier);
        il.Emit(OpCodes.Ret);
        il.MarkLabel(entry);
        for (int i = 0; i < _kept.Count; i++)
        {
            il.Emit(OpCodes.Ldfld, EmitTupleOfField(il, i));
            il.Emit(OpCodes.Stloc, _kept[i]);
        }
    }

    private void Copy(ILGenerator il, IlInstruction instruction, Dictionary<int, Label> targets)
    {
        OpCode code = instruction.Code;
        if (code == OpCodes.Ret)
        {
            il.Emit(OpCodes.Ldc_I4_0);
            il.Emit(OpCodes.Ret);
            return;
        }

        if (ParameterOf(instruction) is { } parameter)
        {
            OpCode local = code.Name!.StartsWith("ldarga", StringComparison.Ordinal) ? OpCodes.Ldloca
                : code.Name.StartsWith("starg", StringComparison.Ordinal) ? OpCodes.Stloc
                : OpCodes.Ldloc;
            il.Emit(local, _parameterLocals + parameter);
            return;
        }

        int operand = instruction.Operand;
        switch (code.OperandType)
        {
            case OperandType.InlineNone:
                il.Emit(code);
                break;
            case OperandType.ShortInlineVar:
            case OperandType.ShortInlineI:
                il.Emit(code, _code[operand]);
                break;
            case OperandType.InlineVar:
                il.Emit(code, BitConverter.ToInt16(_code, operand));
                break;
            case OperandType.InlineI:
                il.Emit(code, BitConverter.ToInt32(_code, operand));
                break;
            case OperandType.InlineI8:
                il.Emit(code, BitConverter.ToInt64(_code, operand));
                break;
            case OperandType.ShortInlineR:
                il.Emit(code, BitConverter.ToSingle(_code, operand));
                break;
            case OperandType.InlineR:
                il.Emit(code, BitConverter.ToDouble(_code, operand));
                break;
            case OperandType.ShortInlineBrTarget:
            case OperandType.InlineBrTarget:
                // The copy is longer, so every branch becomes a long one.
                il.Emit(LongBranch(code), targets[TargetsOf(instruction).Single()]);
                break;
            case OperandType.InlineSwitch:
                il.Emit(code, [.. TargetsOf(instruction).Select(target => targets[target])]);
                break;
            case OperandType.InlineString:
                il.Emit(code, _kernel.Module.ResolveString(BitConverter.ToInt32(_code, operand)));
                break;
            default:
                EmitMember(il, code, MemberOf(instruction));
                break;
        }
    }

    private static void EmitMember(ILGenerator il, OpCode code, MemberInfo member)
    {
        switch (member)
        {
            case Type type:
                il.Emit(code, type);
                break;
            case FieldInfo field:
                il.Emit(code, field);
                break;
            case ConstructorInfo constructor:
                il.Emit(code, constructor);
                break;
            default:
                il.Emit(code, (MethodInfo)member);
                break;
        }
    }

    /// <summary>
    /// Loads the address of the tuple that an element of the frame is in: a tuple's eighth is the next tuple.
    /// </summary>
    private FieldInfo EmitTupleOfField(ILGenerator il, int index)
    {
        Type tuple = _frame;
        il.Emit(OpCodes.Ldarg_2);
        for (; index >= 7; index -= 7)
        {
            FieldInfo rest = tuple.GetField("Rest")!;
            il.Emit(OpCodes.Ldflda, rest);
            tuple = rest.FieldType;
        }

        return tuple.GetField($"Item{index + 1}")!;
    }

    private static Type TupleOf(Type[] types) => types.Length switch
    {
        0 => typeof(ValueTuple),
        1 => typeof(ValueTuple<>).MakeGenericType(types),
        2 => typeof(ValueTuple<,>).MakeGenericType(types),
        3 => typeof(ValueTuple<,,>).MakeGenericType(types),
        4 => typeof(ValueTuple<,,,>).MakeGenericType(types),
        5 => typeof(ValueTuple<,,,,>).MakeGenericType(types),
        6 => typeof(ValueTuple<,,,,,>).MakeGenericType(types),
        7 => typeof(ValueTuple<,,,,,,>).MakeGenericType(types),
        _ => typeof(ValueTuple<,,,,,,,>).MakeGenericType([.. types[..7], TupleOf(types[7..])])
    };

    private Type LocalType(int local) => local < _parameterLocals
        ? _body.LocalVariables[local].LocalType
        : _parameters[local - _parameterLocals];

    private int Barriers() => _instructions.Count(IsBarrier);

    private bool IsBarrier(IlInstruction instruction) =>
        instruction.Code.OperandType == OperandType.InlineMethod && GroupUse.IsBarrier(MethodOf(instruction));

    private int[] TargetsOf(IlInstruction instruction)
    {
        int operand = instruction.Operand;
        return instruction.Code.OperandType switch
        {
            OperandType.ShortInlineBrTarget => [instruction.End + (sbyte)_code[operand]],
            OperandType.InlineBrTarget => [instruction.End + BitConverter.ToInt32(_code, operand)],
            OperandType.InlineSwitch => [.. Enumerable.Range(1, BitConverter.ToInt32(_code, operand))
                .Select(i => instruction.End + BitConverter.ToInt32(_code, operand + (4 * i)))],
            _ => []
        };
    }

    private static OpCode LongBranch(OpCode code)
    {
        string name = code.Name!.EndsWith(".s", StringComparison.Ordinal) ? code.Name[..^2] : code.Name;
        return (OpCode)typeof(OpCodes)
            .GetFields(BindingFlags.Public | BindingFlags.Static)
            .Select(field => field.GetValue(null)!)
            .First(value => ((OpCode)value).Name == name);
    }

    /// <summary>The parameter that an instruction loads or stores; null when it is about something else.</summary>
    private int? ParameterOf(IlInstruction instruction)
    {
        OpCode code = instruction.Code;
        if (code.Value >= OpCodes.Ldarg_0.Value && code.Value <= OpCodes.Ldarg_3.Value)
            return code.Value - OpCodes.Ldarg_0.Value;
        if (code == OpCodes.Ldarg_S || code == OpCodes.Ldarga_S || code == OpCodes.Starg_S)
            return _code[instruction.Operand];
        if (code == OpCodes.Ldarg || code == OpCodes.Ldarga || code == OpCodes.Starg)
            return BitConverter.ToUInt16(_code, instruction.Operand);
        return null;
    }

    /// <summary>The parameters that are stored to, or whose address is taken by what might store to them.</summary>
    private IEnumerable<int> ChangedParameters() => Enumerable.Range(0, _instructions.Count)
        .Where(MayChangeItsParameter)
        .Select(position => ParameterOf(_instructions[position])!.Value)
        .Distinct();

    private bool MayChangeItsParameter(int position)
    {
        IlInstruction instruction = _instructions[position];
        OpCode code = instruction.Code;
        if (code == OpCodes.Ldarga_S || code == OpCodes.Ldarga)
        {
            Type type = _parameters[ParameterOf(instruction)!.Value];
            return !AddressUse.OnlyReads(_instructions, position, type, MethodOf);
        }

        return code == OpCodes.Starg_S || code == OpCodes.Starg;
    }

    private MethodBase MethodOf(IlInstruction instruction) => (MethodBase)MemberOf(instruction);

    private MemberInfo MemberOf(IlInstruction instruction) => _kernel.Module.ResolveMember(
        BitConverter.ToInt32(_code, instruction.Operand),
        _kernel.DeclaringType is { IsGenericType: true } type ? type.GetGenericArguments() : null,
        _kernel.IsGenericMethod ? _kernel.GetGenericArguments() : null)!;
}
