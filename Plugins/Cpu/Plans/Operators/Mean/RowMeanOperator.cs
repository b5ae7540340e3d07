using System.Collections.Immutable;
using TransformFramework.Cpu.Kernels.Elementwise;

namespace TransformFramework.Cpu.Plans.Operators.Mean;

/// <summary>The sum of each row over a divisor, in the order of the reference kernel.</summary>
internal sealed unsafe class RowMeanOperator(PlanBuffer source, PlanBuffer target, int rows, int columns, int divisor) : BlockOperator
{
    private const int BlockElements = 16 << 10;

    private readonly int blockRows = Math.Max(1, BlockElements / columns);

    public override ImmutableArray<PlanBuffer> Reads { get; } = [source];

    public override ImmutableArray<PlanBuffer> Writes { get; } = [target];

    public override int Blocks => (rows + blockRows - 1) / blockRows;

    public override void RunBlock(PlanRun run, int block)
    {
        float* row = run.Floats(source) + ((nint)block * blockRows * columns);
        float* means = run.Floats(target);
        for (int r = block * blockRows; r < Math.Min(rows, (block + 1) * blockRows); r++, row += columns)
            means[r] = PacketMath.Sum(new(row, columns)) / divisor;
    }
}
