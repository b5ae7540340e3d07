using System.Collections.Immutable;
using TransformFramework.Cpu.Microkernels.Isa;
using TransformFramework.Cpu.Plans.Operators.Scan;

namespace TransformFramework.Cpu.Plans.Operators.RowChain;

/// <summary>The same instructions on some rows at a time, whose intermediate results stay in the cache. A block is what a scan's iteration is.</summary>
internal sealed unsafe class RowChainOperator : BlockOperator
{
    [ThreadStatic]
    private static AlignedMemory? scratch;

    private readonly int registerBytes;
    private readonly AlignedMemory constants;
    private readonly ImmutableArray<PlanBuffer> tensors;
    private readonly StepInstruction[] instructions;

    /// <param name="blocks">Blocks of rows.</param>
    /// <param name="memory">Where matrices are.</param>
    /// <param name="instructions">What is done with a block.</param>
    /// <param name="outputs">How many of the tensors, the last ones, are written.</param>
    public RowChainOperator(int blocks, StepMemory memory, StepInstruction[] instructions, int outputs)
    {
        Blocks = blocks;
        this.instructions = instructions;
        registerBytes = checked(memory.Registers * sizeof(float));
        constants = memory.Constants();
        tensors = [.. memory.Tensors];
        Reads = tensors[..^outputs];
        Writes = tensors[^outputs..];
    }

    public override ImmutableArray<PlanBuffer> Reads { get; }

    public override ImmutableArray<PlanBuffer> Writes { get; }

    public override int Blocks { get; }

    public override void RunBlock(PlanRun run, int block)
    {
        float** bases = stackalloc float*[StepOperand.FirstTensor + tensors.Length];
        bases[StepOperand.Registers] = Scratch(registerBytes);
        bases[StepOperand.Constants] = (float*)constants.Pointer;
        for (int i = 0; i < tensors.Length; i++)
            bases[StepOperand.FirstTensor + i] = run.Floats(tensors[i]);
        StepFrame frame = new() { Bases = bases, Step = block };
        foreach (StepInstruction instruction in instructions)
            instruction.Run(&frame);
    }

    private static float* Scratch(int bytes)
    {
        if (scratch is null || scratch.Length < bytes)
            scratch = new(bytes);
        return (float*)scratch.Pointer;
    }
}
