using TransformFramework.Cpu.Analysis;
using TransformFramework.Cpu.Kernels;
using TransformFramework.Cpu.Kernels.Quantized.Gemm;

namespace TransformFramework.Cpu.Plans;

/// <summary>What the result of an operator consists of.</summary>
internal enum PostOpsResult
{
    /// <summary>Floats.</summary>
    RealValues,

    /// <summary>The accumulators, as qint32 values.</summary>
    Accumulators,

    /// <summary>8-bit values, rounded to even.</summary>
    QuantizedValues,
}

/// <summary>What follows a product in the same operator, be it of floats or of 8-bit values: y = clamp((sum + sum bias) · scale + offset + residual · residual scale), scale and both offsets by channel.</summary>
/// <param name="Output">The tensor that the last node of the chain computes.</param>
/// <param name="Channels">Channels of the result.</param>
internal sealed record PostOps(TensorSource Output, int Channels)
{
    public PostOpsResult Result { get; private init; }

    /// <summary>Added to the sum of each channel, in units of the sum; null for nothing.</summary>
    public float[]? SumBias { get; init; }

    /// <summary>Factor of each channel; null for 1.</summary>
    public double[]? Scale { get; private init; }

    /// <summary>Added to each channel; null for nothing.</summary>
    public double[]? Offset { get; private init; }

    /// <summary>A tensor of the same shape that is added after the offset.</summary>
    public TensorSource? Residual { get; private init; }

    public float ResidualScale { get; private init; } = 1;

    public float Low { get; private init; } = float.NegativeInfinity;

    public float High { get; private init; } = float.PositiveInfinity;

    /// <summary>True when more than clamping may follow.</summary>
    public bool IsLinear => Residual is null && float.IsNegativeInfinity(Low) && float.IsPositiveInfinity(High);

    /// <summary>The accumulators as they are, perhaps after Relu.</summary>
    public static PostOps OfAccumulators(TensorSource output, int channels, bool hasRelu) =>
        new(output, channels) { Result = PostOpsResult.Accumulators, Low = hasRelu ? 0 : float.NegativeInfinity };

    /// <summary>8-bit values of the accumulators.</summary>
    public static PostOps OfRequantization(TensorSource output, FusedRequantization requantization) => new(output, requantization.Scales.Length)
    {
        Result = PostOpsResult.QuantizedValues,
        Scale = requantization.Scales.Map(scale => (double)scale),
        ResidualScale = requantization.ResidualScale,
        Low = requantization.Lowest,
        High = requantization.Highest,
    };

    public PostOps Multiply(double[] factors) => this with
    {
        Scale = Scale is null ? factors : [.. Scale.Zip(factors, (x, y) => x * y)],
        Offset = Offset?.Zip(factors, (x, y) => x * y).ToArray(),
    };

    public PostOps Add(double[] terms) => this with { Offset = Offset is null ? terms : [.. Offset.Zip(terms, (x, y) => x + y)] };

    public PostOps AddTensor(TensorSource residual) => this with { Residual = residual };

    public PostOps Clamp(float low, float high) => this with { Low = Math.Min(Math.Max(Low, low), high), High = Math.Max(Math.Min(High, high), low) };

    public float[] ScaleOrOnes() => Scale is null ? Filled(1) : ToSingles(Scale);

    /// <summary>Offsets; negative zeros where there are none, as only they leave every x as it is.</summary>
    public float[] OffsetOrNothing() => Offset is null ? Filled(-0f) : ToSingles(Offset);

    public static float[] ToSingles(double[] values) => values.Map(value => (float)value);

    private float[] Filled(float value)
    {
        float[] values = new float[Channels];
        for (int i = 0; i < values.Length; i++)
            values[i] = value;
        return values;
    }
}
