using System.Collections.Immutable;
using TransformFramework.Cpu.Microkernels.Isa;

namespace TransformFramework.Cpu.Plans.Operators.Scan;

/// <summary>A state of a loop.</summary>
/// <param name="Variable">Number of the variable.</param>
/// <param name="Register">Where iterations read it.</param>
/// <param name="Initial">Where it is before the loop.</param>
internal sealed record ScanState(int Variable, StepOperand Register, StepOperand Initial)
{
    /// <summary>Where an iteration leaves the next one.</summary>
    public StepOperand Next { get; set; }
}

/// <summary>A loop through sequences: iteration by iteration the same instructions.</summary>
internal sealed unsafe class ScanOperator : Operator
{
    private const int StepsBetweenChecks = 64;

    private readonly int steps;
    private readonly AlignedMemory constants;
    private readonly PlanBuffer registers;
    private readonly ImmutableArray<PlanBuffer> tensors;
    private readonly StepInstruction[] instructions;
    private readonly StepInstruction[] first;
    private readonly StepInstruction[] between;
    private readonly StepInstruction[] last;

    /// <param name="steps">Iterations.</param>
    /// <param name="rows">Sequences of the batch.</param>
    /// <param name="memory">Where matrices are.</param>
    /// <param name="instructions">What an iteration does.</param>
    /// <param name="states">What an iteration leaves to the next.</param>
    /// <param name="last">What is done after the last iteration.</param>
    /// <param name="outputs">How many of the tensors, the last ones, are written.</param>
    public ScanOperator(int steps, int rows, StepMemory memory, StepInstruction[] instructions, ScanState[] states, StepInstruction[] last, int outputs)
    {
        this.steps = steps;
        this.instructions = instructions;
        this.last = last;
        first = [.. states.Select(state => new CopyInstruction(state.Initial, state.Register, rows))];
        between = Between(states, memory, rows);
        constants = memory.Constants();
        registers = new(Math.Max(1, memory.Registers) * (long)sizeof(float));
        tensors = [.. memory.Tensors];
        Reads = tensors[..^outputs];
        Writes = [.. tensors[^outputs..], registers];
    }

    public override ImmutableArray<PlanBuffer> Reads { get; }

    public override ImmutableArray<PlanBuffer> Writes { get; }

    public override long OutputBytes(PlanRun run) => base.OutputBytes(run) - registers.Bytes;

    public override void Run(PlanRun run)
    {
        float** bases = stackalloc float*[StepOperand.FirstTensor + tensors.Length];
        bases[StepOperand.Registers] = run.Floats(registers);
        bases[StepOperand.Constants] = (float*)constants.Pointer;
        for (int i = 0; i < tensors.Length; i++)
            bases[StepOperand.FirstTensor + i] = run.Floats(tensors[i]);
        StepFrame frame = new() { Bases = bases };
        RunAll(first, &frame);
        for (int step = 0; step < steps; step++)
        {
            if (step % StepsBetweenChecks == 0)
                run.Cancellation.ThrowIfCancellationRequested();
            if (step > 0)
                RunAll(between, &frame);
            frame.Step = step;
            RunAll(instructions, &frame);
        }
        RunAll(last, &frame);
    }

    private static void RunAll(StepInstruction[] instructions, StepFrame* frame)
    {
        foreach (StepInstruction instruction in instructions)
            instruction.Run(frame);
    }

    /// <summary>Copies next states to where iterations read them: those that are themselves states go by way of a copy.</summary>
    private static StepInstruction[] Between(ScanState[] states, StepMemory memory, int rows)
    {
        var saved = new List<StepInstruction>();
        var written = new List<StepInstruction>();
        foreach (ScanState state in states)
        {
            StepOperand next = state.Next;
            if (Array.Exists(states, other => IsWithin(next, other.Register, rows)))
            {
                StepOperand copy = memory.Register(rows, next.Columns);
                saved.Add(new CopyInstruction(next, copy, rows));
                next = copy;
            }
            written.Add(new CopyInstruction(next, state.Register, rows));
        }
        return [.. saved, .. written];
    }

    private static bool IsWithin(StepOperand operand, StepOperand register, int rows) =>
        operand.Base == register.Base && operand.Offset >= register.Offset && operand.Offset < register.Offset + (rows * register.RowStride);
}
