using System.Collections.Immutable;
using TransformFramework.Diagnostics;
using TransformFramework.Graphs;
using TransformFramework.Toolkit.Classic;
using TransformFramework.Toolkit.Weights;
using TransformFramework.Transforms;

namespace TransformFramework.Folding;

/// <summary>The nodes that stand for one folded batch norm.</summary>
internal sealed class BatchNormFold
{
    private readonly NodeMatch batchNorm;
    private readonly ScalingJobs scaling;
    private readonly List<Node> nodes = [];

    /// <param name="batchNorm">The batch norm and what it reads.</param>
    /// <param name="scaling">Scales the weights.</param>
    public BatchNormFold(NodeMatch batchNorm, ScalingJobs scaling)
    {
        this.batchNorm = batchNorm;
        this.scaling = scaling;
        Parameters = BatchNormParameters.Of(batchNorm);
    }

    public BatchNormParameters Parameters { get; }

    public ImmutableArray<Node> Nodes => [.. nodes];

    /// <summary>Adds a convolution with scaled weights, and a BiasAdd of the offset after it.</summary>
    /// <exception cref="TransformException">Aborted: the number of channels is not the parameters'.</exception>
    public void Add(NodeMatch convolution, BatchNormParameters parameters, string biasName)
    {
        Node conv = convolution.Node;
        Node weights = convolution.Inputs[1].Node;
        Tensor filter = weights.FloatConstant();
        long columns = FilterColumns.Count(conv.Op, filter.Shape);
        if (columns != parameters.Scale.Length)
            throw new TransformException(StatusKind.Aborted, $"'{conv.Name}' has {columns} channels, the batch norm '{batchNorm.Node.Name}' has {parameters.Scale.Length}", batchNorm.Node.Name);
        string offset = conv.Name + "_bn_offset";
        var bias = new Node(biasName, "BiasAdd", conv.Name, offset).With("T", conv.RequiredAttribute("T")).WithAttributeOf(conv, "data_format");
        nodes.Add(Node.Constant(weights.Name, scaling.Scale(filter, parameters.Scale)));
        nodes.Add(convolution.Inputs[0].Node);
        nodes.Add(conv);
        nodes.Add(Node.Constant(offset, Tensor.Create<float>(DataType.Float, TensorShape.Of(parameters.Offset.Length), parameters.Offset)));
        nodes.Add(bias);
    }

    public void Add(params ReadOnlySpan<Node> others) => nodes.AddRange(others);

    /// <summary>The nodes, but with names of their own for weights and offsets that are in use, with shared constants kept, a common input once, and with the batch norm's control inputs.</summary>
    public ImmutableArray<Node> Safely(Graph graph, MatchSite site)
    {
        Node head = batchNorm.Node;
        var renamed = new Dictionary<string, string>(StringComparer.Ordinal);
        var originals = site.Match.AllNodes().ToDictionary(node => node.Name, StringComparer.Ordinal);
        foreach (Node made in nodes.Where(node => node.Op == "Const"))
        {
            bool isShared = originals.TryGetValue(made.Name, out var original) && site.OutputNodes.Contains(made.Name) && !ReferenceEquals(original, made);
            bool isTaken = original is null && graph.TryFind(made.Name, out _);
            if (isShared || isTaken)
                renamed[made.Name] = graph.FreeName(made.Name + (isShared ? "_folded" : ""));
        }
        var kept = originals.Values.Where(node => node.Op == "Const" && site.OutputNodes.Contains(node.Name) && (renamed.ContainsKey(node.Name) || nodes.TrueForAll(made => made.Name != node.Name)));
        var result = nodes.DistinctBy(node => node.Name, StringComparer.Ordinal).Select(node => ReferenceEquals(originals.GetValueOrDefault(node.Name), node) && node.Op == "Const" ? node : Renamed(node, renamed));
        return [.. kept, .. result.Select(node => node.Name == head.Name ? node with { Inputs = [.. node.Inputs, .. head.ControlInputs.Except(node.Inputs)] } : node)];
    }

    private static Node Renamed(Node node, Dictionary<string, string> renamed) => node with
    {
        Name = renamed.GetValueOrDefault(node.Name, node.Name),
        Inputs = [.. node.Inputs.Select(input => renamed.TryGetValue(input.Node, out string? name) ? input.WithNode(name) : input)],
    };
}
