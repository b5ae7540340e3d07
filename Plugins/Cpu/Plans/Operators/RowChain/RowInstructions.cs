using TransformFramework.Cpu.Kernels.Elementwise;
using TransformFramework.Cpu.Plans.Operators.Scan;

namespace TransformFramework.Cpu.Plans.Operators.RowChain;

/// <summary>The sum of each row over a divisor, in the order of the reference kernel.</summary>
internal sealed unsafe class RowSumInstruction(StepOperand source, StepOperand target, int rows, int divisor) : StepInstruction
{
    public override void Run(StepFrame* frame)
    {
        float* x = source.Pointer(frame);
        float* z = target.Pointer(frame);
        for (int r = 0; r < rows; r++, x += source.RowStride, z += target.RowStride)
            *z = PacketMath.Sum(new(x, source.Columns)) / divisor;
    }
}

/// <summary>Rows that repeat the one element of a column.</summary>
internal sealed unsafe class SpreadInstruction(StepOperand column, StepOperand target, int rows) : StepInstruction
{
    public override void Run(StepFrame* frame)
    {
        float* x = column.Pointer(frame);
        float* z = target.Pointer(frame);
        for (int r = 0; r < rows; r++, x += column.RowStride, z += target.RowStride)
            new Span<float>(z, target.RowStride).Fill(*x);
    }
}
