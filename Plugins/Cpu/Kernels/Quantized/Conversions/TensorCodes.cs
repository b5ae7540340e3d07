using System.Numerics;

namespace TransformFramework.Cpu.Kernels.Quantized;

/// <summary>Codes to numbers in single precision, the way whole tensors are converted: <c>QuantizedToFloatStruct</c>.</summary>
internal readonly struct TensorDequantization<TCode>
    where TCode : unmanaged, IBinaryInteger<TCode>, IMinMaxValue<TCode>
{
    private readonly float scale;
    private readonly float bias;

    public TensorDequantization(CodeRange given)
    {
        CodeRange range = given.Flushed;
        scale = Denormals.Flush((float)((range.Max - range.Min) / (Codes<TCode>.Steps - 1)));
        float roundedMin = range.IsPoint ? range.Min : MathF.Round(range.Min / scale, MidpointRounding.AwayFromZero) * scale;
        bias = Denormals.Flush(roundedMin - (Codes<TCode>.Lowest * scale));
    }

    public float Apply(TCode code) => Denormals.Flush(bias + Denormals.Flush(float.CreateTruncating(code) * scale));
}

/// <summary>Numbers to codes in single precision, the way whole tensors are converted: <c>FloatToQuantizedStruct</c>. NaN gives 0 for 8 and 16 bits, the lowest code for 32.</summary>
internal readonly struct TensorQuantization<TCode>
    where TCode : unmanaged, IBinaryInteger<TCode>, IMinMaxValue<TCode>
{
    private const float LargestInt32AsFloat = 2147483520;

    private static readonly float Lower = Codes<TCode>.Lowest;
    private static readonly float Upper = MathF.Min(Codes<TCode>.Highest, LargestInt32AsFloat);

    private readonly float scale;
    private readonly float offset;

    public TensorQuantization(CodeRange given)
    {
        CodeRange range = given.Flushed;
        scale = range.IsPoint ? 0 : (float)((Codes<TCode>.Steps - 1) / range.Width);
        offset = MathF.Round(range.Min * scale, MidpointRounding.AwayFromZero) - Codes<TCode>.Lowest;
    }

    public TCode Apply(float value)
    {
        float code = MathF.Round(Denormals.Flush(value) * scale, MidpointRounding.AwayFromZero) - offset;
        if (code < Lower)
            code = Lower;
        if (Upper < code)
            code = Upper;
        return TCode.CreateTruncating(Truncation.ToInt32(code));
    }
}
