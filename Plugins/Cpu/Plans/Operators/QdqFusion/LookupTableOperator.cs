using System.Collections.Immutable;

namespace TransformFramework.Cpu.Plans.Operators.QdqFusion;

/// <summary>Each quantized value by a table of 256.</summary>
internal sealed unsafe class LookupTableOperator(PlanBuffer source, PlanBuffer target, byte[] table) : BlockOperator
{
    private const int BlockElements = 64 << 10;

    private readonly nint count = (nint)source.Bytes;

    public override ImmutableArray<PlanBuffer> Reads { get; } = [source];

    public override ImmutableArray<PlanBuffer> Writes { get; } = [target];

    public override int Blocks => (int)((count + BlockElements - 1) / BlockElements);

    public override void RunBlock(PlanRun run, int block)
    {
        byte* from = run.Pointer(source);
        byte* to = run.Pointer(target);
        nint first = (nint)block * BlockElements;
        nint end = Math.Min(first + BlockElements, count);
        fixed (byte* quantized = table)
        {
            for (nint i = first; i < end; i++)
                to[i] = quantized[from[i]];
        }
    }
}
