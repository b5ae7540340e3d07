using TransformFramework.Engine.Pipeline;
using TransformFramework.Execution;
using TransformFramework.Graphs;
using TransformFramework.Toolkit.Classic;
using TransformFramework.Toolkit.Ops;
using TransformFramework.Workflows.Data;

namespace TransformFramework.Workflows.Comparison;

/// <summary>A tensor that both graphs have, by the name of the node.</summary>
/// <param name="Node">The node in the reference.</param>
/// <param name="Comparison">How far the other graph's is from it.</param>
public sealed record LayerDifference(Node Node, TensorComparison Comparison);

/// <summary>Where an error enters.</summary>
/// <param name="Layer">The first tensor that shows it.</param>
/// <param name="InputSqnr">Signal to noise of the noisiest tensor that it is computed from, in dB; infinite when these are equal.</param>
public sealed record ErrorEntry(LayerDifference Layer, double InputSqnr);

/// <summary>Two graphs tensor by tensor: every node of the same name in both that can be fetched. Quantized values count as the real ones that they encode.</summary>
public sealed class LayerComparison
{
    /// <summary>Signal to noise of quantized values of 8 bits, in dB: tensors above it lost nothing to rounding.</summary>
    private const double QuantizedSqnr = 40;

    /// <summary>An error that is so many dB less in all that is computed from its tensor is none: a factor, such as a folded norm's, only moved.</summary>
    private const double HealedSqnr = 20;

    private readonly Graph reference;
    private readonly bool rounds;

    private LayerComparison(Graph reference, IReadOnlyList<LayerDifference> layers, bool rounds)
    {
        this.reference = reference;
        this.rounds = rounds;
        Layers = layers;
    }

    /// <summary>The tensors of both, in execution order of the reference.</summary>
    public IReadOnlyList<LayerDifference> Layers { get; }

    /// <summary>Runs both graphs on the same feeds.</summary>
    /// <param name="backend">Runs graphs.</param>
    /// <param name="reference">The graph that is right.</param>
    /// <param name="actual">The graph to judge.</param>
    /// <param name="outputs">Tensors that the graphs are run for.</param>
    /// <param name="feeds">Values of the inputs.</param>
    /// <param name="options">How the graphs are compiled.</param>
    /// <param name="cancellation">Ends the runs.</param>
    /// <param name="visit">Receives each pair of tensors, the reference's first; null reports nothing.</param>
    /// <param name="judging">Runs the graph to judge; null for the same backend.</param>
    public static LayerComparison Of(IBackend backend, Graph reference, Graph actual, IReadOnlyList<string> outputs, IReadOnlyDictionary<string, Tensor> feeds, CompileOptions options, CancellationToken cancellation, Action<Node, Tensor, Tensor>? visit = null, IBackend? judging = null)
    {
        Graph readable = WithRealValues(actual, reference);
        var needed = FetchableNodes.Of(actual, outputs).ToHashSet(StringComparer.Ordinal);
        string[] shared = [.. FetchableNodes.Of(reference, outputs).Where(name => (needed.Contains(name) || needed.Contains(QuantizedTensorNames.Of(name))) && readable.TryFind(name, out _) && !feeds.ContainsKey(name))];
        var expected = backend.Compile(reference, shared, options).Run(feeds, cancellation);
        var found = (judging ?? backend).Compile(readable, shared, options).Run(feeds, cancellation);
        var layers = new List<LayerDifference>();
        for (int i = 0; i < shared.Length; i++)
        {
            if (!IsNumeric(expected[i].Type) || found[i].Type != expected[i].Type || TensorComparison.Of(expected[i], found[i]) is not { } comparison)
                continue;
            layers.Add(new(reference.Find(shared[i])!, comparison));
            visit?.Invoke(layers[^1].Node, expected[i], found[i]);
        }
        return new(reference, layers, rounds: actual.Nodes.Any(IsRounding) && !reference.Nodes.Any(IsRounding));
    }

    /// <summary>
    /// Where the error enters: the first tensor whose largest difference is past a tolerance, or between a float graph and a quantized one, where each layer rounds, the one that loses most against the
    /// noisiest tensor that it is computed from.
    /// </summary>
    /// <param name="tolerance">Largest difference allowed, relative to the tensor's largest magnitude.</param>
    /// <returns>Null when all tensors are within the tolerance.</returns>
    public ErrorEntry? Entry(double tolerance)
    {
        var healed = Healed();
        var sources = Sources(layer => !healed.Contains(layer));
        var entries = Layers.Where(layer => layer.Comparison.MaxRelative > tolerance && !healed.Contains(layer))
            .Select(layer => new ErrorEntry(layer, sources[layer].Select(source => source.Comparison.Sqnr).DefaultIfEmpty(double.PositiveInfinity).Min()));
        return rounds ? entries.MaxBy(Loss) : entries.FirstOrDefault();
    }

    /// <summary>The convolutions and matrix products whose results lose most against what they are computed from, the worst first.</summary>
    /// <param name="count">How many at most.</param>
    public IReadOnlyList<Node> WorstLayers(int count)
    {
        var sources = Sources(_ => true);
        return [.. Layers.Select(layer => new ErrorEntry(layer, sources[layer].Select(source => source.Comparison.Sqnr).DefaultIfEmpty(double.PositiveInfinity).Min()))
            .Where(entry => Loss(entry) > 0).OrderByDescending(Loss).Select(entry => WeightedBehind(entry.Layer.Node)).OfType<Node>().Distinct().Take(count)];
    }

    /// <summary>The convolution or product that a bias or activation belongs to, or the node itself; null where there is none.</summary>
    private Node? WeightedBehind(Node node)
    {
        const int Farthest = 8;
        Node? found = node;
        for (int i = 0; i < Farthest && found is not null; i++)
        {
            if (found.Op is "Conv2D" or "DepthwiseConv2dNative" or "MatMul")
                return found;
            found = found.DataInputs.Any() ? reference.Find(found.DataInputs.First().Node) : null;
        }
        return null;
    }

    private static double Loss(ErrorEntry entry) => Math.Min(entry.InputSqnr, QuantizedSqnr) - Math.Min(entry.Layer.Comparison.Sqnr, QuantizedSqnr);

    private HashSet<LayerDifference> Healed()
    {
        var readers = Sources(_ => true).SelectMany(entry => entry.Value.Select(source => (Source: source, Reader: entry.Key))).ToLookup(pair => pair.Source, pair => pair.Reader);
        return [.. Layers.Where(layer => readers.Contains(layer) && readers[layer].All(reader => reader.Comparison.Sqnr >= layer.Comparison.Sqnr + HealedSqnr))];
    }

    /// <summary>For each tensor the nearest ones that it is computed from.</summary>
    private Dictionary<LayerDifference, HashSet<LayerDifference>> Sources(Func<LayerDifference, bool> isOne)
    {
        var layers = Layers.ToDictionary(layer => layer.Node.Name, StringComparer.Ordinal);
        var seen = new Dictionary<string, HashSet<LayerDifference>>(StringComparer.Ordinal);
        var sources = new Dictionary<LayerDifference, HashSet<LayerDifference>>();
        foreach (Node node in ExecutionOrder.Sort(reference).Nodes)
        {
            HashSet<LayerDifference> before = [.. node.DataInputs.SelectMany(input => seen.GetValueOrDefault(input.Node, []))];
            LayerDifference? layer = layers.GetValueOrDefault(node.Name);
            if (layer is not null)
                sources[layer] = before;
            seen[node.Name] = layer is not null && isOne(layer) ? [layer] : before;
        }
        return sources;
    }

    /// <summary>The graph with a node of its old name for each tensor of which only quantized values are left.</summary>
    private static Graph WithRealValues(Graph graph, Graph reference)
    {
        var edit = new GraphEdit();
        foreach (Node quantized in graph.Nodes)
        {
            if (QuantizedTensorNames.Original(quantized) is { } name && !graph.TryFind(name, out _) && reference.TryFind(name, out _))
                edit.Add(new Node(name, "Dequantize", quantized.Name, NodeInput.Data(quantized.Name, 1), NodeInput.Data(quantized.Name, 2)).With("T", quantized.TypeAttribute(quantized.Op == "QuantizeV2" ? "T" : "out_type") ?? DataType.QUInt8).With("mode", "SCALED"));
        }
        return graph.Apply(edit);
    }

    private static bool IsRounding(Node node) => node.Op is "Dequantize" or "QuantizeV2";

    private static bool IsNumeric(DataType type) => type is DataType.Float or DataType.Double or DataType.Half or DataType.BFloat16;
}
