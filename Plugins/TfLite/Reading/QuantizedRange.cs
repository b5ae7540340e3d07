using TransformFramework.TfLite.Schema;

namespace TransformFramework.TfLite.Reading;

/// <summary>Range of quint8 values: <see cref="Scale"/> × (value − <see cref="Zero"/>).</summary>
/// <param name="Scale">Difference between neighbouring values.</param>
/// <param name="Zero">The value of zero, from 0 to 255.</param>
internal readonly record struct QuantizedRange(float Scale, int Zero)
{
    public const int Levels = 255;

    public float Min => (float)(-Zero * (double)Scale);

    public float Max => (float)((Levels - Zero) * (double)Scale);

    /// <summary>The range of a tensor of int8 or uint8.</summary>
    public static QuantizedRange Of(TfLiteTensor tensor) =>
        new(tensor.Quantization!.Scale, tensor.Quantization.ZeroPoint + (tensor.Type == TensorType.UInt8 ? 0 : 128));
}
