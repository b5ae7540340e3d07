using System.Collections.Immutable;
using System.Globalization;
using TransformFramework.Diagnostics;
using TransformFramework.Execution;
using TransformFramework.Graphs;
using TransformFramework.Toolkit.Classic;
using TransformFramework.Toolkit.Weights;
using TransformFramework.Transforms;

namespace TransformFramework.Structure.Layout;

/// <summary>
/// Changes the layout of images in a whole graph, from its inputs on: each tensor is kept in the new order as far as what reads it can work in it, and is transposed once where something wants
/// the old order. Constants are transposed at once, pairs of transposes vanish.
/// </summary>
internal sealed class LayoutChange
{
    private const int Rank = 4;

    private static readonly Dictionary<string, int> ImageOps = new(StringComparer.Ordinal)
    {
        ["Conv2D"] = 0,
        ["_FusedConv2D"] = 0,
        ["DepthwiseConv2dNative"] = 0,
        ["Conv2DBackpropInput"] = 2,
        ["MaxPool"] = 0,
        ["AvgPool"] = 0,
        ["FusedBatchNorm"] = 0,
        ["FusedBatchNormV2"] = 0,
        ["FusedBatchNormV3"] = 0,
        ["DepthToSpace"] = 0,
        ["SpaceToDepth"] = 0,
        ["BiasAdd"] = 0,
    };

    private static readonly HashSet<string> Elementwise = new(StringComparer.Ordinal)
    {
        "Relu", "Relu6", "Elu", "Selu", "LeakyRelu", "Sigmoid", "Tanh", "Softplus", "Softsign", "Identity", "StopGradient", "Abs", "Neg", "Square", "Sqrt", "Rsqrt", "Exp", "Log", "Log1p", "Cast", "Round",
        "Floor", "Ceil", "Erf", "Snapshot", "CheckNumerics", "Add", "AddV2", "Sub", "Mul", "RealDiv", "Div", "Maximum", "Minimum", "SquaredDifference", "Pow", "AddN", "FakeQuantWithMinMaxArgs",
        "FakeQuantWithMinMaxVars", "ClipByValue", "Reciprocal", "Sign", "Sin", "Cos",
    };

    private static readonly HashSet<string> Reductions = new(StringComparer.Ordinal) { "Mean", "Sum", "Max", "Min", "Prod" };

    private readonly Graph graph;
    private readonly ImageLayout layout;
    private readonly TransformContext context;
    private readonly IReadOnlyDictionary<string, TensorShape[]> shapes;
    private readonly ImmutableArray<Node>.Builder nodes;
    private readonly Dictionary<string, NodeInput> moved = new(StringComparer.Ordinal);
    private readonly Dictionary<string, NodeInput> toNew = new(StringComparer.Ordinal);
    private readonly Dictionary<string, NodeInput> toOld = new(StringComparer.Ordinal);
    private readonly HashSet<string> names;
    private readonly Dictionary<string, string> renamed = new(StringComparer.Ordinal);
    private readonly bool hasLoops;

    private LayoutChange(Graph graph, ImageLayout layout, TransformContext context)
    {
        this.graph = graph;
        this.layout = layout;
        this.context = context;
        shapes = Shapes(graph, context);
        nodes = ImmutableArray.CreateBuilder<Node>(graph.Nodes.Length);
        names = graph.Nodes.Select(node => node.Name).ToHashSet(StringComparer.Ordinal);
        hasLoops = graph.Nodes.Any(node => node.Op is "Enter" or "RefEnter");
    }

    public static Graph Apply(Graph graph, ImageLayout layout, TransformContext context)
    {
        var change = new LayoutChange(graph, layout, context);
        var order = ExecutionOrder.Sort(graph);
        if (order.Error is { } error)
            throw error;
        foreach (Node node in order.Nodes)
        {
            context.Cancellation.ThrowIfCancellationRequested();
            change.Move(node);
        }
        return change.moved.Count == 0 ? graph : graph.WithNodes(change.WithoutUnread(graph.WithNodes(change.nodes.ToImmutable())));
    }

    private void Move(Node node)
    {
        if (IsImageOp(node))
            MoveImageOp(node);
        else if (node.DataInputs.Any(IsMoved) && Rewritten(node) is { } rewritten)
            Add(node, rewritten.Node, rewritten.IsMoved);
        else if (node.Op == "Transpose" && Order(node) is { } order && IsMoved(node.DataInputs.First()))
            MoveTranspose(node, order);
        else
            nodes.Add(node with { Inputs = [.. node.Inputs.Select(InOld)] });
    }

    private bool IsImageOp(Node node)
    {
        if (!ImageOps.TryGetValue(node.Op, out int image) || Format(node) != layout.Old)
            return false;
        NodeInput data = node.DataInputs.ElementAt(image);
        bool followsInput = node.Op == "BiasAdd" && (layout.New == "NCHW" || RankOf(data) != Rank);
        return !followsInput || IsMoved(data);
    }

    private static string Format(Node node) => node.Attributes.TryGetValue("data_format", out var value) && value is BytesValue format ? format.Text : "NHWC";

    private void MoveImageOp(Node node)
    {
        int image = ImageOps[node.Op];
        NodeInput[] inputs = [.. node.DataInputs];
        inputs[image] = InNew(inputs[image]);
        for (int i = 0; i < inputs.Length; i++)
        {
            if (i == image)
                continue;
            bool isSizes = i == 0 && node.Op == "Conv2DBackpropInput";
            inputs[i] = isSizes ? Sizes(node, inputs[i]) : IsAddedImage(node, i) ? InNew(inputs[i]) : InOld(inputs[i]);
        }
        Node result = node with { Inputs = [.. inputs, .. node.ControlInputs] };
        foreach (string list in new[] { "strides", "ksize", "dilations", "explicit_paddings" })
        {
            if (node.Attributes.TryGetValue(list, out var value) && value is ListValue items)
                result = result.With(list, items with { Items = layout.Permuted(items.Items) });
        }
        context.Count("nodes in " + layout.New);
        Add(node, result.With("data_format", layout.New), isMoved: true);
    }

    /// <summary>True for an image that a fused convolution adds to its result.</summary>
    private bool IsAddedImage(Node node, int input)
    {
        bool addsImages = input > 1 && node.Op == "_FusedConv2D" && node.TryStringList("fused_ops", out var ops) && ops.Contains("Add");
        return addsImages && RankOf(node.DataInputs.ElementAt(input)) switch
        {
            Rank => true,
            >= 0 => false,
            _ => throw StructureDiagnostics.Wrong(StructureDiagnostics.WrongNode, $"node '{node.Name}' ({node.Op}) adds '{node.DataInputs.ElementAt(input)}', whose shape is not known, so that the layout cannot be changed", node.Name, "Give the inputs a shape with set_input first."),
        };
    }

    /// <summary>A node that works in the new order, or null when it cannot.</summary>
    private (Node Node, bool IsMoved)? Rewritten(Node node)
    {
        NodeInput[] inputs = [.. node.DataInputs];
        if (Elementwise.Contains(node.Op))
            return inputs.All(CanBeNew) ? (node with { Inputs = [.. inputs.Select(Operand), .. node.ControlInputs] }, true) : null;
        switch (node.Op)
        {
            case "ConcatV2" when inputs[..^1].All(CanBeNew) && Numbers(inputs[^1]) is { Length: 1 } axis:
                return (node with { Inputs = [.. inputs[..^1].Select(InNew), Axes(node, inputs[^1], axis), .. node.ControlInputs] }, true);
            case "Pad" or "PadV2" or "MirrorPad" when IsMoved(inputs[0]) && Numbers(inputs[1]) is { Length: 8 }:
                return (node with { Inputs = [InNew(inputs[0]), Vector(node, inputs[1], permuted: true), .. inputs[2..], .. node.ControlInputs] }, true);
            case var op when Reductions.Contains(op) && IsMoved(inputs[0]) && Numbers(inputs[1]) is { } axes:
                bool keepsRank = node.Attributes.TryGetValue("keep_dims", out var keep) && keep is BoolValue { Value: true };
                return keepsRank || IsSameOrderWithout(axes) ? (node with { Inputs = [InNew(inputs[0]), Axes(node, inputs[1], axes), .. node.ControlInputs] }, keepsRank) : null;
            case "Squeeze" when node.Attributes.TryGetValue("squeeze_dims", out var value) && value is ListValue { Items.IsEmpty: false } list:
                long[] squeezed = [.. list.Items.OfType<IntValue>().Select(item => item.Value)];
                return IsSameOrderWithout(squeezed) ? (node.With("squeeze_dims", AttributeValue.Ints([.. squeezed.Select(layout.Dimension).Order()])) with { Inputs = [InNew(inputs[0]), .. node.ControlInputs] }, false) : null;
            default:
                return null;
        }
    }

    /// <summary>A transpose of a moved image: of the image as it is now, or nothing at all.</summary>
    private void MoveTranspose(Node node, int[] order)
    {
        int[] combined = [.. order.Select(dimension => layout.Back[dimension])];
        NodeInput image = moved[node.DataInputs.First().Canonical];
        if (combined.SequenceEqual(Enumerable.Range(0, combined.Length)))
        {
            nodes.Add(new(node.Name, "Identity", [image, .. node.ControlInputs], AttributeMap.Of(("T", node.TypeAttribute("T") ?? DataType.Float)), node.Device));
            context.Count("transposes removed");
            return;
        }
        nodes.Add(node with { Inputs = [image, Order(node.Name, image, combined), .. node.ControlInputs] });
        nodes[^1] = nodes[^1].With("Tperm", DataType.Int32);
    }

    private void Add(Node original, Node node, bool isMoved)
    {
        if (isMoved && context.IsListed(original.Name))
        {
            Node inner = node with { Name = Free($"{original.Name}/{layout.New.ToLowerInvariant()}") };
            nodes.Add(inner);
            nodes.Add(Transpose(original.Name, inner.Name, layout.Back, original));
            moved[NodeInput.Data(original.Name).Canonical] = inner.Name;
            renamed[original.Name] = inner.Name;
            return;
        }
        nodes.Add(node);
        if (isMoved)
            moved[NodeInput.Data(original.Name).Canonical] = node.Name;
    }

    private bool IsMoved(NodeInput input) => !input.IsControl && moved.ContainsKey(input.Canonical);

    private bool CanBeNew(NodeInput input) => IsMoved(input) || ConstantOf(input) is { Shape.Rank: >= 0 and <= Rank } || RankOf(input) is 0 or Rank;

    private Tensor? ConstantOf(NodeInput input) => graph.Find(input.Node) is { Op: "Const" } node && input.Port == 0 && node.TensorAttribute("value") is { IsDecodable: true } value && value.Type.Size() > 0 ? value : null;

    private int RankOf(NodeInput input) => shapes.TryGetValue(input.Node, out var known) && input.Port >= 0 && input.Port < known.Length ? known[input.Port].Rank : -1;

    /// <summary>An operand of an elementwise op in the new order; single elements and constants that have no order stay as they are.</summary>
    private NodeInput Operand(NodeInput input) => !IsMoved(input) && (ConstantOf(input) is { ElementCount: 1, Shape.Rank: < Rank } || RankOf(input) == 0) ? input : InNew(input);

    private NodeInput InNew(NodeInput input)
    {
        if (moved.TryGetValue(input.Canonical, out var image))
            return image;
        if (toNew.TryGetValue(input.Canonical, out var known))
            return known;
        if (ConstantOf(input) is { } value)
            return toNew[input.Canonical] = Constant($"{input.Node}/{layout.New.ToLowerInvariant()}", layout.Permuted(value), graph.Find(input.Node)!.ControlInputs);
        if (graph.Find(input.Node) is { Op: "Transpose" } transpose && Order(transpose) is { } order && layout.Back.SequenceEqual(order))
        {
            context.Count("transposes removed");
            return toNew[input.Canonical] = InOld(transpose.DataInputs.First());
        }
        Node added = Transpose(Free($"{input.Node}/to_{layout.New.ToLowerInvariant()}"), InOld(input), layout.Order, graph.Find(input.Node));
        nodes.Add(added);
        context.Count("transposes added");
        return toNew[input.Canonical] = added.Name;
    }

    private NodeInput InOld(NodeInput input)
    {
        if (input.Port > 0 && renamed.TryGetValue(input.Node, out string? inner))
            return input.WithNode(inner);
        if (!IsMoved(input) || context.IsListed(input.Node))
            return input;
        if (toOld.TryGetValue(input.Canonical, out var known))
            return known;
        Node added = Transpose(Free($"{input.Node}/to_{layout.Old.ToLowerInvariant()}"), moved[input.Canonical], layout.Back, graph.Find(input.Node));
        nodes.Add(added);
        context.Count("transposes added");
        return toOld[input.Canonical] = added.Name;
    }

    private Node Transpose(string name, NodeInput input, ImmutableArray<int> order, Node? typed)
    {
        NodeInput constant = Order(name, input, order.AsSpan());
        DataType type = typed is null ? DataType.Float : TensorTypes.Of(graph, new NodeInput(typed.Name)) ?? DataType.Float;
        return new(name, "Transpose", [input, constant], AttributeMap.Of(("T", type), ("Tperm", DataType.Int32)));
    }

    /// <summary>The order of a transpose; within a loop a constant that runs in the loop's frame.</summary>
    private NodeInput Order(string name, NodeInput image, ReadOnlySpan<int> order) =>
        Constant(name + "/order", Tensor.Create<int>(DataType.Int32, TensorShape.Of(order.Length), order), hasLoops ? [NodeInput.Control(image.Node)] : []);

    private NodeInput Axes(Node node, NodeInput input, long[] axes)
    {
        int[] permuted = [.. axes.Select(axis => (int)layout.Dimension(axis))];
        TensorShape shape = ConstantOf(input)!.Shape;
        return Typed(node, input, Tensor.Create<int>(DataType.Int32, shape, permuted));
    }

    /// <summary>Sizes in the new order: a constant, or gathered where they are computed.</summary>
    private NodeInput Sizes(Node node, NodeInput sizes)
    {
        if (Numbers(sizes) is not null)
            return Vector(node, sizes, permuted: true);
        NodeInput source = InOld(sizes);
        NodeInput[] controls = hasLoops ? [NodeInput.Control(source.Node)] : [];
        NodeInput order = Constant($"{node.Name}/sizes_order", Tensor.Create<int>(DataType.Int32, TensorShape.Of(Rank), layout.Order.AsSpan()), controls);
        NodeInput axis = Constant($"{node.Name}/sizes_axis", Tensor.Scalar(0), controls);
        DataType type = TensorTypes.Of(graph, sizes) ?? DataType.Int32;
        Node gathered = new(Free($"{node.Name}/sizes"), "GatherV2", [source, order, axis], AttributeMap.Of(("Tparams", type), ("Tindices", DataType.Int32), ("Taxis", DataType.Int32)));
        nodes.Add(gathered);
        return gathered.Name;
    }

    /// <summary>Sizes or paddings, an entry or a row a dimension, in the new order.</summary>
    private NodeInput Vector(Node node, NodeInput input, bool permuted)
    {
        if (Numbers(input) is not { Length: 4 or 8 } numbers || !permuted)
            throw StructureDiagnostics.Wrong(StructureDiagnostics.WrongNode, $"'{input}' of node '{node.Name}' ({node.Op}) is no constant with an entry a dimension, so that the layout cannot be changed", node.Name, "Run fold_constants first.");
        int width = numbers.Length / Rank;
        int[] values = [.. layout.Order.SelectMany(dimension => numbers[(dimension * width)..((dimension + 1) * width)]).Select(number => (int)number)];
        return Typed(node, input, Tensor.Create<int>(DataType.Int32, ConstantOf(input)!.Shape, values));
    }

    /// <summary>A constant of the type that the one in its place has.</summary>
    private NodeInput Typed(Node node, NodeInput input, Tensor value)
    {
        if (ConstantOf(input)!.Type == DataType.Int64)
            value = Tensor.Create<long>(DataType.Int64, value.Shape, [.. value.AsSpan<int>().ToArray().Select(number => (long)number)]);
        return Constant($"{node.Name}/{input.Node[(input.Node.LastIndexOf('/') + 1)..]}_{layout.New.ToLowerInvariant()}", value, graph.Find(input.Node)!.ControlInputs);
    }

    private long[]? Numbers(NodeInput input) => ConstantOf(input) switch
    {
        { Type: DataType.Int32 } value => [.. value.AsSpan<int>().ToArray().Select(number => (long)number)],
        { Type: DataType.Int64 } value => value.AsSpan<long>().ToArray(),
        _ => null,
    };

    private int[]? Order(Node transpose) => transpose.DataInputs.Count() == 2 && Numbers(transpose.DataInputs.ElementAt(1)) is { Length: Rank } order ? [.. order.Select(number => (int)number)] : null;

    /// <summary>True when the dimensions that are left have the same order in both layouts.</summary>
    private bool IsSameOrderWithout(long[] axes)
    {
        var gone = axes.Select(axis => axis < 0 ? axis + Rank : axis).ToHashSet();
        return layout.Order.Where(dimension => !gone.Contains(dimension)).SequenceEqual(Enumerable.Range(0, Rank).Where(dimension => !gone.Contains(dimension)));
    }

    private NodeInput Constant(string name, Tensor value, IEnumerable<NodeInput> controls)
    {
        Node node = Node.Constant(Free(name), value) with { Inputs = [.. controls] };
        nodes.Add(node);
        return node.Name;
    }

    private string Free(string name)
    {
        string free = name;
        for (int i = 1; !names.Add(free); i++)
            free = string.Create(CultureInfo.InvariantCulture, $"{name}_{i}");
        return free;
    }

    private static IReadOnlyDictionary<string, TensorShape[]> Shapes(Graph graph, TransformContext context)
    {
        try
        {
            return context.Backend?.InferShapes(graph, CompileOptions.Default) ?? new Dictionary<string, TensorShape[]>();
        }
        catch (ExecutionException error)
        {
            context.Report(StructureDiagnostics.LayoutKept.With(error.Message));
            return new Dictionary<string, TensorShape[]>();
        }
    }

    /// <summary>The nodes without constants and transposes that only moved nodes read.</summary>
    private ImmutableArray<Node> WithoutUnread(Graph changed)
    {
        while (true)
        {
            Graph kept = changed.Where(node => node.Op is not ("Const" or "Transpose") || !changed.ConsumersOf(node).IsEmpty || context.IsListed(node.Name) || (graph.Find(node.Name) is { } same && graph.ConsumersOf(same).IsEmpty));
            if (kept.Nodes.Length == changed.Nodes.Length)
                return kept.Nodes;
            changed = kept;
        }
    }
}
