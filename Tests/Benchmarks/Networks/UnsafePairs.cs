using TransformFramework.Graphs;

namespace TransformFramework.Benchmarks.Networks;

/// <summary>
/// Neighbouring 8-bit weights of one sign whose sum exceeds 128: their products with inputs up to 255 do not fit in 16 bits, so processors without VNNI need wider products for them. How many there are
/// decides over the speed on such processors.
/// </summary>
internal static class UnsafePairs
{
    private const int MostOfPair = 128;

    /// <summary>The share of unsafe pairs among the weights of convolutions and matrices, 0 to 1; depthwise filters have no neighbours.</summary>
    public static double Share(Graph graph)
    {
        long pairs = 0;
        long found = 0;
        foreach (Node node in graph.Nodes.Where(node => node.Op == "Const"))
        {
            if (node.TensorAttribute("value") is not { Type: DataType.QInt8, Shape.Rank: 2 or 4 } weights || weights.Shape[weights.Shape.Rank - 1] == 1)
                continue;
            Count(weights, ref pairs, ref found);
        }
        return pairs == 0 ? 0 : found / (double)pairs;
    }

    private static void Count(Tensor weights, ref long pairs, ref long found)
    {
        int columns = (int)weights.Shape[weights.Shape.Rank - 1];
        int depth = (int)weights.Shape[weights.Shape.Rank - 2];
        ReadOnlySpan<sbyte> values = weights.AsSpan<sbyte>();
        for (int tap = 0; tap < values.Length; tap += depth * columns)
        {
            for (int at = tap; at + (2 * columns) <= tap + (depth * columns); at += 2 * columns)
            {
                for (int c = 0; c < columns; c++)
                {
                    int even = values[at + c];
                    int odd = values[at + columns + c];
                    pairs++;
                    found += (even ^ odd) >= 0 && Math.Abs(even + odd) > MostOfPair ? 1 : 0;
                }
            }
        }
    }
}
