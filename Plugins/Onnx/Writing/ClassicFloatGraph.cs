using System.Collections.Frozen;
using System.Collections.Immutable;
using TransformFramework.Graphs;
using TransformFramework.Toolkit.Weights;

namespace TransformFramework.Onnx.Writing;

/// <summary>
/// The float graph that a classic 8-bit one means. ONNX has no ops of tensors whose ranges are computed in each run; without the rounding in between, the same ops compute the same of real values. Weights stay 8 bits behind a Dequantize.
/// <code>
/// q = QuantizeV2(x, min, max)                                                       q = Identity(x)
/// c = QuantizedConv2D(q, w, q:1, q:2, least, most)                           →      c = Conv2D(q, c/float_1)      c/float_1 = Dequantize(w, least, most)
/// y = Dequantize(c, c:1, c:2)                                                       y = Identity(c)
/// </code>
/// </summary>
internal sealed class ClassicFloatGraph
{
    /// <summary>For each op the float one, and for each of its operands the input and the first of its range; -1 for an operand without a range.</summary>
    private static readonly FrozenDictionary<string, (string Op, (int Input, int Range)[] Operands)> Ops = new Dictionary<string, (string, (int, int)[])>(StringComparer.Ordinal)
    {
        ["QuantizedConv2D"] = ("Conv2D", [(0, 2), (1, 4)]),
        ["QuantizedMatMul"] = ("MatMul", [(0, 2), (1, 4)]),
        ["QuantizedBiasAdd"] = ("BiasAdd", [(0, 2), (1, 4)]),
        ["QuantizedAdd"] = ("AddV2", [(0, 2), (1, 4)]),
        ["QuantizedMul"] = ("Mul", [(0, 2), (1, 4)]),
        ["QuantizedRelu"] = ("Relu", [(0, 1)]),
        ["QuantizedRelu6"] = ("Relu6", [(0, 1)]),
        ["QuantizedMaxPool"] = ("MaxPool", [(0, 1)]),
        ["QuantizedAvgPool"] = ("AvgPool", [(0, 1)]),
        ["QuantizedReshape"] = ("Reshape", [(0, 2), (1, -1)]),
        ["QuantizedResizeBilinear"] = ("ResizeBilinear", [(0, 2), (1, -1)]),
        ["QuantizeDownAndShrinkRange"] = ("Identity", [(0, 1)]),
        ["Requantize"] = ("Identity", [(0, 1)]),
    }.ToFrozenDictionary(StringComparer.Ordinal);

    private const string Concat = "QuantizedConcat";

    /// <summary>Attributes that the float ops share with theirs.</summary>
    private static readonly FrozenSet<string> Kept = FrozenSet.ToFrozenSet(["strides", "padding", "dilations", "ksize", "transpose_a", "transpose_b", "Tshape", "align_corners", "half_pixel_centers", "N"], StringComparer.Ordinal);

    private readonly Graph graph;
    private readonly HashSet<string> changed;
    private readonly List<Node> nodes = [];

    private ClassicFloatGraph(Graph graph, HashSet<string> changed)
    {
        this.graph = graph;
        this.changed = changed;
    }

    /// <summary>The graph, without classic ops; the same where it has none.</summary>
    public static Graph Of(Graph graph)
    {
        HashSet<string> found = [.. graph.Nodes.Where(IsClassic).Select(node => node.Name)];
        if (found.Count == 0)
            return graph;
        found.UnionWith(graph.Nodes.Where(node => node.Op == "QuantizeV2" && IsRead(graph, node)).Select(node => node.Name));
        found.UnionWith([.. graph.Nodes.Where(node => node.Op == "Dequantize" && node.Inputs.Length > 0 && found.Contains(node.Inputs[0].Node)).Select(node => node.Name)]);
        var meaning = new ClassicFloatGraph(graph, found);
        foreach (Node node in graph.Nodes)
            meaning.nodes.Add(found.Contains(node.Name) ? meaning.Float(node) : node);
        return graph.WithNodes([.. meaning.nodes]);
    }

    private static bool IsClassic(Node node) => node.Op == Concat || Ops.ContainsKey(node.Op);

    /// <summary>True for a tensor that a classic op reads, or whose range is computed.</summary>
    private static bool IsRead(Graph graph, Node quantize) =>
        graph.ConsumersOf(quantize.Name).Any(consumer => IsClassic(consumer.Node)) || (quantize.Inputs.Length > 1 && graph.Find(quantize.Inputs[1].Node)?.Op != "Const");

    private Node Float(Node node)
    {
        if (node.Op is "QuantizeV2" or "Dequantize")
            return Make(node, "Identity", [node.Inputs[0]]);
        if (node.Op == Concat)
        {
            int count = (node.DataInputs.Count() - 1) / 3;
            return Make(node, "Concat", [node.Inputs[0], .. Enumerable.Range(1, count).Select(i => Operand(node, i, node.Inputs[i + count], node.Inputs[i + (2 * count)]))]);
        }
        var (op, operands) = Ops[node.Op];
        return Make(node, op, [.. operands.Select(operand => operand.Range < 0 ? node.Inputs[operand.Input] : Operand(node, operand.Input, node.Inputs[operand.Range], node.Inputs[operand.Range + 1]))]);
    }

    /// <summary>What an operand means: itself where its producer changes, else its real values.</summary>
    private NodeInput Operand(Node node, int input, NodeInput least, NodeInput most)
    {
        NodeInput operand = node.Inputs[input];
        if (changed.Contains(operand.Node))
            return operand;
        string name = graph.FreeName($"{node.Name}/float_{input}");
        DataType type = graph.Find(operand.Node)?.TypeAttribute("dtype") ?? DataType.QUInt8;
        nodes.Add(new Node(name, "Dequantize", operand, least, most).With("T", type).With("mode", "MIN_FIRST"));
        return NodeInput.Data(name);
    }

    private static Node Make(Node node, string op, ImmutableArray<NodeInput> inputs) =>
        new(node.Name, op, [.. inputs, .. node.ControlInputs], AttributeMap.Of([.. node.Attributes.Where(attribute => Kept.Contains(attribute.Key)).Select(attribute => (attribute.Key, attribute.Value)), ("T", DataType.Float)]), node.Device);
}
