using TransformFramework.Graphs;
using TransformFramework.Onnx.Inference;

namespace TransformFramework.Onnx.Writing;

/// <summary>Shapes of what nodes give that ONNX lacks, for models that begin behind them.</summary>
internal static class UnwrittenShapes
{
    public static TensorShape Of(Graph graph, Node node, int port) => node.Op switch
    {
        "DecodeWav" when port == 0 => TensorShape.Of(Attribute(node, "desired_samples"), Attribute(node, "desired_channels")),
        "AudioSpectrogram" => Spectrogram(Source(graph, node), node),
        "Mfcc" => Features(Source(graph, node), node),
        "SparseFillEmptyRows" or "SparseReshape" => port == 0 ? TensorShape.Of(-1, -1) : TensorShape.Of(-1),
        "StringToHashBucketFast" or "StringToHashBucket" or "StringToHashBucketStrong" or "StringLength" => graph.Find(node.Inputs[0].Node) is { } source ? Of(graph, source, node.Inputs[0].Port) : TensorShape.Unknown,
        _ when node.Op.StartsWith("SparseSegment", StringComparison.Ordinal) => Rows(graph, node),
        _ => TensorShape.Unknown,
    };

    /// <summary>[channels, windows, frequencies]: half a window's spectrum, of the next power of two.</summary>
    private static TensorShape Spectrogram(TensorShape audio, Node node)
    {
        long window = Attribute(node, "window_size");
        long stride = Attribute(node, "stride");
        if (window <= 1 || stride <= 0 || window > int.MaxValue)
            return TensorShape.Of(-1, -1, -1);
        bool isKnown = audio is { Rank: 2 } && audio[0] >= window;
        return TensorShape.Of(audio is { Rank: 2 } ? audio[1] : -1, isKnown ? 1 + ((audio[0] - window) / stride) : -1, 1 + (long)(System.Numerics.BitOperations.RoundUpToPowerOf2((uint)window) / 2));
    }

    private static TensorShape Features(TensorShape spectrogram, Node node) => TensorShape.Of(
        spectrogram is { Rank: 3 } ? spectrogram[0] : -1, spectrogram is { Rank: 3 } ? spectrogram[1] : -1, node.Attributes.TryGetValue("dct_coefficient_count", out var value) && value is IntValue { Value: > 0 } count ? count.Value : 13);

    /// <summary>Rows of the first input, in a number that depends on the others.</summary>
    private static TensorShape Rows(Graph graph, Node node)
    {
        Node? table = graph.Find(node.Inputs[0].Node);
        while (table is { Op: "Identity" or "Dequantize", Inputs.Length: > 0 })
            table = graph.Find(table.Inputs[0].Node);
        return table?.TensorAttribute("value") is { Shape.Rank: > 0 } rows ? TensorShape.Of([-1, .. rows.Shape.Dimensions.Skip(1)]) : TensorShape.Unknown;
    }

    private static TensorShape Source(Graph graph, Node node) => graph.Find(node.Inputs[0].Node) is { } source ? Of(graph, source, node.Inputs[0].Port) : TensorShape.Unknown;

    private static long Attribute(Node node, string name) => node.Attributes.TryGetValue(name, out var value) && value is IntValue { Value: > 0 } number ? number.Value : -1;
}
