using System.Collections.Immutable;
using TransformFramework.Cpu.Kernels.Quantized.Conversions;
using TransformFramework.Cpu.Microkernels;

namespace TransformFramework.Cpu.Plans.Operators.UniformQuantizedDot;

/// <summary>Rows of quantized values with a scale and a zero point each.</summary>
/// <param name="Values">quint8 values, a row after the other.</param>
/// <param name="Scales">A float a row.</param>
/// <param name="ZeroPoints">An int32 a row.</param>
/// <param name="Length">Values of a row.</param>
internal sealed record DynamicRows(PlanBuffer Values, PlanBuffer Scales, PlanBuffer ZeroPoints, int Length);

/// <summary>Quantizes each row of a matrix by its own range.</summary>
internal sealed unsafe class QuantizeRowsOperator(MicrokernelSet kernels, PlanBuffer source, DynamicRows target, int rows) : BlockOperator
{
    private const int BlockElements = 32 << 10;

    private readonly int blockRows = Math.Max(1, BlockElements / target.Length);

    public override ImmutableArray<PlanBuffer> Reads { get; } = [source];

    public override ImmutableArray<PlanBuffer> Writes { get; } = [target.Values, target.Scales, target.ZeroPoints];

    public override int Blocks => (rows + blockRows - 1) / blockRows;

    public override void RunBlock(PlanRun run, int block)
    {
        for (int row = block * blockRows; row < Math.Min(rows, (block + 1) * blockRows); row++)
        {
            float* reals = run.Floats(source) + ((nint)row * target.Length);
            bool isFinite = DynamicRange.IsFinite(new(reals, target.Length));
            var range = DynamicRange.Of(kernels.FloatVectors.Least(reals, target.Length), kernels.FloatVectors.Greatest(reals, target.Length), isFinite);
            byte* quantized = run.Pointer(target.Values) + ((nint)row * target.Length);
            if (isFinite)
                kernels.Int8Vectors.QuantizeDynamic(reals, quantized, target.Length, range.Quantization);
            else
                new Span<byte>(quantized, target.Length).Clear();
            run.Floats(target.Scales)[row] = range.Scale;
            run.Integers(target.ZeroPoints)[row] = range.ZeroPoint;
        }
    }
}
