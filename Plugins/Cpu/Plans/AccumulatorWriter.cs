using TransformFramework.Cpu.Microkernels;
using TransformFramework.Cpu.Microkernels.Gemm.U8S8;
using TransformFramework.Cpu.Microkernels.Isa;
using TransformFramework.Cpu.Microkernels.Requantize;

namespace TransformFramework.Cpu.Plans;

/// <summary>Writes the accumulators of an 8-bit product as its <see cref="PostOps"/> say: 8-bit values, real values, or the accumulators as qint32 values.</summary>
internal sealed unsafe class AccumulatorWriter
{
    private readonly PostOps post;
    private readonly AlignedMemory? scale;
    private readonly AlignedMemory? bias;
    private readonly bool isResidualSigned;

    public AccumulatorWriter(PostOps post, PlanBuffer? residual, bool isResidualSigned, PlanBuffer target)
    {
        this.post = post;
        this.isResidualSigned = isResidualSigned;
        bias = post.SumBias is null ? null : AlignedMemory.Of<float>(post.SumBias);
        scale = post.Scale is null ? null : AlignedMemory.Of<float>(PostOps.ToSingles(post.Scale));
        Residual = residual;
        Target = target;
        IsForKernels = post.Result == PostOpsResult.QuantizedValues && bias is null && post is { Low: sbyte.MinValue, High: sbyte.MaxValue } or { Low: 0, High: byte.MaxValue }
            && (Residual is null || (!isResidualSigned && post.Low == 0)) && AccumulatorBounds.Hold(Scales, post.ResidualScale);
    }

    public PlanBuffer? Residual { get; }

    public PlanBuffer Target { get; }

    /// <summary>Bytes of an element of the result.</summary>
    public int ElementBytes => post.Result == PostOpsResult.QuantizedValues ? sizeof(byte) : sizeof(int);

    /// <summary>Factors of the channels; none without scaling.</summary>
    public ReadOnlySpan<float> Scales => scale is null ? [] : scale.Span<float>();

    /// <summary>True when kernels that requantize can do all of it.</summary>
    public bool IsForKernels { get; }

    /// <summary>The requantization for such kernels.</summary>
    public U8S8RequantizedTile Tile(PlanRun run) => new()
    {
        Tile = new() { Output = run.Integers(Target), OutputStride = post.Channels },
        Scale = (float*)scale!.Pointer,
        Residual = Residual is null ? null : run.Pointer(Residual),
        Low = post.Low,
        High = post.High,
        ResidualScale = post.ResidualScale,
    };

    /// <summary>Takes rows of accumulators.</summary>
    public void Take(PlanRun run, Int8Vectors vectors, AccumulatorRows* accumulators)
    {
        nint at = ((nint)accumulators->Row * post.Channels) + accumulators->Column;
        switch (post.Result)
        {
            case PostOpsResult.QuantizedValues:
                Requantize(run, vectors, accumulators, at);
                break;
            case PostOpsResult.RealValues:
                Dequantize(run, vectors, accumulators, at);
                break;
            default:
                Store(run.Integers(Target) + at, accumulators);
                break;
        }
    }

    private void Requantize(PlanRun run, Int8Vectors vectors, AccumulatorRows* accumulators, nint at)
    {
        RequantizeRows work = new()
        {
            Accumulators = accumulators->Accumulators,
            AccumulatorStride = accumulators->Stride,
            Bias = bias is null ? null : (float*)bias.Pointer + accumulators->Column,
            Scale = (float*)scale!.Pointer + accumulators->Column,
            Residual = Residual is null ? null : run.Pointer(Residual) + at,
            IsResidualSigned = isResidualSigned,
            ResidualScale = post.ResidualScale,
            Output = run.Pointer(Target) + at,
            OutputStride = post.Channels,
            Rows = accumulators->Rows,
            Columns = accumulators->Columns,
            Low = post.Low,
            High = post.High,
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
            OutputStride = post.Channels,
            Rows = accumulators->Rows,
            Columns = accumulators->Columns,
            Low = post.Low,
            High = post.High,
        };
        vectors.DequantizeAccumulators(&work);
    }

    private void Store(int* target, AccumulatorRows* accumulators)
    {
        bool hasRelu = post.Low == 0;
        float* terms = bias is null ? null : (float*)bias.Pointer + accumulators->Column;
        for (int r = 0; r < accumulators->Rows; r++)
        {
            for (int c = 0; c < accumulators->Columns; c++)
            {
                int sum = accumulators->Accumulators[(r * accumulators->Stride) + c];
                int q = terms == null ? sum : (int)MathF.Round((float)sum + terms[c]);
                target[((nint)r * post.Channels) + c] = hasRelu ? Math.Max(q, 0) : q;
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
