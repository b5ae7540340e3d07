using TransformFramework.Graphs;
using TransformFramework.Toolkit.Ops;

namespace TransformFramework.Workflows.Tuning;

/// <summary>
/// A float graph in which one layer is quantized: the quantized graph's layer stands beside it and reads what the float graph computes, and what read the float layer reads its result.
/// <code>
/// y = Conv2D(x, w)      →      y = Conv2D(x, w)
/// z = Relu(y)                  beside/y/quantized = QuantizedConv2D…(forced/x, …)      forced/x = QuantizeV2(x, range of x/quantized)
///                              z = Relu(Dequantize(beside/y/quantized))
/// </code>
/// </summary>
internal sealed class ForcedGraph
{
    private const string Beside = "beside/";
    private const string Forced = "forced/";
    private const float SmallestDefaultRange = 0.01f;
    private readonly Graph reference;
    private readonly Graph quantized;
    private readonly Dictionary<string, Node> made = new(StringComparer.Ordinal);

    private ForcedGraph(Graph reference, Graph quantized)
    {
        this.reference = reference;
        this.quantized = quantized;
    }

    /// <summary>The graph for a layer, and where it has the outputs; null when the layer is not quantized.</summary>
    /// <param name="reference">The float graph.</param>
    /// <param name="quantized">The quantized graph, whose tensors have the names that quantize gives them.</param>
    /// <param name="layer">A layer of the float graph.</param>
    /// <param name="outputs">Outputs of the float graph.</param>
    public static (Graph Graph, string[] Outputs)? Of(Graph reference, Graph quantized, Node layer, IReadOnlyList<string> outputs)
    {
        var forced = new ForcedGraph(reference, quantized);
        if (forced.TailOf(layer) is not { } tail)
            return null;
        string result = forced.ResultOf(tail);
        var nodes = reference.Nodes.Select(node => node with { Inputs = [.. node.Inputs.Select(input => Instead(input))] });
        return (new Graph([.. nodes, .. forced.made.Values], quantized.Functions), [.. outputs.Select(output => Instead(output).Text)]);

        NodeInput Instead(NodeInput input) => input.Node == tail.Name && !input.IsControl && input.Port == 0 ? result : input;
    }

    /// <summary>The node of the float graph whose result the quantized layer has; null when there is none.</summary>
    private Node? TailOf(Node layer)
    {
        Node? tail = layer;
        while (tail is not null && !IsJudged(tail))
            tail = reference.ConsumersOf(tail) is [{ Node: var reader }] ? reader : null;
        return tail;
    }

    private string ResultOf(Node tail) => quantized.Find(tail.Name) is { } real ? Copy(real).Node : Dequantized(quantized.Find(QuantizedTensorNames.Of(tail.Name))!);

    private bool IsJudged(Node node) => quantized.Find(node.Name) is not null || quantized.Find(QuantizedTensorNames.Of(node.Name)) is not null;

    private string Dequantized(Node values)
    {
        var (min, max) = RangeOf(values)!.Value;
        string name = Forced + values.Name + "/real";
        made.TryAdd(name, new Node(name, "Dequantize", Copy(values), Source(min), Source(max)).With("T", TypeOf(values)).With("mode", "SCALED"));
        return name;
    }

    /// <summary>The copy of a node, reading what the float graph computed.</summary>
    private NodeInput Copy(Node node)
    {
        string name = Beside + node.Name;
        if (made.TryAdd(name, node))
            made[name] = node with { Name = name, Inputs = [.. node.DataInputs.Select(Source)] };
        return name;
    }

    private NodeInput Source(NodeInput input)
    {
        Node producer = quantized.Find(input.Node)!;
        if (producer.Op is "Placeholder" or "PlaceholderWithDefault" || (producer.Op != "Const" && reference.Find(producer.Name) is { Op: not "Const" }))
            return input;
        if (producer.Op != "QuantizeV2" && OriginalOf(producer) is { } original && RangeOf(producer) is { } range)
            return NodeInput.Data(ForcedValues(original, producer, range), input.Port);
        return NodeInput.Data(Copy(producer).Node, input.Port);
    }

    private string ForcedValues(string original, Node values, (NodeInput Min, NodeInput Max) range)
    {
        string name = Forced + original;
        if (made.ContainsKey(name))
            return name;
        bool isSmall = ValueOf(range.Max) is { } end && end < SmallestDefaultRange;
        Node node = new Node(name, "QuantizeV2", original, Source(range.Min), Source(range.Max)).With("T", TypeOf(values)).With("mode", "SCALED").With("round_mode", "HALF_TO_EVEN").With("narrow_range", TypeOf(values) == DataType.QInt8);
        made[name] = isSmall ? node.With("ensure_minimum_range", 0f) : node;
        return name;
    }

    private string? OriginalOf(Node values) =>
        values.Name.EndsWith(Suffix, StringComparison.Ordinal) && reference.Find(values.Name[..^Suffix.Length]) is { } real ? real.Name : null;

    private static string Suffix { get; } = QuantizedTensorNames.Of("");

    /// <summary>The range of a layer's quantized values; those of a product are reshaped from a convolution's.</summary>
    private (NodeInput Min, NodeInput Max)? RangeOf(Node values) => values.Op switch
    {
        "Reshape" => RangeOf(quantized.Find(values.Inputs[0].Node)!),
        "QuantizeV2" => (values.Inputs[1], values.Inputs[2]),
        "RequantizePerChannel" => (values.Inputs[3], values.Inputs[4]),
        _ when values.Op.EndsWith("AndRequantize", StringComparison.Ordinal) && values.Inputs.Length > 8 => (values.Inputs[7], values.Inputs[8]),
        _ => null,
    };

    private static DataType TypeOf(Node values) => values.TypeAttribute(values.Op is "Reshape" or "QuantizeV2" ? "T" : "out_type") ?? DataType.QUInt8;

    private float? ValueOf(NodeInput input) => quantized.Find(input.Node)?.TensorAttribute("value") is { Type: DataType.Float, ElementCount: 1 } value ? value.AsSpan<float>()[0] : null;
}
