namespace ILGPU.Runtime.OpenCL.Translation;

/// <summary>What dominates what in a flow graph, and its loops.</summary>
internal sealed class FlowStructure
{
    private readonly Dictionary<Block, int> _position = [];
    private readonly Dictionary<Block, Block> _dominator = [];
    private readonly Dictionary<Block, HashSet<Block>> _loops = [];

    internal FlowStructure(FlowGraph graph)
    {
        Order = graph.ReversePostorder();
        foreach (Block block in Order)
            _position[block] = _position.Count;
        var predecessors = Order.ToDictionary(block => block, graph.Predecessors);
        ForwardPredecessors = Order.ToDictionary(
            block => block, block => predecessors[block].Count(other => _position[other] < _position[block]));
        FindDominators(graph.Entry, predecessors);
        FindLoops(predecessors);
    }

    /// <summary>All blocks, each after what leads to it except around a loop.</summary>
    internal List<Block> Order { get; }

    /// <summary>In how many ways a block is reached, those around a loop aside.</summary>
    internal IReadOnlyDictionary<Block, int> ForwardPredecessors { get; }

    /// <summary>Whether every loop is entered at one block.</summary>
    internal bool IsReducible { get; private set; } = true;

    /// <summary>The blocks of each loop by the block at which it is entered.</summary>
    internal IReadOnlyDictionary<Block, HashSet<Block>> Loops => _loops;

    /// <summary>Whether going from a block to another is not going around a loop.</summary>
    internal bool IsForward(Block from, Block to) => _position[from] < _position[to];

    /// <summary>The blocks that a block is the last to dominate, in order.</summary>
    internal IEnumerable<Block> Children(Block block) =>
        Order.Where(other => other != block && _dominator[other] == block);

    /// <summary>The block that is last on every way to a block.</summary>
    internal Block Dominator(Block block) => _dominator[block];

    /// <summary>The innermost loop around a block, other than its own; null where there is none.</summary>
    internal Block? LoopAround(Block block) => _loops
        .Where(loop => loop.Key != block && loop.Value.Contains(block))
        .OrderBy(loop => loop.Value.Count)
        .FirstOrDefault().Key;

    // As in Cooper, Harvey and Kennedy, "A simple, fast dominance algorithm", 2001.
    private void FindDominators(Block entry, Dictionary<Block, List<Block>> predecessors)
    {
        _dominator[entry] = entry;
        for (bool isStable = false; !isStable;)
        {
            isStable = true;
            foreach (Block block in Order.Skip(1))
            {
                Block dominator = predecessors[block].Where(_dominator.ContainsKey).Aggregate(Common);
                isStable &= _dominator.TryGetValue(block, out Block? before) && before == dominator;
                _dominator[block] = dominator;
            }
        }
    }

    private Block Common(Block first, Block second)
    {
        while (first != second)
        {
            if (_position[first] > _position[second])
                first = _dominator[first];
            else
                second = _dominator[second];
        }

        return first;
    }

    private void FindLoops(Dictionary<Block, List<Block>> predecessors)
    {
        foreach (Block last in Order)
        {
            foreach (Block header in last.Successors.Where(successor => _position[successor] <= _position[last]))
            {
                if (Common(header, last) != header)
                {
                    IsReducible = false;
                    continue;
                }

                if (!_loops.TryGetValue(header, out HashSet<Block>? loop))
                    _loops[header] = loop = [header];
                var open = new Stack<Block>([last]);
                while (open.TryPop(out Block? block))
                {
                    if (loop.Add(block))
                        predecessors[block].ForEach(open.Push);
                }
            }
        }
    }
}
