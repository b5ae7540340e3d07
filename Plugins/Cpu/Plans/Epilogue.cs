using TransformFramework.Cpu.Analysis;

namespace TransformFramework.Cpu.Plans;

/// <summary>What follows a product in the same operator: y = clamp(x · scale + offset + residual), scale and offset by channel.</summary>
internal sealed class Epilogue(TensorSource output, int channels)
{
    /// <summary>The tensor that the last node of the chain computes.</summary>
    public TensorSource Output { get; private set; } = output;

    public int Channels { get; } = channels;

    /// <summary>Factor of each channel; null for 1.</summary>
    public double[]? Scale { get; private set; }

    /// <summary>Added to each channel; null for nothing.</summary>
    public double[]? Offset { get; private set; }

    /// <summary>A tensor of the same shape that is added after the offset.</summary>
    public TensorSource? Residual { get; private set; }

    public float Low { get; private set; } = float.NegativeInfinity;

    public float High { get; private set; } = float.PositiveInfinity;

    /// <summary>True when nothing but clamping may follow.</summary>
    public bool IsLinear => Residual is null && float.IsNegativeInfinity(Low) && float.IsPositiveInfinity(High);

    public void Multiply(double[] factors)
    {
        Scale = Scale is null ? factors : [.. Scale.Zip(factors, (x, y) => x * y)];
        Offset = Offset?.Zip(factors, (x, y) => x * y).ToArray();
    }

    public void Add(double[] terms) => Offset = Offset is null ? terms : [.. Offset.Zip(terms, (x, y) => x + y)];

    public void AddTensor(TensorSource residual) => Residual = residual;

    public void Clamp(float low, float high)
    {
        Low = Math.Min(Math.Max(Low, low), high);
        High = Math.Max(Math.Min(High, high), low);
    }

    /// <summary>Takes the next node into the chain.</summary>
    public void MoveTo(TensorSource next) => Output = next;

    public float[] ScaleOrOnes() => Scale is null ? Ones(Channels) : ToSingles(Scale);

    /// <summary>Offsets; negative zeros where there are none, as only they leave every x as it is.</summary>
    public float[] OffsetOrNothing()
    {
        if (Offset is not null)
            return ToSingles(Offset);
        float[] nothing = new float[Channels];
        Array.Fill(nothing, -0f);
        return nothing;
    }

    public static float[] ToSingles(double[] values) => Array.ConvertAll(values, value => (float)value);

    private static float[] Ones(int count)
    {
        float[] ones = new float[count];
        Array.Fill(ones, 1f);
        return ones;
    }
}
