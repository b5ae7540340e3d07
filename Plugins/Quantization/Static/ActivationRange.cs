using TransformFramework.Graphs;

namespace TransformFramework.Quantization.Static;

/// <summary>Quantization parameters of an activation: quint8 from 0 to End in 255 steps, or qint8 from -End to End in 254. The zero point is 0.</summary>
/// <param name="IsSigned">True for qint8.</param>
/// <param name="End">The largest magnitude, positive.</param>
internal readonly record struct ActivationRange(bool IsSigned, float End)
{
    private const float SmallestEnd = 1e-10f;

    public DataType Type => IsSigned ? DataType.QInt8 : DataType.QUInt8;

    public float Min => IsSigned ? -End : 0;

    /// <summary>Steps between 0 and End.</summary>
    public float Levels => IsSigned ? 127 : 255;

    /// <summary>The real value of one step, computed in double.</summary>
    public double Scale => (double)End / Levels;

    /// <summary>The range that holds what was seen; of nothing but zeros, 0 to 1.</summary>
    public static ActivationRange Of(float min, float max)
    {
        float end = Math.Max(-min, max);
        return new(min < 0, end > SmallestEnd ? end : 1);
    }

    /// <summary>The range that holds both.</summary>
    public ActivationRange Join(ActivationRange other) => new(IsSigned || other.IsSigned, Math.Max(End, other.End));

    /// <summary>Without negative values, and none over a limit.</summary>
    public ActivationRange Clipped(float limit) => new(false, Math.Min(End, limit));
}
