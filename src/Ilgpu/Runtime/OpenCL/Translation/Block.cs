namespace ILGPU.Runtime.OpenCL.Translation;

/// <summary>A basic block: instructions that are run one after the other, and how it ends.</summary>
internal sealed class Block(IReadOnlyList<Operation> operations)
{
    internal IReadOnlyList<Operation> Operations { get; } = operations;

    /// <summary>Where it begins in the method's IL; a block that was added begins where the one it came from does.</summary>
    internal int Offset { get; init; } = operations.Count > 0 ? operations[0].Offset : 0;

    /// <summary>What the instructions do, once they have been evaluated.</summary>
    internal List<Statement> Statements { get; } = [];

    /// <summary>What is on the evaluation stack at its end, the top last.</summary>
    internal List<Expression> Stack { get; set; } = [];

    /// <summary>How it ends; null as long as its instructions have not been evaluated.</summary>
    internal Terminator? End { get; set; }

    /// <summary>Where it can go on.</summary>
    internal IReadOnlyList<Block> Successors => End?.Successors ?? Targets;

    /// <summary>Where its last instruction can go on: the targets of a branch, then the next block.</summary>
    internal List<Block> Targets { get; } = [];
}

/// <summary>How a block ends.</summary>
internal abstract record Terminator
{
    internal virtual IReadOnlyList<Block> Successors => [];

    /// <summary>The same with another block in the place of one.</summary>
    internal virtual Terminator Redirect(Block from, Block to) => this;
}

internal sealed record Jump(Block Target) : Terminator
{
    internal override IReadOnlyList<Block> Successors => [Target];

    internal override Terminator Redirect(Block from, Block to) => Target == from ? new Jump(to) : this;
}

internal sealed record Branch(Expression Condition, Block IfTrue, Block IfFalse) : Terminator
{
    internal override IReadOnlyList<Block> Successors => [IfTrue, IfFalse];

    internal override Terminator Redirect(Block from, Block to) =>
        new Branch(Condition, IfTrue == from ? to : IfTrue, IfFalse == from ? to : IfFalse);
}

internal sealed record Leave(Expression? Value) : Terminator;
