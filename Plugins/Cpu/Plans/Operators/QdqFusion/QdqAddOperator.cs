using System.Collections.Immutable;
using TransformFramework.Cpu.Microkernels;
using TransformFramework.Cpu.Microkernels.Requantize;

namespace TransformFramework.Cpu.Plans.Operators.QdqFusion;

/// <summary>8-bit values in a buffer, and what they count.</summary>
internal readonly record struct QdqBuffer(PlanBuffer Buffer, QdqInput Source);

/// <summary>The sum of two tensors of quantized values as quantized values.</summary>
internal sealed unsafe class QdqAddOperator(Int8Vectors vectors, QdqBuffer x, QdqBuffer y, QdqOutput result, PlanBuffer target) : BlockOperator
{
    private const int BlockElements = 64 << 10;

    private readonly nint count = (nint)target.Bytes;

    public override ImmutableArray<PlanBuffer> Reads { get; } = [x.Buffer, y.Buffer];

    public override ImmutableArray<PlanBuffer> Writes { get; } = [target];

    public override int Blocks => (int)((count + BlockElements - 1) / BlockElements);

    public override void RunBlock(PlanRun run, int block)
    {
        nint first = (nint)block * BlockElements;
        QuantizedSum sum = new()
        {
            X = Operand(run, x, first),
            Y = Operand(run, y, first),
            Low = result.Low,
            High = result.High,
            Scaling = result.Scaling,
            Output = run.Pointer(target) + first,
            Count = Math.Min(BlockElements, count - first),
        };
        vectors.AddScaled(&sum);
    }

    private static QuantizedOperand Operand(PlanRun run, QdqBuffer quantized, nint first) =>
        new() { Quantized = run.Pointer(quantized.Buffer) + first, Scale = new(quantized.Source.Scale, quantized.Source.IsSigned) };
}
