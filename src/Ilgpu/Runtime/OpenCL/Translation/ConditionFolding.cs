namespace ILGPU.Runtime.OpenCL.Translation;

/// <summary>
/// Undoes what a compiler does to <c>a &amp;&amp; b</c>, <c>a || b</c> and <c>c ? x : y</c>: it makes branches of them.
/// </summary>
internal static class ConditionFolding
{
    /// <summary>Folds the blocks that lead to a block, as far as they are such expressions.</summary>
    internal static void FoldInto(FlowGraph graph, Block target)
    {
        while (FoldConditions(graph, target) || FoldChoices(graph, target))
        {
        }
    }

    /// <summary>
    /// Two branches one after the other, of which each may lead to the target, are one branch with both conditions.
    /// </summary>
    private static bool FoldConditions(FlowGraph graph, Block target)
    {
        foreach (Block second in graph.Predecessors(target))
        {
            if (second.End is not Branch inner || second.Statements.Count > 0 || second == graph.Entry
                || graph.Predecessors(second) is not [{ End: Branch outer } first] || first == second
                || !outer.Successors.Contains(target) || inner.IfTrue == inner.IfFalse
                || !first.Stack.SequenceEqual(second.Stack, ReferenceEqualityComparer.Instance))
            {
                continue;
            }

            bool secondLeaves = inner.IfTrue == target;
            Expression leave = secondLeaves ? inner.Condition : Arithmetic.Not(inner.Condition);
            Expression stay = secondLeaves ? Arithmetic.Not(inner.Condition) : inner.Condition;
            Block other = secondLeaves ? inner.IfFalse : inner.IfTrue;
            first.End = outer.IfTrue == target
                ? new Branch(Arithmetic.Or(outer.Condition, leave), target, other)
                : new Branch(Arithmetic.And(outer.Condition, stay), other, target);
            graph.Blocks.Remove(second);
            return true;
        }

        return false;
    }

    /// <summary>A branch to two blocks that do nothing but leave a value on the stack for the target.</summary>
    private static bool FoldChoices(FlowGraph graph, Block target)
    {
        foreach (Block arm in graph.Predecessors(target).Where(block => IsArm(graph, block)))
        {
            Block head = graph.Predecessors(arm)[0];
            if (head.End is not Branch branch || branch.IfTrue == branch.IfFalse)
                continue;
            Block other = branch.IfTrue == arm ? branch.IfFalse : branch.IfTrue;
            if (!IsArm(graph, other) || !other.Successors.Contains(target)
                || other.Stack.Count != arm.Stack.Count || arm.Stack.Count == 0
                || !arm.Stack.SkipLast(1).SequenceEqual(other.Stack.SkipLast(1), ReferenceEqualityComparer.Instance))
            {
                continue;
            }

            Expression ifTrue = branch.IfTrue.Stack[^1];
            Expression ifFalse = branch.IfFalse.Stack[^1];
            if (ifTrue.Type != ifFalse.Type && (ifTrue.Type is not ScalarType || ifFalse.Type is not ScalarType))
                continue;
            if (ifTrue is ViewValue || ifTrue.Type is PointerType)
                continue;
            head.Stack = [.. arm.Stack.SkipLast(1), Arithmetic.Choose(branch.Condition, ifTrue, ifFalse)];
            head.End = new Jump(target);
            graph.Blocks.Remove(arm);
            graph.Blocks.Remove(other);
            return true;
        }

        return false;
    }

    private static bool IsArm(FlowGraph graph, Block block) =>
        block is { End: Jump, Statements.Count: 0 } && block != graph.Entry && graph.Predecessors(block).Count == 1;
}
