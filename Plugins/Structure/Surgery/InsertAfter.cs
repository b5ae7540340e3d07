using TransformFramework.Graphs;
using TransformFramework.Toolkit.Weights;
using TransformFramework.Transforms;

namespace TransformFramework.Structure.Surgery;

/// <summary>What insert_after can put behind an output.</summary>
public enum OutputOp
{
    /// <summary>Probabilities along the last dimension.</summary>
    Softmax,

    /// <summary>Probabilities element by element.</summary>
    Sigmoid,

    /// <summary>Number of the largest element along the last dimension, int64.</summary>
    Argmax,

    /// <summary>The k largest elements along the last dimension, and their numbers as output 1.</summary>
    Topk,
}

/// <summary>
/// Puts Softmax, Sigmoid, ArgMax or TopK behind an output. The new node takes the output's name, so that the run's outputs stay valid.
/// <code>
/// y = MatMul(x, w)   →   y/raw = MatMul(x, w)
///                        y = Softmax(y/raw)
/// </code>
/// Other readers of the node go on reading it under its other name.
/// </summary>
[Transform("insert_after", Summary = "Inserts Softmax, Sigmoid, ArgMax or TopK behind an output.")]
public sealed class InsertAfter : Transform<InsertAfter.Options>
{
    public sealed record Options
    {
        [Option("name", "The output's node.")]
        public required string Name { get; init; }

        [Option("op", "What comes behind it.")]
        public required OutputOp Op { get; init; }

        [Option("k", "Number of elements of topk.")]
        public int K { get; init; } = 5;
    }

    protected override Graph Apply(Graph graph, Options options, TransformContext context)
    {
        Node node = graph.Find(options.Name) ?? throw StructureDiagnostics.NoNode(options.Name);
        if (context.InputNames.Any(input => new NodeInput(input).Node == node.Name) || node.Op.StartsWith("Placeholder", StringComparison.Ordinal))
            throw StructureDiagnostics.Wrong(StructureDiagnostics.WrongNode, $"node '{node.Name}' ({node.Op}) is an input, whose name the new node would take", node.Name, "Name an output.");
        DataType type = TensorTypes.Of(graph, new NodeInput(node.Name)) ?? DataType.Float;
        if (options.Op != OutputOp.Argmax && options.Op != OutputOp.Topk && type is not (DataType.Float or DataType.Double or DataType.Half or DataType.BFloat16))
            throw StructureDiagnostics.Wrong(StructureDiagnostics.WrongNode, $"output '{node.Name}' ({node.Op}) is {type.Name()}, not real numbers", node.Name);
        Node raw = node with { Name = graph.FreeName(node.Name + "/raw") };
        Node[] added = [.. Made(graph, node.Name, raw.Name, type, options)];
        var renamed = new Dictionary<string, string>(StringComparer.Ordinal) { [node.Name] = raw.Name };
        Graph moved = graph.Select(other => ReferenceEquals(other, node)
            ? raw
            : Colocations.Rename(other with { Inputs = [.. other.Inputs.Select(input => input.Node == node.Name ? input.WithNode(raw.Name) : input)] }, renamed));
        return moved.WithNodes([.. moved.Nodes, .. added]);
    }

    private static IEnumerable<Node> Made(Graph graph, string name, string raw, DataType type, Options options)
    {
        switch (options.Op)
        {
            case OutputOp.Softmax or OutputOp.Sigmoid:
                yield return new Node(name, options.Op.ToString(), raw).With("T", type);
                break;
            case OutputOp.Argmax:
                Node axis = Node.Constant(graph.FreeName(name + "/axis"), Tensor.Scalar(-1));
                yield return axis;
                yield return new Node(name, "ArgMax", raw, axis.Name).With("T", type).With("Tidx", DataType.Int32).With("output_type", DataType.Int64);
                break;
            default:
                if (options.K < 1)
                    throw StructureDiagnostics.Wrong(StructureDiagnostics.WrongValue, $"k is {options.K}; topk gives at least one element", name);
                Node count = Node.Constant(graph.FreeName(name + "/k"), Tensor.Scalar(options.K));
                yield return count;
                yield return new Node(name, "TopKV2", raw, count.Name).With("T", type).With("sorted", true);
                break;
        }
    }
}
