using TransformFramework.Cpu.Kernels.Quantized.Gemm;
using TransformFramework.Cpu.Kernels.Quantized.Ranges;
using TransformFramework.Cpu.Microkernels;
using TransformFramework.Cpu.Microkernels.Gemm.U8S8;
using TransformFramework.Cpu.Microkernels.Isa;
using TransformFramework.Cpu.Microkernels.Requantize;

namespace TransformFramework.Cpu.Plans;

/// <summary>How accumulators become real values: clamp(accumulator · unit + residual).</summary>
/// <param name="Units">The real value of one, for each column.</param>
/// <param name="Low">The least result.</param>
/// <param name="High">The greatest result.</param>
internal sealed record AccumulatorDequantization(float[] Units, float Low, float High);

/// <summary>What a fused convolution does with its accumulators: 8-bit values, real values, or the accumulators as qint32 values.</summary>
internal sealed unsafe class FusedEpilogue
{
    private readonly int columns;
    private readonly AlignedMemory? scale;
    private readonly AlignedMemory? bias;
    private readonly bool isResidualSigned;
    private readonly bool hasRelu;
    private readonly FusedRequantization? requantization;
    private readonly AccumulatorDequantization? dequantization;

    public FusedEpilogue(int columns, FusedRequantization? requantization, float[]? bias, PlanBuffer? residual, bool isResidualSigned, bool hasRelu, PlanBuffer target, AccumulatorDequantization? dequantization = null)
    {
        this.columns = columns;
        this.requantization = requantization;
        this.bias = bias is null ? null : AlignedMemory.Of<float>(bias);
        this.isResidualSigned = isResidualSigned;
        this.hasRelu = hasRelu;
        this.dequantization = dequantization;
        scale = (requantization?.Scales ?? dequantization?.Units) is { } scales ? AlignedMemory.Of<float>(scales) : null;
        Residual = residual;
        Target = target;
    }

    public PlanBuffer? Residual { get; }

    public PlanBuffer Target { get; }

    /// <summary>Bytes of an element of the result.</summary>
    public int ElementBytes => requantization is null ? sizeof(int) : sizeof(byte);

    /// <summary>True when kernels that requantize can do all of it.</summary>
    public bool IsForKernels => requantization is not null && bias is null && requantization is { Lowest: < 0, Highest: sbyte.MaxValue } or { Lowest: 0, Highest: byte.MaxValue }
        && (Residual is null || (!isResidualSigned && requantization.Lowest == 0));

    /// <summary>The requantization for such kernels.</summary>
    public U8S8RequantizedTile Tile(PlanRun run) => new()
    {
        Tile = new() { Output = run.Integers(Target), OutputStride = columns },
        Scale = (float*)scale!.Pointer,
        Residual = Residual is null ? null : run.Pointer(Residual),
        Low = requantization!.Lowest,
        High = requantization.Highest,
        ResidualScale = requantization.ResidualScale,
    };

    /// <summary>Takes rows of accumulators.</summary>
    public void Take(PlanRun run, Int8Vectors vectors, AccumulatorRows* accumulators)
    {
        nint at = ((nint)accumulators->Row * columns) + accumulators->Column;
        if (requantization is null)
        {
            if (dequantization is null)
                Store(run.Integers(Target) + at, accumulators);
            else
                Dequantize(run, vectors, accumulators, at);
            return;
        }
        RequantizeRows work = new()
        {
            Accumulators = accumulators->Accumulators,
            AccumulatorStride = accumulators->Stride,
            Bias = bias is null ? null : (float*)bias.Pointer + accumulators->Column,
            Scale = (float*)scale!.Pointer + accumulators->Column,
            Residual = Residual is null ? null : run.Pointer(Residual) + at,
            IsResidualSigned = isResidualSigned,
            ResidualScale = requantization.ResidualScale,
            Output = run.Pointer(Target) + at,
            OutputStride = columns,
            Rows = accumulators->Rows,
            Columns = accumulators->Columns,
            Low = requantization.Lowest,
            High = requantization.Highest,
        };
        vectors.Requantize(&work);
    }

    private void Dequantize(PlanRun run, Int8Vectors vectors, AccumulatorRows* accumulators, nint at)
    {
        DequantizeAccumulatorsRows work = new()
        {
            Accumulators = accumulators->Accumulators,
            AccumulatorStride = accumulators->Stride,
            Bias = bias is null ? null : (float*)bias.Pointer + accumulators->Column,
            Units = (float*)scale!.Pointer + accumulators->Column,
            Residual = Residual is null ? null : run.Floats(Residual) + at,
            Output = run.Floats(Target) + at,
            OutputStride = columns,
            Rows = accumulators->Rows,
            Columns = accumulators->Columns,
            Low = dequantization!.Low,
            High = dequantization.High,
        };
        vectors.DequantizeAccumulators(&work);
    }

    private void Store(int* target, AccumulatorRows* accumulators)
    {
        float* terms = bias is null ? null : (float*)bias.Pointer + accumulators->Column;
        for (int r = 0; r < accumulators->Rows; r++)
        {
            for (int c = 0; c < accumulators->Columns; c++)
            {
                int sum = accumulators->Accumulators[(r * accumulators->Stride) + c];
                int q = terms == null ? sum : (int)MathF.Round((float)sum + terms[c]);
                target[((nint)r * columns) + c] = hasRelu ? Math.Max(q, 0) : q;
            }
        }
    }
}

/// <summary>Some rows and columns of accumulators, and where they belong in the result.</summary>
internal unsafe struct AccumulatorRows
{
    public int* Accumulators;

    /// <summary>Integers from one row to the next.</summary>
    public int Stride;

    public int Row;

    public int Rows;

    public int Column;

    public int Columns;
}
