namespace ILGPU.Runtime.OpenCL.Translation;

/// <summary>
/// Turns the instructions of all blocks of a method into statements, and hands on what is on the evaluation stack from
/// block to block.
/// </summary>
internal static class FlowEvaluator
{
    internal static void Evaluate(FlowGraph graph, MethodTranslator method)
    {
        var done = new HashSet<Block>();
        foreach (Block block in graph.ReversePostorder())
        {
            ConditionFolding.FoldInto(graph, block);
            new BlockEvaluator(method, graph, block, StackAtStart(graph, method, block)).Run();
            done.Add(block);
            if (block.Stack.Count > 0 && block.Targets.Any(done.Contains))
                throw method.Refuse(block.Operations[^1], "keeps a value on the evaluation stack around a loop");
            if (block != graph.Entry && graph.Predecessors(block) is [{ End: Jump } only] && only != block)
                graph.Absorb(only, block);
        }

        // The conditions of loops, which lead back.
        foreach (Block block in graph.Blocks.ToList())
            ConditionFolding.FoldInto(graph, block);
    }

    private static List<Expression> StackAtStart(FlowGraph graph, MethodTranslator method, Block block)
    {
        List<Block> before = [.. graph.Predecessors(block).Where(predecessor => predecessor.End is not null)];
        if (before.Count == 0)
            return [];
        List<Expression> stack = [.. before[0].Stack];
        for (int i = 0; i < stack.Count; i++)
        {
            // Whichever way leads here, it is the same value; or else each way leaves it in a variable.
            if (before.All(predecessor => ReferenceEquals(predecessor.Stack[i], stack[i])))
                continue;
            Storage joined = method.NewVariable(Joined(before.Select(predecessor => predecessor.Stack[i].Type)));
            foreach (Block predecessor in before)
                predecessor.Statements.AddRange(joined.Write(predecessor.Stack[i]));
            stack[i] = joined.Read();
        }

        return stack;
    }

    // Different types are integers of 32 bits, or narrower ones that have become such.
    private static ClType Joined(IEnumerable<ClType> types) =>
        types.Distinct().ToList() is [var only] ? Arithmetic.Kept(only) : ScalarType.Int;
}
