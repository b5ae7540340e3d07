using System.Collections.Immutable;
using TransformFramework.Graphs;
using TransformFramework.Toolkit.Calibration;
using TransformFramework.Toolkit.Graphs;
using TransformFramework.Toolkit.Weights;
using TransformFramework.Transforms;

namespace TransformFramework.Quantization.Static;

/// <summary>
/// Splits convolutions in groups, which TensorFlow's integer ops have not, into a layer for each group:
/// <code>
///                              x0, x1 = Split(3, x)
/// c = Conv2D(x, w)             c0 = Conv2D(x0, w0)      c1 = Conv2D(x1, w1)
/// b = BiasAdd(c, bias)    →    b0 = BiasAdd(c0, bias0)  b1 = BiasAdd(c1, bias1)
/// y = Relu(b)                  y0 = Relu(b0)            y1 = Relu(b1)
///                              y = ConcatV2(y0, y1, 3)
/// </code>
/// All parts have the range of the whole result. A convolution of as many groups as channels becomes a depthwise one.
/// </summary>
internal sealed class GroupSplitting
{
    /// <summary>The largest number of groups that is split; each costs a convolution and its conversions.</summary>
    public const int MostGroups = 64;

    private readonly Graph graph;
    private readonly ConstantValues constants;
    private readonly RangeFile? calibrated;
    private readonly IReadOnlyDictionary<string, ActivationRange> declared;
    private readonly TransformContext context;
    private readonly InPlaceEdit edit;
    private readonly ActivationRanges ranges;

    private GroupSplitting(Graph graph, ConstantValues constants, IReadOnlyDictionary<string, ActivationRange> declared, RangeFile? calibrated, TransformContext context)
    {
        this.graph = graph;
        this.constants = constants;
        this.declared = declared;
        this.calibrated = calibrated;
        this.context = context;
        edit = new(graph, context);
        ranges = new(graph, constants, declared, calibrated);
    }

    /// <summary>The graph, the layers to quantize, and the ranges that are known without calibration.</summary>
    public readonly record struct Result(Graph Graph, LayerSelection Selection, IReadOnlyDictionary<string, ActivationRange> Declared);

    /// <summary>Splits those of the chosen convolutions that are in groups.</summary>
    /// <param name="graph">The float graph.</param>
    /// <param name="selection">The layers to quantize.</param>
    /// <param name="constants">Constants of the graph.</param>
    /// <param name="declared">Ranges that the graph declares.</param>
    /// <param name="calibrated">What calibration saw, or null.</param>
    /// <param name="context">The run.</param>
    public static Result Apply(Graph graph, LayerSelection selection, ConstantValues constants, IReadOnlyDictionary<string, ActivationRange> declared, RangeFile? calibrated, TransformContext context) =>
        selection.Chosen.Any(node => node.Op == "Conv2D") ? new GroupSplitting(graph, constants, declared, calibrated, context).Split(selection) : new(graph, selection, declared);

    private Result Split(LayerSelection selection)
    {
        var shapes = InferredShapes.Of(graph, context);
        var known = declared.ToDictionary(StringComparer.Ordinal);
        var chosen = new List<string>();
        bool isSplit = false;
        foreach (Node node in selection.Chosen)
        {
            context.Cancellation.ThrowIfCancellationRequested();
            var found = GroupsOf(node, shapes);
            chosen.AddRange(found is var (layer, groups) ? Split(layer, groups, known) : [node.Name]);
            isSplit |= found is not null;
        }
        if (!isSplit)
            return new(graph, selection, declared);
        Graph split = edit.Apply();
        return new(split, selection with { Chosen = [.. chosen.Select(name => split.Find(name)!)] }, known);
    }

    /// <summary>The layer of a convolution in groups that can be split, and their number.</summary>
    private (FusedLayer Layer, int Groups)? GroupsOf(Node node, IReadOnlyDictionary<string, TensorShape[]> shapes)
    {
        if (node.Op != "Conv2D" || FusedLayer.Of(graph, node, constants, context, out _) is not { } layer || ranges.Find(layer.Data) is null || shapes.Find(layer.Data) is not { } data || !GroupedConvolution.Is(node, data, layer.Op.Weights.Shape))
            return null;
        int groups = (int)(data[3] / layer.Op.InputChannels);
        return layer.Op.Takes((int)data[3]) && (groups <= MostGroups || IsDepthwise(layer)) ? (layer, groups) : null;
    }

    /// <summary>True where the depthwise op computes the same: one channel a group, and what the op takes of strides and dilations.</summary>
    private static bool IsDepthwise(FusedLayer layer)
    {
        Node node = layer.Op.Node;
        return layer.Op.InputChannels == 1 && node.TryLongList("strides", out var strides) && strides.Length == 4 && strides[1] == strides[2]
            && !(node.TryLongList("dilations", out var dilations) && dilations.Any(dilation => dilation != 1));
    }

    private IEnumerable<string> Split(FusedLayer layer, int groups, Dictionary<string, ActivationRange> known)
    {
        context.Count("convolutions in groups split");
        if (IsDepthwise(layer))
            return [Depthwise(layer, groups)];
        Node tail = layer.Tail;
        string name = tail.Name;
        string axis = Insert(tail, Node.Constant(edit.FreeName(name + "/axis"), Tensor.Scalar(3)));
        var split = new Node(edit.FreeName(layer.Op.Node.Name + "/split"), "Split", [axis, layer.Data, .. layer.Members.SelectMany(member => member.ControlInputs).Distinct()]).With("T", DataType.Float).With("num_split", (long)groups);
        Insert(tail, split);
        string[] convolutions = new string[groups];
        var parts = new NodeInput[groups];
        for (int group = 0; group < groups; group++)
        {
            convolutions[group] = Insert(tail, Convolution(layer, groups, group, NodeInput.Data(split.Name, group)));
            parts[group] = Behind(layer, groups, group, convolutions[group]);
            if (ranges.Find(name) is { } range)
                known[parts[group].Text] = known[name] = range;
        }
        foreach (Node member in layer.Members[..^1])
            edit.Remove(member);
        edit.Change(tail, _ => new Node(name, "ConcatV2", [.. parts, axis]).With("N", (long)groups).With("T", DataType.Float).With("Tidx", DataType.Int32) with { Device = tail.Device });
        return convolutions;
    }

    private string Depthwise(FusedLayer layer, int groups)
    {
        Node node = layer.Op.Node;
        TensorShape shape = layer.Op.Weights.Shape;
        Tensor weights = Tensor.FromContent(DataType.Float, TensorShape.Of(shape[0], shape[1], groups, shape[3] / groups), layer.Op.Weights.Bytes);
        string filter = Insert(node, Node.Constant(edit.FreeName(node.Name + "/depthwise"), weights));
        edit.Change(node, original => new Node(original.Name, "DepthwiseConv2dNative", [original.Inputs[0], filter, .. original.ControlInputs]).With("T", DataType.Float)
            .With("strides", original.Attributes["strides"]).With("padding", original.Attributes["padding"]) with
        { Device = original.Device });
        return node.Name;
    }

    private Node Convolution(FusedLayer layer, int groups, int group, NodeInput data)
    {
        Node node = layer.Op.Node;
        int inputs = layer.Op.InputChannels;
        TensorShape shape = layer.Op.Weights.Shape;
        int columns = (int)shape[3] / groups;
        Tensor weights = Tensor.Allocate<float>(DataType.Float, TensorShape.Of(shape[0], shape[1], shape[2], columns), out var elements);
        ReadOnlySpan<float> all = layer.Op.Weights.AsSpan<float>();
        for (int row = 0; row < elements.Length / columns; row++)
            all.Slice((row * groups * columns) + (group * columns), columns).CopyTo(elements[(row * columns)..]);
        string filter = Insert(layer.Tail, Node.Constant(edit.FreeName($"{node.Name}/{group}/filter"), weights));
        Node part = node with { Name = edit.FreeName($"{node.Name}/{group}"), Inputs = [data, filter] };
        float[]? means = BiasCorrection.MeansOf(node) ?? ranges.Statistics(layer.Data)?.ChannelMeans;
        return means?.Length == inputs * groups ? part.With(BiasCorrection.MeansAttribute, new ListValue([.. means.Skip(group * inputs).Take(inputs).Select(mean => (AttributeValue)mean)])) : part;
    }

    /// <summary>The bias and the activation behind a part; gives the part's result.</summary>
    private NodeInput Behind(FusedLayer layer, int groups, int group, string convolution)
    {
        NodeInput result = convolution;
        int columns = layer.Bias.Length / groups;
        float[] bias = [.. layer.Bias.Skip(group * columns).Take(columns)];
        if (layer.Members.Length > (layer.HasRelu ? 2 : 1))
        {
            string constant = Insert(layer.Tail, Node.Constant(edit.FreeName(convolution + "/bias"), Tensor.Create<float>(DataType.Float, TensorShape.Of(columns), bias)));
            result = Insert(layer.Tail, new Node(edit.FreeName(convolution + "/biased"), "BiasAdd", result, constant).With("T", DataType.Float));
        }
        return layer.HasRelu ? Insert(layer.Tail, new Node(edit.FreeName(convolution + "/activated"), layer.Tail.Op, result).With("T", DataType.Float)) : result;
    }

    private string Insert(Node place, Node node)
    {
        edit.InsertBefore(place, node);
        return node.Name;
    }
}
