namespace TransformFramework.Cpu.Plans.Operators.WideProducts;

/// <summary>Inputs of each tap whose products with 16-bit data add up within 32 bits.</summary>
/// <param name="First">The first input.</param>
/// <param name="Depth">Number of inputs.</param>
internal readonly record struct WideSegment(int First, int Depth)
{
    /// <summary>The largest sum of the magnitudes of a column's weights: with data of 2¹⁵ at most it makes less than 2³¹.</summary>
    private const int MostWeight = 65535;

    /// <summary>Inputs that stay together.</summary>
    private const int Group = 4;

    /// <summary>Cuts the inputs of a product into as few parts as have sums of 32 bits; empty when a group of four inputs is too much already.</summary>
    /// <param name="weights">Row-major [taps · depth, columns].</param>
    /// <param name="taps">Number of taps.</param>
    /// <param name="depth">Rows of weights a tap.</param>
    /// <param name="columns">Number of columns.</param>
    public static IReadOnlyList<WideSegment> Of(ReadOnlySpan<sbyte> weights, int taps, int depth, int columns)
    {
        var segments = new List<WideSegment>();
        int[] totals = new int[columns];
        int first = 0;
        for (int input = 0; input < depth; input += Group)
        {
            int end = Math.Min(depth, input + Group);
            int[] added = Magnitudes(weights, taps, depth, columns, input, end);
            if (added.Max() > MostWeight)
                return [];
            if (totals.Zip(added, (total, more) => total + more).Any(total => total > MostWeight))
            {
                segments.Add(new(first, input - first));
                first = input;
                Array.Clear(totals);
            }
            for (int c = 0; c < columns; c++)
                totals[c] += added[c];
        }
        segments.Add(new(first, depth - first));
        return segments;
    }

    /// <summary>The rows of weights of this part.</summary>
    public sbyte[] Rows(ReadOnlySpan<sbyte> weights, int taps, int depth, int columns)
    {
        sbyte[] part = new sbyte[taps * Depth * columns];
        for (int tap = 0; tap < taps; tap++)
            weights.Slice(((tap * depth) + First) * columns, Depth * columns).CopyTo(part.AsSpan(tap * Depth * columns));
        return part;
    }

    private static int[] Magnitudes(ReadOnlySpan<sbyte> weights, int taps, int depth, int columns, int first, int end)
    {
        int[] totals = new int[columns];
        for (int row = 0; row < taps * (end - first); row++)
        {
            int at = ((row / (end - first) * depth) + first + (row % (end - first))) * columns;
            for (int c = 0; c < columns; c++)
                totals[c] += Math.Abs((int)weights[at + c]);
        }
        return totals;
    }
}
