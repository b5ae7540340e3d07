using System.Globalization;
using TransformFramework.Graphs;
using TransformFramework.Toolkit.Classic;
using TransformFramework.Transforms;

namespace TransformFramework.Quantization.Classic;

/// <summary>Requantizations that the fused convolutions of oneDNN builds do not compute.</summary>
internal static class FusionDeclines
{
    /// <summary>Why a requantization must stay apart, or null.</summary>
    /// <param name="graph">The graph of the match.</param>
    /// <param name="match">The Requantize with its convolution and its constant range.</param>
    /// <param name="residual">The node that gives the quantized values of a residual with the type that the fused op reads, or null.</param>
    /// <param name="type">The result's type of the fused op.</param>
    /// <param name="context">The run.</param>
    public static string? Find(Graph graph, NodeMatch match, (Node Node, DataType Type)? residual, DataType type, TransformContext context)
    {
        Node convolution = match.Inputs[0].Node;
        if (context.OutputNames.Any(output => new NodeInput(output).Node == convolution.Name))
            return $"'{convolution.Name}' is an output of the run";
        if (!match.Node.DataInputs.Take(3).SequenceEqual(Enumerable.Range(0, 3).Select(port => NodeInput.Data(convolution.Name, port)), SameOutput.Instance))
            return $"it does not read the three outputs of '{convolution.Name}' in order";
        if (convolution.TypeAttribute("Tfilter") is not DataType.QInt8)
            return $"the filter of '{convolution.Name}' is not qint8, which the fused op wants";
        if (match.Node.TypeAttribute("out_type") != type)
            return $"the fused op gives {type.Name()}, its readers want another type";
        if (residual is { } added && (added.Node.TypeAttribute("out_type") ?? DataType.QUInt8) != added.Type)
            return $"its residual '{added.Node.Name}' is not {added.Type.Name()}";
        if (residual is { Node.Op: "Requantize" } plain && DeclineOfRange(graph.Find(plain.Node.Inputs[3].Node), graph.Find(plain.Node.Inputs[4].Node), plain.Type) is { } reason)
            return $"its residual does not fit: {reason}";
        return DeclineOfRange(match.Inputs[3].Node, match.Inputs[4].Node, type);
    }

    private static string? DeclineOfRange(Node? min, Node? max, DataType type)
    {
        if (min?.TensorAttribute("value") is not { Type: DataType.Float, ElementCount: 1, IsDecodable: true } low
            || max?.TensorAttribute("value") is not { Type: DataType.Float, ElementCount: 1, IsDecodable: true } high)
            return "its range is not two constant floats";
        float lowest = low.AsSpan<float>()[0];
        float highest = high.AsSpan<float>()[0];
        bool isPlain = float.IsFinite(highest) && highest > 0 && lowest == (type == DataType.QInt8 ? -highest : 0);
        return isPlain ? null : string.Create(CultureInfo.InvariantCulture, $"its range {lowest} to {highest} has a zero point, which the fused op has not");
    }

    private sealed class SameOutput : IEqualityComparer<NodeInput>
    {
        public static readonly SameOutput Instance = new();

        public bool Equals(NodeInput x, NodeInput y) => x.Canonical == y.Canonical;

        public int GetHashCode(NodeInput input) => input.Canonical.GetHashCode(StringComparison.Ordinal);
    }
}
