using System.Numerics;

namespace TransformFramework.Cpu.Kernels.Quantized;

/// <summary>Codes to numbers in single precision, the way whole tensors are converted: <c>QuantizedToFloatStruct</c>.</summary>
internal readonly struct TensorDequantization<TCode>
    where TCode : unmanaged, IBinaryInteger<TCode>, IMinMaxValue<TCode>
{
    public TensorDequantization(CodeRange given)
    {
        CodeRange range = given.Flushed;
        Scale = Denormals.Flush((float)((range.Max - range.Min) / (Codes<TCode>.Steps - 1)));
        float roundedMin = range.IsPoint ? range.Min : MathF.Round(range.Min / Scale, MidpointRounding.AwayFromZero) * Scale;
        Bias = Denormals.Flush(roundedMin - (Codes<TCode>.Lowest * Scale));
    }

    public float Scale { get; }

    public float Bias { get; }

    public float Apply(TCode code) => Denormals.Flush(Bias + Denormals.Flush(float.CreateTruncating(code) * Scale));
}

/// <summary>Numbers to codes in single precision, the way whole tensors are converted: <c>FloatToQuantizedStruct</c>. NaN gives 0 for 8 and 16 bits, the lowest code for 32.</summary>
internal readonly struct TensorQuantization<TCode>
    where TCode : unmanaged, IBinaryInteger<TCode>, IMinMaxValue<TCode>
{
    private const float LargestInt32AsFloat = 2147483520;

    /// <summary>The lowest code.</summary>
    public static readonly float Lower = Codes<TCode>.Lowest;
    /// <summary>The highest code, at most the largest integer below 2^31 that is a float.</summary>
    public static readonly float Upper = MathF.Min(Codes<TCode>.Highest, LargestInt32AsFloat);

    public TensorQuantization(CodeRange given)
    {
        CodeRange range = given.Flushed;
        Scale = range.IsPoint ? 0 : (float)((Codes<TCode>.Steps - 1) / range.Width);
        Offset = MathF.Round(range.Min * Scale, MidpointRounding.AwayFromZero) - Codes<TCode>.Lowest;
    }

    public float Scale { get; }

    /// <summary>Subtracted from a scaled and rounded number.</summary>
    public float Offset { get; }

    public TCode Apply(float value)
    {
        float code = MathF.Round(Denormals.Flush(value) * Scale, MidpointRounding.AwayFromZero) - Offset;
        if (code < Lower)
            code = Lower;
        if (Upper < code)
            code = Upper;
        return TCode.CreateTruncating(Truncation.ToInt32(code));
    }
}
