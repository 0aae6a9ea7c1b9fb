namespace ILGPU.Runtime.OpenCL.Translation;

/// <summary>Turns a flow graph into statements with if and while.</summary>
/// <remarks>
/// Drivers expect barriers in loops that look like loops, and so do readers. A block is followed by the blocks that it
/// dominates: one with a single way to it stands in the branch that leads there, one where several ways meet stands
/// behind. A jump to what comes next anyway is nothing, one to the end or the start of the loop is a break or continue,
/// and whatever else is left is a goto forwards. The idea is that of Ramsey, "Beyond Relooper", 2022. A graph with a
/// loop that can be entered in two places, which takes gotos in C#, is written with gotos alone.
/// </remarks>
internal sealed class Structurer
{
    private readonly FlowStructure _flow;
    private readonly Dictionary<(Block Target, bool IsForward), string> _labels = [];
    private readonly Dictionary<Block, List<Block>> _exits = [];
    private readonly HashSet<Block> _behindLoops = [];

    private Structurer(FlowStructure flow) => _flow = flow;

    internal static List<Statement> Statements(FlowGraph graph, FlowStructure flow)
    {
        var structurer = new Structurer(flow);
        if (!flow.IsReducible)
            return structurer.WithGotos();
        foreach (Block header in flow.Loops.Keys)
            structurer.FindExits(header);
        return structurer.Region(graph.Entry, next: null, loop: null);
    }

    /// <summary>The loop that statements stand in: where continue and break lead.</summary>
    private sealed record Around(Block Header, Block? Exit);

    /// <summary>
    /// The blocks that stand behind a loop: those outside of it that it leads to, as far as they stand behind it in
    /// the source too. Others, such as what is done before a break, stay within.
    /// </summary>
    private void FindExits(Block header)
    {
        HashSet<Block> loop = _flow.Loops[header];
        int last = loop.Max(block => block.Offset);
        _exits[header] = [.. _flow.Order.Where(block =>
            !loop.Contains(block) && loop.Contains(_flow.Dominator(block)) && block.Offset > last
            && _flow.LoopAround(block) == _flow.LoopAround(header))];
        _behindLoops.UnionWith(_exits[header]);
    }

    /// <summary>A block and all that it dominates.</summary>
    /// <param name="block">The block.</param>
    /// <param name="next">What is reached from the end of the statements; null at the end of the function.</param>
    /// <param name="loop">The loop around.</param>
    private List<Statement> Region(Block block, Block? next, Around? loop)
    {
        if (!_flow.Loops.ContainsKey(block))
            return WithChildren(block, next, loop);
        List<Block> exits = _exits[block];
        List<Statement> body = WithChildren(block, block, new Around(block, exits.FirstOrDefault() ?? next));
        if (_labels.TryGetValue((block, false), out string? label))
            body.Add(new Label(label));
        return [new While(null, body), .. InOrder(exits, next, loop)];
    }

    private List<Statement> WithChildren(Block block, Block? next, Around? loop)
    {
        List<Block> joins = [.. _flow.Children(block).Where(child =>
            _flow.ForwardPredecessors[child] > 1 && !_behindLoops.Contains(child)
            && child is not { End: Leave { Value: null }, Statements.Count: 0 })];
        return
        [
            .. block.Statements,
            .. End(block, joins.FirstOrDefault() ?? next, loop),
            .. InOrder(joins, next, loop)
        ];
    }

    private IEnumerable<Statement> InOrder(List<Block> blocks, Block? next, Around? loop)
    {
        for (int i = 0; i < blocks.Count; i++)
        {
            List<Statement> region = Region(blocks[i], i + 1 < blocks.Count ? blocks[i + 1] : next, loop);
            if (_labels.TryGetValue((blocks[i], true), out string? label))
                yield return new Label(label);
            foreach (Statement statement in region)
                yield return statement;
        }
    }

    private List<Statement> End(Block block, Block? next, Around? loop) => block.End switch
    {
        Jump jump => To(block, jump.Target, next, loop),
        Branch branch => Choice(
            branch, To(block, branch.IfTrue, next, loop), To(block, branch.IfFalse, next, loop)),
        _ => Returned((Leave)block.End!, next)
    };

    private static List<Statement> Choice(Branch branch, List<Statement> ifTrue, List<Statement> ifFalse)
    {
        if (ifTrue.Count == 0 && ifFalse.Count == 0)
            return [];

        // What follows a jump needs no else; otherwise the order is that of the source.
        Expression condition = branch.Condition;
        bool isJump = ifTrue is [.., { IsJump: true }];
        bool isOtherJump = ifFalse is [.., { IsJump: true }];
        if (ifTrue.Count == 0 || (ifFalse.Count > 0
            && (isJump == isOtherJump ? branch.IfTrue.Offset > branch.IfFalse.Offset : isOtherJump)))
        {
            (condition, ifTrue, ifFalse) = (Arithmetic.Not(condition), ifFalse, ifTrue);
        }

        return ifTrue[^1].IsJump
            ? [new If(condition, ifTrue, []), .. ifFalse]
            : [new If(condition, ifTrue, ifFalse)];
    }

    private List<Statement> To(Block from, Block target, Block? next, Around? loop)
    {
        if (target == next)
            return [];
        if (target == loop?.Exit)
            return [new Break()];
        if (IsReturn(target))
        {
            // The end of the function may be the end of a loop.
            var leave = (Leave)target.End!;
            return loop is { Exit: null } && leave.Value is null ? [new Break()] : Returned(leave, next);
        }

        bool isForward = _flow.IsForward(from, target);
        if (isForward && _flow.ForwardPredecessors[target] == 1 && !_behindLoops.Contains(target))
            return Region(target, next, loop);
        return target == loop?.Header ? [new Continue()] : [new Goto(LabelOf(target, isForward))];
    }

    private static List<Statement> Returned(Leave leave, Block? next) =>
        leave.Value is null && next is null ? [] : [new Return(leave.Value)];

    private static bool IsReturn(Block block) => block is { End: Leave, Statements.Count: 0 };

    private List<Statement> WithGotos()
    {
        var statements = new List<Statement>();
        for (int i = 0; i < _flow.Order.Count; i++)
        {
            Block block = _flow.Order[i];
            Block? next = i + 1 < _flow.Order.Count ? _flow.Order[i + 1] : null;
            statements.Add(new Label(LabelOf(block)));
            statements.AddRange(block.Statements);
            statements.AddRange(block.End switch
            {
                Jump jump => Goto(jump.Target, next),
                Branch branch => Choice(branch, Goto(branch.IfTrue, next), Goto(branch.IfFalse, next)),
                _ => Returned((Leave)block.End!, next)
            });
        }

        return statements;
    }

    private List<Statement> Goto(Block target, Block? next) =>
        target == next ? [] : [new Goto(LabelOf(target))];

    /// <summary>A label before a block, or, for what is no way forward, at the end of the loop that it begins.</summary>
    private string LabelOf(Block block, bool isForward = true)
    {
        if (!_labels.TryGetValue((block, isForward), out string? label))
            _labels[(block, isForward)] = label = $"label_{_labels.Count + 1}";
        return label;
    }
}
