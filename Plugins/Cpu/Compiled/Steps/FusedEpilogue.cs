using TransformFramework.Cpu.Gemm;
using TransformFramework.Cpu.Kernels.Quantized;
using TransformFramework.Cpu.Vectors;

namespace TransformFramework.Cpu.Compiled.Steps;

/// <summary>What a fused convolution does with its sums: 8-bit codes, or the sums as qint32 codes.</summary>
internal sealed unsafe class FusedEpilogue
{
    private readonly int columns;
    private readonly AlignedMemory? scale;
    private readonly AlignedMemory? bias;
    private readonly bool isSummandSigned;
    private readonly bool hasRelu;
    private readonly FusedRequantization? requantization;

    public FusedEpilogue(int columns, FusedRequantization? requantization, float[]? bias, PlanBuffer? summand, bool isSummandSigned, bool hasRelu, PlanBuffer target)
    {
        this.columns = columns;
        this.requantization = requantization;
        this.bias = bias is null ? null : AlignedMemory.Of<float>(bias);
        this.isSummandSigned = isSummandSigned;
        this.hasRelu = hasRelu;
        scale = requantization is null ? null : AlignedMemory.Of<float>(requantization.Scales);
        Summand = summand;
        Target = target;
    }

    public PlanBuffer? Summand { get; }

    public PlanBuffer Target { get; }

    /// <summary>Bytes of an element of the result.</summary>
    public int ElementBytes => requantization is null ? sizeof(int) : sizeof(byte);

    /// <summary>True when kernels that requantize can do all of it.</summary>
    public bool IsForKernels => requantization is not null && bias is null && requantization is { Lowest: < 0, Highest: sbyte.MaxValue } or { Lowest: 0, Highest: byte.MaxValue }
        && (Summand is null || (!isSummandSigned && requantization.Lowest == 0));

    /// <summary>The requantization for such kernels.</summary>
    public RequantizedTile Tile(PlanRun run) => new()
    {
        Tile = new() { Output = run.Integers(Target), OutputStride = columns },
        Scale = (float*)scale!.Pointer,
        Summand = Summand is null ? null : run.Pointer(Summand),
        Low = requantization!.Lowest,
        High = requantization.Highest,
        SummandFactor = requantization.SummandFactor,
    };

    /// <summary>Takes rows of sums.</summary>
    public void Take(PlanRun run, CodeVectors vectors, SumRows* sums)
    {
        nint at = ((nint)sums->Row * columns) + sums->Column;
        if (requantization is null)
        {
            Store(run.Integers(Target) + at, sums);
            return;
        }
        RequantizeRows work = new()
        {
            Sums = sums->Sums,
            SumStride = sums->Stride,
            Bias = bias is null ? null : (float*)bias.Pointer + sums->Column,
            Scale = (float*)scale!.Pointer + sums->Column,
            Summand = Summand is null ? null : run.Pointer(Summand) + at,
            IsSummandSigned = isSummandSigned,
            SummandFactor = requantization.SummandFactor,
            Output = run.Pointer(Target) + at,
            OutputStride = columns,
            Rows = sums->Rows,
            Columns = sums->Columns,
            Low = requantization.Lowest,
            High = requantization.Highest,
        };
        vectors.Requantize(&work);
    }

    private void Store(int* target, SumRows* sums)
    {
        float* terms = bias is null ? null : (float*)bias.Pointer + sums->Column;
        for (int r = 0; r < sums->Rows; r++)
        {
            for (int c = 0; c < sums->Columns; c++)
            {
                int sum = sums->Sums[(r * sums->Stride) + c];
                int code = terms == null ? sum : (int)MathF.Round((float)sum + terms[c]);
                target[((nint)r * columns) + c] = hasRelu ? Math.Max(code, 0) : code;
            }
        }
    }
}

/// <summary>Some rows and columns of sums, and where they belong in the result.</summary>
internal unsafe struct SumRows
{
    public int* Sums;

    /// <summary>Integers from one row to the next.</summary>
    public int Stride;

    public int Row;

    public int Rows;

    public int Column;

    public int Columns;
}
