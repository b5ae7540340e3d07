using TransformFramework.Graphs;
using TransformFramework.ModelFiles;
using TransformFramework.Onnx.Inference;
using TransformFramework.Onnx.Model;

namespace TransformFramework.Onnx.Writing;

/// <summary>Shapes of inputs: as they are declared, else as the nodes before them or behind them tell. A scalar that an operator of images or matrices reads is one of strip_unused_nodes, which states no shape.</summary>
internal static class InputShapes
{
    /// <summary>How many nodes that keep a rank are looked through.</summary>
    private const int Farthest = 16;

    public static TensorShape Of(WriteContext context, NodeInput input, Node node)
    {
        if (node.Attributes.TryGetValue("shape", out var value) && value is ShapeValue given && !given.Value.IsUnknownRank && (given.Value.Rank > 0 || RankBehind(context.Graph, input) < 0))
            return given.Value;
        if (node.Attributes.TryGetValue("_output_shapes", out var list) && list is ListValue { Items: [ShapeValue first, ..] } && !first.Value.IsUnknownRank && input.Port == 0)
            return first.Value;
        if (node.TensorAttribute("value") is { } constant)
            return constant.Shape;
        TensorShape before = node.Op == "Placeholder" ? TensorShape.Unknown : Computed(context, input);
        if (!before.IsUnknownRank)
            return before;
        TensorShape own = UnwrittenShapes.Of(context.Graph, node, input.Port);
        if (!own.IsUnknownRank)
            return own;
        int rank = RankBehind(context.Graph, input);
        if (rank < 0 && node.Op == "Placeholder")
            rank = FreeRank(context.Graph, input);
        return rank < 0 ? TensorShape.Unknown : TensorShape.Of([.. Enumerable.Repeat(-1L, rank)]);
    }

    /// <summary>The shape that the nodes before tell, when they can be written.</summary>
    private static TensorShape Computed(WriteContext context, NodeInput input)
    {
        var attempt = new GraphWriter(new WriteContext(context.Graph, context.Opset, context.Cancellation), context.Graph);
        foreach (Node placeholder in context.Graph.Nodes.Where(node => node.Op == "Placeholder"))
        {
            DataType type = ElementTypes.ToDataType(ElementTypes.Of(placeholder.TypeAttribute("dtype") ?? DataType.Invalid));
            TensorShape shape = placeholder.Shape("shape", TensorShape.Unknown);
            if (type != DataType.Invalid)
                attempt.Bind(NodeInput.Data(placeholder.Name), new WrittenValue(new Operand(new ValueInfo(type, shape), placeholder.Name)));
        }
        try
        {
            attempt.Write([input]);
            return attempt[input].Info.Shape;
        }
        catch (ModelFormatException)
        {
            return TensorShape.Unknown;
        }
    }

    /// <summary>A rank for an input that goes with any: 0 for a factor, divisor or addend of what is computed, 2 for rows that are only brought into another shape; -1 when others read it.</summary>
    private static int FreeRank(Graph graph, NodeInput input)
    {
        Node[] readers = [.. graph.ConsumersOf(input.Node).Where(consumer => consumer.Node.Inputs[consumer.Input].Canonical == input.Canonical).Select(consumer => consumer.Node)];
        bool isReshaped = readers.Length > 0 && Array.TrueForAll(readers, reader => reader.Op is "Reshape" or "Shape");
        bool isScalar = readers.Length > 0 && Array.TrueForAll(readers, reader => reader.Op is "Add" or "AddV2" or "Sub" or "Mul" or "RealDiv" or "Div" && IsBesideComputed(graph, reader, input));
        return isReshaped ? 2 : isScalar ? 0 : -1;
    }

    private static bool IsBesideComputed(Graph graph, Node reader, NodeInput input) =>
        reader.DataInputs.Any(other => other.Canonical != input.Canonical && graph.Find(other.Node) is { Op: not ("Placeholder" or "PlaceholderWithDefault" or "Const") });

    /// <summary>The rank that a node that reads the tensor asks for, or -1.</summary>
    private static int RankBehind(Graph graph, NodeInput input)
    {
        var seen = new HashSet<string>(StringComparer.Ordinal);
        var open = new Queue<(string Tensor, int Distance)>([(input.Canonical, 0)]);
        while (open.TryDequeue(out var next))
        {
            if (next.Distance > Farthest || !seen.Add(next.Tensor))
                continue;
            foreach (Consumer consumer in graph.ConsumersOf(new NodeInput(next.Tensor).Node).Where(consumer => consumer.Node.Inputs[consumer.Input].Canonical == next.Tensor))
            {
                switch (consumer.Node.Op)
                {
                    case "Conv2D" or "DepthwiseConv2dNative" or "MaxPool" or "AvgPool" or "FusedBatchNorm" or "ResizeBilinear" or "ResizeNearestNeighbor" or "SpaceToBatchND" when consumer.Input == 0:
                        return 4;
                    case var op when consumer.Input == 0 && op.StartsWith("Quantized", StringComparison.Ordinal) && op.Contains("Conv2D", StringComparison.Ordinal):
                        return 4;
                    case "MatMul":
                        return 2;
                    case "Identity" or "Relu" or "Cast" or "Floor" or "Round" or "Neg" or "Sigmoid" or "Tanh" or "QuantizeV2":
                        open.Enqueue((consumer.Node.Name + ":0", next.Distance + 1));
                        break;
                }
            }
        }
        return -1;
    }
}
