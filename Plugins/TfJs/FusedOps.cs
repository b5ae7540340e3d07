using System.Collections.Immutable;
using TransformFramework.Graphs;
using TransformFramework.ModelFiles;
using TransformFramework.Toolkit.Ops;

namespace TransformFramework.TfJs;

/// <summary>
/// Takes apart what the converter fused: <c>_FusedConv2D</c>, <c>FusedDepthwiseConv2dNative</c>, <c>_FusedMatMul</c> become the product, BiasAdd and the activation, of which the last keeps the fused node's name;
/// <c>Prelu</c> becomes Relu(x) − alpha · Relu(−x).
/// </summary>
internal static class FusedOps
{
    private static readonly string[] Extra = ["fused_ops", "num_args", "num_host_args", "TArgs", "epsilon", "leakyrelu_alpha", "filter_format"];

    /// <summary>The graph without fused ops.</summary>
    /// <exception cref="ModelFormatException">A fused op has an activation that is not known.</exception>
    public static Graph Split(Graph graph)
    {
        var nodes = ImmutableArray.CreateBuilder<Node>(graph.Nodes.Length);
        var names = graph.Nodes.Select(node => node.Name).ToHashSet(StringComparer.Ordinal);
        foreach (Node node in graph.Nodes)
        {
            string? product = node.Op switch
            {
                "_FusedConv2D" or "FusedConv2D" => "Conv2D",
                "FusedDepthwiseConv2dNative" or "_FusedDepthwiseConv2dNative" => "DepthwiseConv2dNative",
                "_FusedMatMul" or "FusedMatMul" => "MatMul",
                _ => null,
            };
            if (product is not null)
                nodes.AddRange(Split(node, product, names));
            else if (node.Op == "Prelu")
                nodes.AddRange(Prelu(node, node.Name, node.Inputs[0], node.Inputs[1], names));
            else
                nodes.Add(node);
        }
        return new(nodes.ToImmutable(), graph.Functions, graph.Versions);
    }

    private static IEnumerable<Node> Split(Node node, string product, HashSet<string> names)
    {
        string[] steps = node.Attributes.TryGetValue("fused_ops", out AttributeValue? value) && value is ListValue list ? [.. list.Items.OfType<BytesValue>().Select(item => item.Text)] : [];
        NodeInput[] inputs = [.. node.DataInputs];
        if (inputs.Length < 2)
            throw TfJsDiagnostics.Malformed($"node '{node.Name}' ({node.Op}) has {inputs.Length} inputs");
        var results = new List<Node>();
        AttributeMap attributes = Extra.Aggregate(node.Attributes, (map, name) => map.Without(name));
        results.Add(OpDefaults.Complete(new(steps.Length == 0 ? node.Name : Name(product), product, [inputs[0], inputs[1], .. node.ControlInputs], attributes)));
        int next = 2;
        for (int i = 0; i < steps.Length; i++)
        {
            string name = i == steps.Length - 1 ? node.Name : Name(steps[i]);
            NodeInput previous = NodeInput.Data(results[^1].Name);
            if (steps[i] == "BiasAdd")
                results.Add(Node(name, "BiasAdd", [previous, Argument()], ("data_format", Layout(node))));
            else if (steps[i] == "Prelu")
                results.AddRange(Prelu(node, name, previous, Argument(), names));
            else
                results.Add(Activation(name, steps[i], previous));
        }
        return results;

        NodeInput Argument() => next < inputs.Length ? inputs[next++] : throw TfJsDiagnostics.Malformed($"node '{node.Name}' ({node.Op}) lacks an input");

        string Name(string part) => Unique(node.Name + "/" + part, names);

        Node Activation(string name, string op, NodeInput input) => op switch
        {
            "Relu" or "Relu6" or "Elu" or "Sigmoid" or "Tanh" => Node(name, op, [input]),
            "LeakyRelu" => Node(name, op, [input], ("alpha", node.Attributes.TryGetValue("leakyrelu_alpha", out AttributeValue? alpha) ? alpha : 0.2f)),
            _ => throw new ModelFormatException($"node '{node.Name}' ({node.Op}) fuses '{op}', which is not known") { DiagnosticId = TfJsDiagnostics.Unsupported.Id },
        };

        Node Node(string name, string op, ImmutableArray<NodeInput> sources, params (string Name, AttributeValue Value)[] extra) =>
            OpDefaults.Complete(new(name, op, sources, AttributeMap.Of(extra.Prepend(("T", node.TypeAttribute("T") ?? DataType.Float)))));
    }

    private static IEnumerable<Node> Prelu(Node node, string name, NodeInput x, NodeInput alpha, HashSet<string> names)
    {
        AttributeMap type = AttributeMap.Of(("T", node.TypeAttribute("T") ?? DataType.Float));
        string positive = Unique(name + "/Relu", names), negated = Unique(name + "/Neg", names), negative = Unique(name + "/Relu_1", names), scaled = Unique(name + "/mul", names);
        return
        [
            new(positive, "Relu", [x], type), new(negated, "Neg", [x], type), new(negative, "Relu", [negated], type),
            new(scaled, "Mul", [alpha, negative], type), new(name, "Sub", [positive, scaled], type),
        ];
    }

    private static string Layout(Node node) => node.String("data_format", "NHWC");

    private static string Unique(string name, HashSet<string> names)
    {
        string unique = name;
        for (int i = 1; !names.Add(unique); i++)
            unique = name + "_" + i.ToString(System.Globalization.CultureInfo.InvariantCulture);
        return unique;
    }
}
