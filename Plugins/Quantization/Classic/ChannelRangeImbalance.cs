using System.Globalization;
using TransformFramework.Diagnostics;
using TransformFramework.Graphs;
using TransformFramework.Toolkit.Weights;
using TransformFramework.Transforms;

namespace TransformFramework.Quantization.Classic;

/// <summary>
/// Weights whose channels differ so much in range that 8-bit values of one range leave little of most of them. A channel is poor when its largest weight is less than
/// <see cref="FewestLevels"/> levels away from zero; weights are imbalanced when more than half of their channels are poor. Channels that are next to zero in any case do not count.
/// </summary>
internal static class ChannelRangeImbalance
{
    private const float FewestLevels = 4;
    private const float Levels = 255;

    /// <summary>What a channel's largest weight is at most, as a part of the largest of all, when training has switched the channel off.</summary>
    private const float Nothing = 1e-5f;

    private const int Named = 3;

    /// <summary>Warns of constants that are imbalanced as weights, the worst ones first.</summary>
    /// <param name="graph">The graph before anything is quantized.</param>
    /// <param name="rangeOf">Smallest and largest of the constant weights of a convolution or product that get one range, or null.</param>
    /// <param name="context">The run.</param>
    public static void Warn(Graph graph, Func<Node, Node, FloatExtremes?> rangeOf, TransformContext context)
    {
        var spreads = new Dictionary<string, Spread>(StringComparer.Ordinal);
        foreach (Node node in graph.Nodes.Where(WeightedLayer.IsOne))
        {
            if (WeightsOf(graph, node) is { } constant && !spreads.ContainsKey(constant.Name) && rangeOf(node, constant) is { } range)
                spreads[constant.Name] = SpreadOf(node, constant.TensorAttribute("value")!, range);
        }
        var imbalanced = spreads.Where(entry => entry.Value.Share > 0.5f).OrderByDescending(entry => entry.Value.Share).ToList();
        if (imbalanced.Count == 0)
            return;
        string worst = string.Join(", ", imbalanced.Take(Named).Select(entry => string.Create(CultureInfo.InvariantCulture,
            $"'{entry.Key}' ({entry.Value.Poor} of {entry.Value.Channels} channels keep fewer than {FewestLevels} levels, the largest has {entry.Value.Ratio:F0} times the range of the median)")));
        string more = imbalanced.Count > Named ? $" and {imbalanced.Count - Named} more" : "";
        context.Report(QuantizationDiagnostics.ChannelsOutOfBalance.With(worst + more) with
        {
            Node = imbalanced[0].Key,
            Suggestion = "Give each channel its own range ('quantize', or quantize(weights_only=true)), or even the channels out before ('equalize'). 'evaluate' shows what is lost.",
        });
    }

    /// <summary>The constant that a node reads as its weights, directly or through Identity; or null.</summary>
    private static Node? WeightsOf(Graph graph, Node node)
    {
        Node? source = node;
        int input = WeightedLayer.WeightsInput;
        do
        {
            source = source.DataInputs.ElementAtOrDefault(input) is { Text: not null } reference ? graph.Find(reference.Node) : null;
            input = 0;
        }
        while (source is { Op: "Identity" });
        return source is { Op: "Const" } && source.TensorAttribute("value") is { Type: DataType.Float, IsDecodable: true, Shape.Rank: >= 2, ElementCount: > 0 } ? source : null;
    }

    /// <summary>The worse one of both ways to see channels: along the last dimension and along the one before; depthwise weights have one way, along both.</summary>
    private static Spread SpreadOf(Node reader, Tensor weights, FloatExtremes range)
    {
        if (!range.AreFinite)
            return default;
        float step = (Math.Max(range.Max, 0) - Math.Min(range.Min, 0)) / Levels;
        int last = (int)weights.Shape[weights.Shape.Rank - 1];
        int before = (int)weights.Shape[weights.Shape.Rank - 2];
        bool isDepthwise = reader.Op == "DepthwiseConv2dNative";
        var (alongLast, alongSecondLast) = isDepthwise ? Magnitudes(weights.AsSpan<float>(), 1, last * before) : Magnitudes(weights.AsSpan<float>(), before, last);
        Spread x = Spread.Of(alongLast, step);
        Spread y = isDepthwise ? x : Spread.Of(alongSecondLast, step);
        return x.Share >= y.Share ? x : y;
    }

    /// <summary>The largest magnitudes of the columns and of the rows of matrices.</summary>
    private static (float[] Columns, float[] Rows) Magnitudes(ReadOnlySpan<float> matrices, int rows, int columns)
    {
        float[] ofColumns = new float[columns];
        float[] ofRows = new float[rows];
        for (int i = 0; i < matrices.Length; i += columns)
            ofRows[i / columns % rows] = Math.Max(ofRows[i / columns % rows], FloatExtremes.RaiseMagnitudes(ofColumns, matrices.Slice(i, columns)));
        return (ofColumns, ofRows);
    }

    private readonly record struct Spread(int Poor, int Channels, float Ratio)
    {
        public float Share => Channels == 0 ? 0 : (float)Poor / Channels;

        public static Spread Of(float[] magnitudes, float step)
        {
            float[] sorted = [.. magnitudes];
            Array.Sort(sorted);
            float least = Nothing * sorted[^1];
            int first = 0;
            while (first < sorted.Length && sorted[first] <= least)
                first++;
            if (first == sorted.Length)
                return default;
            int poor = 0;
            while (first + poor < sorted.Length && sorted[first + poor] < FewestLevels * step)
                poor++;
            int alive = sorted.Length - first;
            return new(poor, alive, sorted[^1] / sorted[first + (alive / 2)]);
        }
    }
}
