namespace ILGPU.Runtime.OpenCL.Translation;

/// <summary>The basic blocks of a method and the ways between them.</summary>
internal sealed class FlowGraph
{
    private FlowGraph(List<Block> blocks)
    {
        Blocks = blocks;
        Entry = blocks[0];
    }

    internal List<Block> Blocks { get; }

    internal Block Entry { get; }

    /// <summary>Cuts a method's instructions into blocks.</summary>
    internal static FlowGraph Of(IlMethod method)
    {
        var starts = new SortedSet<int> { 0 };
        foreach (Operation operation in method.Operations.Where(operation => operation.EndsBlock))
        {
            starts.UnionWith(operation.Operand as int[] ?? []);
            starts.Add(operation.End);
        }

        List<Block> blocks = [.. method.Operations
            .GroupBy(operation => starts.GetViewBetween(0, operation.Offset).Max)
            .Select(group => new Block([.. group]))];
        Dictionary<int, Block> byOffset = blocks.ToDictionary(block => block.Offset);
        foreach (Block block in blocks)
        {
            Operation last = block.Operations[^1];
            block.Targets.AddRange((last.Operand as int[] ?? []).Select(target => byOffset[target]));
            if (last.FallsThrough && byOffset.TryGetValue(last.End, out Block? next))
                block.Targets.Add(next);
        }

        return new FlowGraph(blocks);
    }

    /// <summary>The blocks that can be reached, each before all that it alone leads to.</summary>
    internal List<Block> ReversePostorder()
    {
        var order = new List<Block>();
        var seen = new HashSet<Block>();
        Visit(Entry);
        order.Reverse();
        return order;

        void Visit(Block block)
        {
            if (!seen.Add(block))
                return;

            // In the end, what comes first in the source comes first.
            foreach (Block successor in block.Successors.OrderByDescending(successor => successor.Offset))
                Visit(successor);
            order.Add(block);
        }
    }

    internal List<Block> Predecessors(Block block) => [.. Blocks.Where(other => other.Successors.Contains(block))];

    /// <summary>Removes what conditions that are constant, empty blocks and jumps without a choice leave over.</summary>
    internal void Simplify()
    {
        foreach (Block block in Blocks)
        {
            if (block.End is Branch { Condition: IntegerConstant constant } known)
                block.End = new Jump(constant.Value != 0 ? known.IfTrue : known.IfFalse);
        }

        HashSet<Block> reachable = [.. ReversePostorder()];
        Blocks.RemoveAll(block => !reachable.Contains(block));
        foreach (Block empty in Blocks.Where(block => block != Entry && block.Statements.Count == 0).ToList())
        {
            if (empty.End is not Jump jump || jump.Target == empty)
                continue;
            foreach (Block predecessor in Predecessors(empty))
                predecessor.End = predecessor.End!.Redirect(empty, jump.Target);
            Blocks.Remove(empty);
        }

        foreach (Block block in Blocks)
        {
            if (block.End is Branch branch && branch.IfTrue == branch.IfFalse)
                block.End = new Jump(branch.IfTrue);
        }

        // From the last to the first: the arms of one choice may be another.
        foreach (Block block in ReversePostorder().AsEnumerable().Reverse())
        {
            if (block.End is Branch branch && ReturnedBy(branch.IfTrue) is { } ifTrue
                && ReturnedBy(branch.IfFalse) is { } ifFalse)
            {
                block.End = new Leave(Arithmetic.Choose(branch.Condition, ifTrue, ifFalse));
                Blocks.Remove(branch.IfTrue);
                Blocks.Remove(branch.IfFalse);
            }
        }

        foreach (Block block in Blocks.ToList())
        {
            if (Predecessors(block) is [var only] && block != Entry && only != block && only.End is Jump)
                Absorb(only, block);
        }
    }

    /// <summary>What a block returns, if that is all it does and there is one way to it.</summary>
    private Expression? ReturnedBy(Block block) =>
        block is { Statements.Count: 0, End: Leave { Value: { Type: ScalarType } value } }
            && Predecessors(block).Count == 1
            ? value
            : null;

    /// <summary>Appends a block to the only one that leads to it.</summary>
    internal void Absorb(Block first, Block second)
    {
        first.Statements.AddRange(second.Statements);
        first.Stack = second.Stack;
        first.End = second.End;
        Blocks.Remove(second);
    }
}
