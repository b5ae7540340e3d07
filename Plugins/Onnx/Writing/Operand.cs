using TransformFramework.Graphs;
using TransformFramework.Onnx.Inference;

namespace TransformFramework.Onnx.Writing;

/// <summary>A value of the ONNX graph that is written: a tensor by its name, or a constant that is put into the model when a node reads it.</summary>
internal sealed class Operand(ValueInfo info, string? name = null)
{
    /// <summary>Type, shape and contents as far as they are known.</summary>
    public ValueInfo Info => info;

    /// <summary>Its name; null for a constant that nothing reads yet.</summary>
    public string? Name { get; set; } = name;

    /// <summary>Place of the node that computes it, in the list of its graph; -1 for none.</summary>
    public int Producer { get; init; } = -1;

    /// <summary>For a constant that is stored quantized: how.</summary>
    public QuantizedConstant? Quantized { get; init; }

    public bool IsConstant => info.Constant is not null && Producer < 0;
}

/// <summary>A constant as integers with a scale and a zero point, or one of each for each index of an axis.</summary>
/// <param name="Values">The integers.</param>
/// <param name="Scales">The scales.</param>
/// <param name="ZeroPoints">The zero points, as many.</param>
/// <param name="Axis">The axis of several scales; -1 for one scale.</param>
internal sealed record QuantizedConstant(Tensor Values, float[] Scales, long[] ZeroPoints, int Axis)
{
    /// <summary>The real values.</summary>
    public Tensor Dequantized()
    {
        long[] integers = Tensors.ToLongs(Values);
        float[] reals = new float[integers.Length];
        long inner = 1;
        for (int i = Axis + 1; Axis >= 0 && i < Values.Shape.Rank; i++)
            inner *= Values.Shape[i];
        for (int i = 0; i < reals.Length; i++)
        {
            int channel = Axis < 0 ? 0 : (int)(i / inner % Scales.Length);
            reals[i] = (integers[i] - ZeroPoints[channel]) * Scales[channel];
        }
        return Tensor.Create<float>(DataType.Float, Values.Shape, reals);
    }
}

/// <summary>Order of the dimensions of an activation.</summary>
internal enum Layout
{
    /// <summary>As the graph has it.</summary>
    Original,

    /// <summary>Channels second, where the graph has them last: [batch, channels, height, width].</summary>
    ChannelsFirst,
}
