using System.Text;
using TransformFramework.Graphs;

namespace TransformFramework.Benchmarks;

/// <summary>
/// Weights that every machine generates alike: He-scaled, nearly normal numbers from splitmix64 seeded by the FNV-1a hash of the weight's name.
/// </summary>
internal static class HashedWeights
{
    /// <summary>Weights of a convolution; the product of all dimensions but the last is how many are summed.</summary>
    public static Tensor Of(string name, TensorShape shape) => Of(name, shape, shape.ElementCount / shape[shape.Rank - 1]);

    /// <summary>Weights of which so many are summed.</summary>
    public static Tensor Of(string name, TensorShape shape, long summed)
    {
        Tensor tensor = Tensor.Allocate<float>(DataType.Float, shape, out Span<float> weights);
        double scale = Math.Sqrt(2.0 / summed);
        ulong seed = Fnv1a(name);
        for (int j = 0; j < weights.Length; j++)
            weights[j] = (float)(scale * NearlyNormal(SplitMix64(seed + (ulong)j)));
        return tensor;
    }

    /// <summary>The sum of four uniform numbers, scaled to variance 1.</summary>
    private static double NearlyNormal(ulong bits)
    {
        ulong sum = (bits & 0xFFFF) + ((bits >> 16) & 0xFFFF) + ((bits >> 32) & 0xFFFF) + (bits >> 48);
        return ((sum / 65535.0) - 2.0) * Math.Sqrt(3.0);
    }

    private static ulong SplitMix64(ulong state)
    {
        ulong z = state + 0x9E3779B97F4A7C15;
        z = (z ^ (z >> 30)) * 0xBF58476D1CE4E5B9;
        z = (z ^ (z >> 27)) * 0x94D049BB133111EB;
        return z ^ (z >> 31);
    }

    private static ulong Fnv1a(string text)
    {
        ulong hash = 0xCBF29CE484222325;
        foreach (byte value in Encoding.UTF8.GetBytes(text))
            hash = (hash ^ value) * 0x100000001B3;
        return hash;
    }
}
