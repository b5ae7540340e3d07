using TransformFramework.Cpu.Microkernels.Isa;

namespace TransformFramework.Cpu.Plans;

/// <summary>Memory of a plan: a place in each run's arena, live from the operator that writes it first to the one that reads it last, a fed tensor, or a constant.</summary>
internal sealed class PlanBuffer(long bytes)
{
    public long Bytes { get; } = bytes;

    /// <summary>The contents, when they are constant.</summary>
    public AlignedMemory? Constant { get; init; }

    /// <summary>Slot of the fed tensor that this is, where a run's caller has it; -1 for any other.</summary>
    public int FedSlot { get; init; } = -1;

    /// <summary>True for memory that keeps what it is filled with when an arena is made.</summary>
    public bool IsPermanent { get; init; }

    /// <summary>The byte that permanent memory is filled with.</summary>
    public byte Fill { get; init; }

    /// <summary>A buffer whose place this one may take when it is read for the last time by the operator that writes this one first.</summary>
    public PlanBuffer? Replaces { get; set; }

    /// <summary>Offset in the arena, once places are assigned.</summary>
    public int Offset { get; set; } = -1;

    /// <summary>Number of the operator that writes it first.</summary>
    public int FirstOperator { get; set; } = int.MaxValue;

    /// <summary>Number of the operator that uses it last.</summary>
    public int LastOperator { get; set; } = -1;
}
