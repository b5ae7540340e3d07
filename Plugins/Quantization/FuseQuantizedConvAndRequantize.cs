using System.Collections.Immutable;
using TransformFramework.Graphs;
using TransformFramework.Quantization.Classic;
using TransformFramework.Toolkit.Classic;
using TransformFramework.Transforms;

namespace TransformFramework.Quantization;

/// <summary>
/// Joins the quantized convolutions of oneDNN builds with the requantization to a constant range that follows.
/// <code>
/// c = QuantizedConv2DWithBiasAndRelu(x, w, bias, …)      →      y = QuantizedConv2DWithBiasAndReluAndRequantize(x, w, bias, …, min, max)
/// y = Requantize(c, c:1, c:2, min, max)
/// </code>
/// Freeze the ranges first. Results with Relu are quint8, others qint8; a residual is read in 8 bits, before its Dequantize. A float bias behind another fused convolution becomes qint32 in
/// units of the products. The fused ops have no zero points: without --verbatim a convolution stays where its filter is not qint8, where the result's range is neither 0 to max (quint8) nor -max
/// to max (qint8), and where the result would change its type. Results differ by one level at most.
/// </summary>
[Transform("fuse_quantized_conv_and_requantize", Summary = "Joins oneDNN's quantized convolutions with the requantization that follows.", IsClassic = true, IsLossy = true)]
public sealed class FuseQuantizedConvAndRequantize : Transform
{
    private const string Suffix = "AndRequantize";
    private const string WithSum = "QuantizedConv2DWithBiasSumAndRelu";

    private static readonly ImmutableArray<string> Signed = ["QuantizedConv2D", "QuantizedConv2DWithBias"];

    private static readonly ImmutableArray<string> Ops = [.. Signed, "QuantizedConv2DWithRelu", "QuantizedConv2DAndRelu", "QuantizedConv2DWithBiasAndRelu", WithSum];

    private static readonly ImmutableArray<string> Required = ["Tinput", "Tfilter", "strides", "padding"];

    protected override Graph Apply(Graph graph, TransformContext context)
    {
        foreach (string op in Ops)
            graph = FuseAll(graph, op, context);
        return FusedBias.Quantize(graph, context).AsNodesOnly(context);
    }

    /// <summary>Joins every convolution of an op. Matches that share a constant exclude each other, so the search is repeated, as the original does not.</summary>
    private static Graph FuseAll(Graph graph, string op, TransformContext context)
    {
        OpPattern pattern = OpPattern.Of("Requantize", op, op, op, "Const", "Const");
        var told = new HashSet<string>(StringComparer.Ordinal);
        Graph before;
        do
        {
            before = graph;
            graph = PatternReplacement.Apply(graph, pattern, site => Fuse(before, site.Match, context, Tell), onUndone: (match, lost) =>
                Tell(match.Node.Name, $"it is not joined with '{lost}', which is read elsewhere too"));
        }
        while (!context.IsVerbatim && graph.Nodes.Length < before.Nodes.Length);
        return graph;

        void Tell(string node, string reason)
        {
            if (told.Add(node))
                context.Explain(node, reason);
        }
    }

    private static IEnumerable<Node> Fuse(Graph graph, NodeMatch match, TransformContext context, Action<string, string> tell)
    {
        Node convolution = match.Inputs[0].Node;
        (Node Node, DataType Type)? residual = convolution.Op == WithSum ? ResidualOf(graph, convolution) : null;
        string? reason = convolution.Op == WithSum && residual is null ? "its residual does not come from a Dequantize of 8-bit values"
            : context.IsVerbatim ? null
            : FusionDeclines.Find(graph, match, residual, ResultType(convolution.Op), context);
        if (reason is not null)
        {
            tell(match.Node.Name, reason);
            return match.AllNodes();
        }
        context.Count("requantizations joined");
        Node fused = Fused(match, residual);
        return [match.Inputs[3].Node, match.Inputs[4].Node, context.IsVerbatim ? fused : fused with { Inputs = [.. fused.Inputs, .. convolution.ControlInputs, .. match.Node.ControlInputs] }];
    }

    private static Node Fused(NodeMatch match, (Node Node, DataType Type)? residual)
    {
        Node convolution = match.Inputs[0].Node;
        IEnumerable<NodeInput> inputs = residual is null ? convolution.DataInputs : convolution.DataInputs.SkipLast(1);
        inputs = [.. inputs, match.Inputs[3].Node.Name, match.Inputs[4].Node.Name];
        if (residual is { Node.Name: var added })
            inputs = [.. inputs, added, NodeInput.Data(added, 1), NodeInput.Data(added, 2)];
        string op = residual is { Type: DataType.QInt8 } ? "QuantizedConv2DWithBiasSignedSumAndRelu" : convolution.Op;
        var fused = new Node(match.Node.Name, op + Suffix, [.. inputs], AttributeMap.Empty, convolution.Device);
        foreach (string name in Required)
            fused = fused.With(name, convolution.RequiredAttribute(name));
        fused = fused.WithAttributeOf(convolution, "dilations").WithAttributeOf(convolution, "padding_list").With("out_type", ResultType(convolution.Op));
        return residual is { Type: var type } ? fused.With("Tsummand", type) : fused;
    }

    private static DataType ResultType(string convolution) => Signed.Contains(convolution) ? DataType.QInt8 : DataType.QUInt8;

    /// <summary>The node that gives the quantized values of a sum's last input, with the type that it has when it is joined itself; or null.</summary>
    private static (Node Node, DataType Type)? ResidualOf(Graph graph, Node convolution)
    {
        if (graph.Find(convolution.DataInputs.Last().Node) is not { Op: "Dequantize" } dequantize || graph.Find(dequantize.Inputs[0].Node) is not { } source)
            return null;
        bool isRequantize = source.Op == "Requantize";
        if (!isRequantize && !source.Op.EndsWith(Suffix, StringComparison.Ordinal))
            return null;
        string? op = isRequantize ? graph.Find(source.Inputs[0].Node)?.Op : source.Op[..^Suffix.Length];
        return (source, op is null ? DataType.QUInt8 : ResultType(op));
    }
}
