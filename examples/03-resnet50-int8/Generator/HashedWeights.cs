using TransformFramework.Graphs;

namespace TransformFramework.Generated;

/// <summary>Weights that every machine generates alike: He-scaled, nearly normal numbers hashed from the weight's name.</summary>
internal static class HashedWeights
{
    /// <summary>Weights of a convolution; the product of all dimensions but the last is how many are summed.</summary>
    public static Tensor Of(string name, TensorShape shape) => Of(name, shape, shape.ElementCount / shape[shape.Rank - 1]);

    /// <summary>Weights of which so many are summed.</summary>
    public static Tensor Of(string name, TensorShape shape, long summed)
    {
        Tensor tensor = Tensor.Allocate<float>(DataType.Float, shape, out Span<float> weights);
        double scale = Math.Sqrt(2.0 / summed);
        var numbers = new HashedNumbers(name);
        for (int i = 0; i < weights.Length; i++)
            weights[i] = (float)(scale * NearlyNormal(numbers[i]));
        return tensor;
    }

    /// <summary>The sum of four uniform numbers, scaled to variance 1.</summary>
    private static double NearlyNormal(ulong bits)
    {
        ulong sum = (bits & 0xFFFF) + ((bits >> 16) & 0xFFFF) + ((bits >> 32) & 0xFFFF) + (bits >> 48);
        return ((sum / 65535.0) - 2.0) * Math.Sqrt(3.0);
    }
}
