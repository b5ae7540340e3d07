using TransformFramework.Graphs;
using TransformFramework.TfLite.Schema;

namespace TransformFramework.TfLite.Reading;

/// <summary>Real values of quantized constants.</summary>
internal static class RealValues
{
    /// <summary>A float constant: scale × (element − zero point).</summary>
    /// <param name="elements">Integers.</param>
    /// <param name="quantization">Scales and zero points.</param>
    /// <param name="dimension">The dimension that they belong to, when there are several.</param>
    public static Tensor Of(Tensor elements, TfLiteQuantization quantization, int dimension)
    {
        Tensor result = Tensor.Allocate<float>(DataType.Float, elements.Shape, out Span<float> real);
        long stride = 1;
        for (int i = dimension + 1; i < elements.Shape.Rank && !quantization.IsPerTensor; i++)
            stride *= elements.Shape[i];
        int count = quantization.Scales.Length;
        for (int i = 0; i < real.Length; i++)
        {
            int channel = (int)(i / stride % count);
            real[i] = (float)((Element(elements, i) - quantization.ZeroPoints[channel]) * (double)quantization.Scales[channel]);
        }
        return result;
    }

    private static long Element(Tensor elements, int index) => elements.Type switch
    {
        DataType.Int8 => elements.AsSpan<sbyte>()[index],
        DataType.UInt8 => elements.AsSpan<byte>()[index],
        DataType.Int16 => elements.AsSpan<short>()[index],
        DataType.Int32 => elements.AsSpan<int>()[index],
        DataType.Int64 => elements.AsSpan<long>()[index],
        _ => throw TfLiteDiagnostics.Invalid($"a tensor of {elements.Type.Name()} has scales"),
    };
}
