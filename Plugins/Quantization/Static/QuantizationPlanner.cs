using System.Collections.Immutable;
using TransformFramework.Execution;
using TransformFramework.Graphs;
using TransformFramework.Toolkit.Classic;
using TransformFramework.Toolkit.Patterns;
using TransformFramework.Toolkit.Weights;
using TransformFramework.Transforms;

namespace TransformFramework.Quantization.Static;

/// <summary>Decides what quantize does with a float graph.</summary>
internal sealed class QuantizationPlanner
{
    private readonly Graph graph;
    private readonly ConstantValues constants;
    private readonly ActivationRanges ranges;
    private readonly QuantizationTarget target;
    private readonly Precision precision;
    private readonly TransformContext context;
    private readonly Dictionary<string, Decline> declines = new(StringComparer.Ordinal);
    private readonly Lazy<IReadOnlyDictionary<string, TensorShape[]>> shapes;

    /// <param name="graph">The float graph.</param>
    /// <param name="constants">Its constants.</param>
    /// <param name="ranges">Ranges of its tensors.</param>
    /// <param name="target">Where the result is to run.</param>
    /// <param name="precision">What is left unrounded.</param>
    /// <param name="context">The run.</param>
    public QuantizationPlanner(Graph graph, ConstantValues constants, ActivationRanges ranges, QuantizationTarget target, Precision precision, TransformContext context)
    {
        this.precision = precision;
        this.graph = graph;
        this.constants = constants;
        this.ranges = ranges;
        this.target = target;
        this.context = context;
        shapes = new(() => ShapesOf(graph, context));
    }

    /// <summary>The plan for the chosen convolutions and products.</summary>
    public QuantizationPlan Plan(LayerSelection selection)
    {
        foreach (var (node, decline) in selection.Declined)
            declines[node.Name] = decline;
        ImmutableArray<FusedLayer> layers = [.. selection.Chosen.Select(LayerOf).OfType<FusedLayer>()];
        if (layers.IsEmpty)
            return new([], [], NodesOf([], RegionOf([])));
        QuantizedRegion region = RegionOf(layers);
        if (target != QuantizationTarget.TfLite && !precision.KeepsResiduals)
        {
            layers = new ResidualFusion(graph, region, ranges, shapes.Value, context).Apply(layers);
            region = RegionOf(layers);
        }
        layers = [.. layers.Select(layer => region.IsQuantized(layer.Tail.Name) && !StaysUnrounded(layer.Tail) ? layer : layer.WithoutActivation())];
        ImmutableArray<PlannedLayer> planned = [.. layers.Select(layer => PlannedOf(layer, region))];
        return new([.. region.Tensors.Select(tensor => PlannedOf(tensor, region, layers))], planned, NodesOf(planned, region));
    }

    private FusedLayer? LayerOf(Node node)
    {
        var layer = FusedLayer.Of(graph, node, constants, context, out Decline? decline);
        if (layer is not null && ranges.Find(layer.Data) is null)
            decline = new($"the range of its data '{layer.Data}' is not known; calibrate the graph that this step gets", node);
        else if (layer is not null && target != QuantizationTarget.Portable && GroupedConvolution.Is(node, ShapeOf(layer.Data), layer.Op.Weights.Shape))
            decline = new($"it convolves in more than {GroupSplitting.MostGroups} groups, and the integer ops have none", node);
        else if (layer is not null && NeedsShift(layer) && ShiftOf(layer) is null)
            decline = new("its data is signed, which TensorFlow's integer depthwise op does not take, and the sizes by which it is padded are not known", node);
        if (decline is null)
            return layer;
        declines[node.Name] = decline;
        context.Report(QuantizationDiagnostics.StaysFloat.At(node, node.Op, decline.Reason));
        return null;
    }

    /// <summary>TensorFlow has no integer depthwise convolution of qint8 data.</summary>
    private bool NeedsShift(FusedLayer layer) => layer.IsDepthwise && target == QuantizationTarget.TensorFlow && ranges.Find(layer.Data) is { IsSigned: true };

    /// <summary>The shift of a layer's data; null where it reads a quantized tensor as it is.</summary>
    private InputShift? ShiftOf(FusedLayer layer)
    {
        Node node = layer.Op.Node;
        TensorShape filter = layer.Op.Weights.Shape;
        if (precision.KeepsInputs && !layer.IsMatMul && target != QuantizationTarget.Portable && graph.Find(layer.Data.Node) is { DataInputs: var inputs } && !inputs.Any()
            && ranges.Statistics(layer.Data) is { Min: < 0, Max: > 0 } seen && InputShift.OfInterval(node, filter, ShapeOf(layer.Data), seen.Min, seen.Max) is { } whole)
            return whole;
        return NeedsShift(layer) ? InputShift.OfSigned(node, filter, ShapeOf(layer.Data), ranges.Find(layer.Data)!.Value) : null;
    }

    private QuantizedRegion RegionOf(IReadOnlyList<FusedLayer> layers)
    {
        var read = layers.Where(layer => ShiftOf(layer) is null).Select(layer => layer.Data).Concat(layers.Select(layer => layer.Residual).OfType<NodeInput>());
        if (target == QuantizationTarget.TfLite)
            read = read.Concat(layers.Select(layer => new NodeInput(layer.Tail.Name)).Where(tail => ranges.Find(tail) is not null));
        return new(graph, layers, read, constants, ranges, MayBeQuantized, IsQuantizable);
    }

    private bool IsQuantizable(Node node) => QuantizableOps.Contain(node) && !(precision.KeepsResiduals && IsResidualSum(node));

    private bool IsResidualSum(Node node) => node.Op is "Add" or "AddV2" && !node.DataInputs.Any(constants.IsConstant);

    /// <summary>True for a layer's result that a residual sum is to read unrounded.</summary>
    private bool StaysUnrounded(Node tail) => precision.KeepsResiduals && graph.ConsumersOf(tail).Any(consumer => !consumer.Node.Inputs[consumer.Input].IsControl && IsResidualSum(consumer.Node));

    /// <summary>TensorFlow before 2.12 ends the process at a Dequantize of rank 1, 3 or 5.</summary>
    private bool MayBeQuantized(NodeInput tensor) => target != QuantizationTarget.TensorFlow || ShapeOf(tensor) is { Rank: 2 or 4 };

    private TensorShape? ShapeOf(NodeInput tensor) => shapes.Value.TryGetValue(tensor.Node, out var outputs) && tensor.Port < outputs.Length ? outputs[tensor.Port] : null;

    private PlannedLayer PlannedOf(FusedLayer layer, QuantizedRegion region)
    {
        ActivationRange? output = region.IsQuantized(layer.Tail.Name) && !StaysUnrounded(layer.Tail) ? ranges.Find(layer.Tail.Name) : null;
        InputShift? shift = ShiftOf(layer);
        return new(layer, shift?.Range ?? ranges.Find(layer.Data)!.Value, output, shift);
    }

    private PlannedTensor PlannedOf(NodeInput tensor, QuantizedRegion region, ImmutableArray<FusedLayer> layers)
    {
        bool isMoved = !layers.Any(layer => layer.Tail.Name == tensor.Node) && graph.Find(tensor.Node) is { } node && QuantizableOps.IsMoving(node) && region.IsQuantized(QuantizableOps.MovedInput(node));
        return new(tensor, ranges.Find(tensor)!.Value, isMoved ? QuantizableOps.MovedInput(graph.Find(tensor.Node)!) : default(NodeInput?));
    }

    private ImmutableDictionary<string, NodePlan> NodesOf(ImmutableArray<PlannedLayer> layers, QuantizedRegion region)
    {
        var nodes = ImmutableDictionary.CreateBuilder<string, NodePlan>(StringComparer.Ordinal);
        foreach (var (name, decline) in declines)
            nodes[name] = new NodePlan.Float(decline);
        foreach (PlannedLayer layer in layers)
        {
            foreach (Node member in layer.Layer.Members)
                nodes[member.Name] = new NodePlan.Fused(layer);
        }
        foreach (string name in region.Between())
            nodes.TryAdd(name, new NodePlan.Between());
        foreach (Node node in graph.Nodes.Where(node => !nodes.ContainsKey(node.Name) && node.DataInputs.Any() && !constants.IsConstant(node.Name)))
            nodes[node.Name] = new NodePlan.Float(new(!IsQuantizable(node) && IsResidualSum(node) ? "residual=unrounded" : region.IsQuantized(node.Name) ? "it computes in float what is quantized then" : QuantizableOps.Contain(node) ? "no layer reads its result" : $"{node.Op} has no integer op", node));
        return nodes.ToImmutable();
    }

    /// <summary>Shapes for one sample.</summary>
    private static IReadOnlyDictionary<string, TensorShape[]> ShapesOf(Graph graph, TransformContext context)
    {
        try
        {
            return context.Backend!.InferShapes(graph.Select(OfOneSample), CompileOptions.Default);
        }
        catch (ExecutionException error)
        {
            throw new TransformException(error.Kind, error.Message, error.Node, error);
        }
    }

    private static Node OfOneSample(Node node) =>
        node.Op is "Placeholder" or "PlaceholderV2" && node.Attributes.TryGetValue("shape", out var value) && value is ShapeValue { Value: { Rank: > 0 } shape } && shape[0] < 0
            ? node.With("shape", TensorShape.Of([1, .. shape.Dimensions.Skip(1)]))
            : node;
}
