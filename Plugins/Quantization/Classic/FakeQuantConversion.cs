using System.Collections.Immutable;
using TransformFramework.Graphs;
using TransformFramework.Toolkit.Classic;
using TransformFramework.Transforms;

namespace TransformFramework.Quantization.Classic;

/// <summary>Third pass of quantize_nodes: a fake quantization becomes a real one to its fixed range. Without --verbatim only one of 8 bits over the full range of quantized values.</summary>
internal static class FakeQuantConversion
{
    private static readonly OpPattern FakeQuant = OpPattern.Of("FakeQuantWithMinMaxVars", "*", "Const", "Const");

    public static Graph Apply(Graph graph, TransformContext context) =>
        PatternReplacement.Apply(graph, FakeQuant, site => Convert(site.Match, context));

    private static ImmutableArray<Node> Convert(NodeMatch match, TransformContext context)
    {
        Node fake = match.Node;
        if (!context.IsVerbatim && DeclineOf(fake) is { } decline)
        {
            context.Explain(fake.Name, decline);
            return match.AllNodes();
        }
        NodeInput min = fake.Inputs[1];
        NodeInput max = fake.Inputs[2];
        Node quantize = EightBitNodes.Quantize(fake.Name + "_eightbit/quantize", DataType.QInt32, fake.Inputs[0], min, max);
        Node requantize = EightBitNodes.Requantize(fake.Name + "_eightbit/requantize", quantize.Name, min, max);
        context.Count("fake quantizations converted");
        return [match.Inputs[0].Node, match.Inputs[1].Node, match.Inputs[2].Node, quantize, requantize, EightBitNodes.Dequantize(fake.Name, requantize.Name)];
    }

    private static string? DeclineOf(Node fake)
    {
        if (fake.Attributes.TryGetValue("num_bits", out var bits) && bits is IntValue { Value: not 8 } other)
            return $"it has {other.Value} bits";
        return fake.Bool("narrow_range", otherwise: false) ? "it leaves out the lowest quantized value (narrow_range)" : null;
    }
}
