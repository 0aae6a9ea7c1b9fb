using System.Reflection;

namespace ILGPU.Runtime.OpenCL.Translation;

/// <summary>Turns the instructions of a block into statements.</summary>
/// <remarks>
/// What an instruction pushes stays an expression on the evaluation stack until another takes it, so a + b · c is one
/// expression in the end. It is kept in a variable where a statement in between would change its value.
/// </remarks>
internal sealed class BlockEvaluator(MethodTranslator method, FlowGraph graph, Block block, List<Expression> stack)
{
    private Operation? _next;

    internal void Run()
    {
        for (int i = 0; i < block.Operations.Count; i++)
        {
            Operation operation = block.Operations[i];
            if (method.Locals.IsPassedOn(operation))
                continue;
            _next = i + 1 < block.Operations.Count ? block.Operations[i + 1] : null;
            Evaluate(operation);
        }

        block.Stack = stack;
        block.End ??= new Jump(block.Targets[0]);
    }

    private void Evaluate(Operation operation)
    {
        switch (operation.Name)
        {
            case "nop":
                break;
            case "ldc.i4":
                Push(IntegerConstant.Int(operation.Number));
                break;
            case "ldc.i8":
                Push(new IntegerConstant((long)operation.Operand!, ScalarType.Long));
                break;
            case "ldc.r4":
                Push(new FloatConstant((float)operation.Operand!));
                break;
            case "ldarg":
                Push(method.Argument(operation).Read());
                break;
            case "ldarga":
                Push(new AddressOf(method.Argument(operation).Read(), AddressSpace.Private));
                break;
            case "starg":
                Store(method.Argument(operation), Pop(), operation);
                break;
            case "ldloc":
                Push(method.Locals.At(operation).Read());
                break;
            case "ldloca":
                Push(new AddressOf(method.Locals.At(operation).Read(), AddressSpace.Private));
                break;
            case "stloc":
                Expression value = Pop();
                if (method.Locals.ForStore(operation, value) is { } storage)
                    Store(storage, value, operation);
                break;
            case "dup":
                Expression top = Pop();
                Push(top.IsCheap ? top : InVariable(top));
                Push(stack[^1]);
                break;
            case "pop":
                if (Pop() is { HasEffects: true } call)
                    block.Statements.Add(new Evaluate(call));
                break;
            case "add":
            case "sub":
            case "mul":
                Operate((left, right) => Arithmetic.Ring(Symbol(operation), left, right));
                break;
            case "div":
                Operate(Arithmetic.Divide);
                break;
            case "rem":
                Operate(Arithmetic.Remainder);
                break;
            case "div.un":
            case "rem.un":
                Operate((left, right) => Arithmetic.UnsignedQuotient(Symbol(operation), left, right));
                break;
            case "and":
            case "or":
            case "xor":
                Operate((left, right) => Arithmetic.Bitwise(Symbol(operation), left, right));
                break;
            case "shl":
                Operate(Arithmetic.ShiftLeft);
                break;
            case "shr":
                Operate(Arithmetic.ShiftRight);
                break;
            case "shr.un":
                Operate(Arithmetic.UnsignedShiftRight);
                break;
            case "neg":
                Push(Arithmetic.Negate(Pop()));
                break;
            case "not":
                Push(Arithmetic.Complement(Pop()));
                break;
            case "ceq":
            case "cgt":
            case "cgt.un":
            case "clt":
            case "clt.un":
                Operate((left, right) => Compare(operation, left, right));
                break;
            case "conv.r.un" when stack[^1].Type is ScalarType { Size: < 8 }:
                Push(Arithmetic.UnsignedToFloat(Pop()));
                break;
            case "br":
                block.End = new Jump(block.Targets[0]);
                break;
            case "brtrue":
                block.End = new Branch(Arithmetic.AsCondition(Pop()), block.Targets[0], block.Targets[1]);
                break;
            case "brfalse":
                block.End = new Branch(Arithmetic.AsCondition(Pop()), block.Targets[1], block.Targets[0]);
                break;
            case "switch":
                Switch(Pop());
                break;
            case "ret":
                block.End = new Leave(stack.Count > 0 ? Arithmetic.AssignedTo(method.Result, Pop()) : null);
                break;
            case "call":
                Call(operation);
                break;
            case "newobj":
                Push(Construct(operation, Take(operation.Method.GetParameters().Length)));
                break;
            case "initobj" when Target(stack[^1]) is VariableRead cleared:
                Pop();
                Assign(cleared, IndexMembers.Zero(cleared.Type));
                break;
            default:
                EvaluateByPrefix(operation);
                break;
        }
    }

    /// <summary>Instructions of which there is one for each type or comparison.</summary>
    private void EvaluateByPrefix(Operation operation)
    {
        string prefix = operation.Name.Split('.')[0];
        if (operation.IsBranch && Symbol(operation) is not "")
        {
            Expression right = Pop();
            Expression condition = Compare(operation, Pop(), right);
            block.End = new Branch(condition, block.Targets[0], block.Targets[1]);
        }
        else if (prefix is "conv" && ConvertedTo(operation.Name) is { } type)
        {
            Push(Arithmetic.Convert(type, Pop()));
        }
        else if ((prefix is "ldind" or "ldobj") && IsSupported(Target(stack[^1]).Type))
        {
            Push(Target(Pop()));
        }
        else if (prefix is "stind" or "stobj")
        {
            Expression value = Pop();
            Assign(Target(Pop()), value);
        }
        else
        {
            throw method.Refuse(operation, Refusal.Construct(operation));
        }
    }

    private static bool IsSupported(ClType type) => type is ScalarType or VectorType;

    private static ScalarType? ConvertedTo(string conversion) => conversion switch
    {
        "conv.i1" => ScalarType.Char,
        "conv.u1" => ScalarType.UChar,
        "conv.i2" => ScalarType.Short,
        "conv.u2" => ScalarType.UShort,
        "conv.i4" => ScalarType.Int,
        "conv.u4" => ScalarType.UInt,
        "conv.i8" => ScalarType.Long,
        "conv.u8" => ScalarType.ULong,
        "conv.r4" => ScalarType.Float,
        _ => null
    };

    /// <summary>The operator of an instruction in C; nothing where it has none.</summary>
    private static string Symbol(Operation operation) => operation.Name.Split('.')[0] switch
    {
        "add" => "+",
        "sub" => "-",
        "mul" => "*",
        "div" => "/",
        "rem" => "%",
        "and" => "&",
        "or" => "|",
        "xor" => "^",
        "ceq" or "beq" => "==",
        "bne" => "!=",
        "cgt" or "bgt" => ">",
        "clt" or "blt" => "<",
        "bge" => ">=",
        "ble" => "<=",
        _ => ""
    };

    private static Expression Compare(Operation operation, Expression left, Expression right) => Arithmetic.Compare(
        Symbol(operation), left, right, operation.Name.EndsWith(".un", StringComparison.Ordinal));

    private void Operate(Func<Expression, Expression, Expression> operation)
    {
        Expression right = Pop();
        Push(operation(Pop(), right));
    }

    /// <summary>Becomes one branch after the other; drivers make a table of them where that is better.</summary>
    private void Switch(Expression value)
    {
        value = Arithmetic.AsSigned(value.IsCheap ? value : InVariable(value));
        Block otherwise = block.Targets[^1];
        for (int i = block.Targets.Count - 2; i >= 0; i--)
        {
            Expression isCase = Arithmetic.Compare("==", value, IntegerConstant.Int(i), un: false);
            var test = new Branch(isCase, block.Targets[i], otherwise);
            if (i == 0)
            {
                block.End = test;
                return;
            }

            // It stands behind the cases, as the default does.
            otherwise = new Block([]) { Offset = block.Targets.Max(target => target.Offset), End = test, Stack = stack };
            graph.Blocks.Add(otherwise);
        }
    }

    private void Call(Operation operation)
    {
        MethodBase called = operation.Method;
        List<Expression> arguments =
            Take(called.GetParameters().Length + (called.IsStatic ? 0 : 1));
        if (called is ConstructorInfo)
        {
            // A constructor that is called sets the variable that it is called on.
            Assign(Target(arguments[0]), Construct(operation, arguments[1..]));
            return;
        }

        if (!called.IsStatic)
            arguments[0] = Target(arguments[0]);
        Expression result = method.Call(operation, arguments);
        if (result.HasEffects || result.Type == ClType.Void)
            Keep(expression => expression.ReadsMemory);
        if (result.Type == ClType.Void)
            block.Statements.Add(new Evaluate(result));
        else if (result.HasEffects && !IsTakenAtOnce())
            Push(InVariable(result));
        else
            Push(result);
    }

    /// <summary>Whether the next instruction takes the top of the stack and puts it where it stays.</summary>
    private bool IsTakenAtOnce() => _next is not null && !method.Locals.IsPassedOn(_next)
        && (_next.Name is "pop" or "ret" or "starg" or "stloc" or "stobj"
            || _next.Name.StartsWith("stind", StringComparison.Ordinal));

    private Expression Construct(Operation operation, List<Expression> arguments) =>
        IndexMembers.Construct(operation.Method.DeclaringType!, arguments)
        ?? throw method.Refuse(operation, $"creates an object of {operation.Method.DeclaringType!.Name}");

    private void Store(Storage storage, Expression value, Operation operation)
    {
        if (storage.Variables.Any(variable => variable.Type is PointerType pointer
            && pointer != (value is ViewValue view ? view.Pointer.Type : value.Type)))
        {
            throw method.Refuse(operation, "keeps references to different memories in one variable");
        }

        MethodTranslator.Expose(value);
        foreach (Variable variable in storage.Variables)
            Keep(expression => Depends(expression, variable));
        block.Statements.AddRange(storage.Write(value));
    }

    private void Assign(Expression target, Expression value)
    {
        if (target is VariableRead { Variable: var variable })
            Keep(expression => Depends(expression, variable));
        else
            Keep(expression => expression.ReadsMemory);
        block.Statements.Add(new Assign(target, Arithmetic.AssignedTo(target.Type, value)));
    }

    private static bool Depends(Expression expression, Variable variable) =>
        expression is not AddressOf { Target: VariableRead } && expression.Variables.Contains(variable);

    /// <summary>Keeps in variables what is on the stack and would not have the same value later.</summary>
    private void Keep(Func<Expression, bool> changes)
    {
        for (int i = 0; i < stack.Count; i++)
        {
            if (changes(stack[i]))
                stack[i] = InVariable(stack[i]);
        }
    }

    private Expression InVariable(Expression value)
    {
        Storage storage = method.NewVariable(Arithmetic.Kept(value.Type));
        block.Statements.AddRange(storage.Write(value));
        return storage.Read();
    }

    /// <summary>What a reference points to.</summary>
    private static Expression Target(Expression reference) =>
        reference is AddressOf address ? address.Target : new Dereference(reference);

    private void Push(Expression expression) => stack.Add(expression);

    private Expression Pop() => Take(1)[0];

    private List<Expression> Take(int count)
    {
        List<Expression> taken = stack[^count..];
        stack.RemoveRange(stack.Count - count, count);
        return taken;
    }
}
