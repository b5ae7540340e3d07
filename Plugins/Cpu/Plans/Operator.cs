using System.Collections.Immutable;
using TransformFramework.Graphs;

namespace TransformFramework.Cpu.Plans;

/// <summary>One operator of a plan: reads buffers, writes buffers. Immutable once prepared; runs at the same time in several arenas.</summary>
internal abstract class Operator
{
    /// <summary>The node that the operator computes, the first when there are several.</summary>
    public required Node Node { get; init; }

    public abstract ImmutableArray<PlanBuffer> Reads { get; }

    public abstract ImmutableArray<PlanBuffer> Writes { get; }

    /// <summary>Called once, when every buffer has its place.</summary>
    public virtual void Prepare()
    {
    }

    /// <summary>Bytes of the tensors that the operator has computed in a run.</summary>
    public virtual long OutputBytes(PlanRun run) => Writes.Sum(buffer => buffer.Bytes);

    /// <summary>Runs the operator.</summary>
    public abstract void Run(PlanRun run);
}

/// <summary>An operator cut into blocks that may run at the same time.</summary>
internal abstract class BlockOperator : Operator
{
    /// <summary>Number of blocks.</summary>
    public abstract int Blocks { get; }

    public override void Run(PlanRun run) => run.RunBlocks(this);

    public abstract void RunBlock(PlanRun run, int block);
}
