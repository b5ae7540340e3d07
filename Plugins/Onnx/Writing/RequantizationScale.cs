using TransformFramework.Graphs;

namespace TransformFramework.Onnx.Writing;

/// <summary>
/// The float that a sum of products is multiplied by before it is rounded to 8 bits. TensorFlow computes it from the ends of the ranges, ONNX Runtime as input scale · weight scale / result scale;
/// where the two are a last bit apart, a sum near a tie goes to another value, and the layers behind carry that on.
/// </summary>
internal static class RequantizationScale
{
    private const float UnsignedLevels = 255;
    private const float SignedLevels = 127;

    /// <summary>Last bits by which a weight scale may be moved.</summary>
    private const int Reach = 4;

    /// <summary>Scales of the weights of a fused op, moved by as few last bits as make the products agree, or by none where no such scale exists.</summary>
    /// <param name="node">The fused op.</param>
    /// <param name="ranges">Its input that is the lower end of the data's range.</param>
    /// <param name="input">Type of the data.</param>
    /// <param name="result">Type of the result.</param>
    public static float[] Matching(NodeWriter node, int ranges, DataType input, DataType result)
    {
        float inputEnd = QuantizationRange.Magnitudes(node, ranges)[0];
        float resultEnd = QuantizationRange.Magnitudes(node, ranges + 4)[0];
        float divisor = Levels(input) * SignedLevels * resultEnd;
        float inputScale = inputEnd / Levels(input);
        float resultScale = resultEnd / Levels(result);
        return [.. QuantizationRange.Magnitudes(node, ranges + 2).Select(end => Nearest(end / SignedLevels, Levels(result) * inputEnd * end / divisor, inputScale, resultScale))];
    }

    /// <summary>The weight scale nearest to a given one whose product is the wanted one; the given one where none is.</summary>
    public static float Nearest(float scale, float wanted, float inputScale, float resultScale)
    {
        int bits = BitConverter.SingleToInt32Bits(scale);
        for (int distance = 0; distance <= Reach; distance++)
        {
            foreach (int moved in (ReadOnlySpan<int>)[bits + distance, bits - distance])
            {
                float candidate = BitConverter.Int32BitsToSingle(moved);
                if (inputScale * candidate / resultScale == wanted)
                    return candidate;
            }
        }
        return scale;
    }

    private static float Levels(DataType type) => type == DataType.UInt8 ? UnsignedLevels : SignedLevels;
}
