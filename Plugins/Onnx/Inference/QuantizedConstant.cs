using TransformFramework.Graphs;

namespace TransformFramework.Onnx.Inference;

/// <summary>A constant as integers with a scale and a zero point, or one of each for each index of an axis.</summary>
/// <param name="Values">The integers.</param>
/// <param name="Scales">The scales.</param>
/// <param name="ZeroPoints">The zero points, as many.</param>
/// <param name="Axis">The axis of several scales; -1 for one scale. For depthwise filters of as many scales as the last two axes have indices: the last.</param>
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

    /// <summary>A matrix of one scale as one with a scale for each column, all the same.</summary>
    public QuantizedConstant OfColumns()
    {
        int columns = (int)Values.Shape[1];
        return this with { Scales = [.. Enumerable.Repeat(Scales[0], columns)], ZeroPoints = [.. Enumerable.Repeat(ZeroPoints[0], columns)], Axis = 1 };
    }
}
