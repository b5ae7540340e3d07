using System.Collections.Immutable;
using System.Runtime.InteropServices;
using TransformFramework.Graphs;
using TransformFramework.Toolkit.Weights;
using TransformFramework.Transforms;

namespace TransformFramework.Structure.Surgery;

/// <summary>
/// Puts preprocessing between an input and what reads it, in this order: resize, cast, transpose, (value × scale − mean) ÷ std.
/// <code>
/// x = Placeholder() {dtype=float}      x = Placeholder() {dtype=uint8}
///                                      x/cast = Cast(x)
/// y = Conv2D(x, w)                 →   x/scaled = Mul(x/cast, x/scale)
///                                      y = Conv2D(x/scaled, w)
/// </code>
/// The input keeps its name; with cast it takes the type that is then given, with transpose and resize a shape to match. mean and std are one number or one a channel (the last dimension). An input with a
/// default is refused, since the default would be preprocessed too.
/// </summary>
[Transform("insert_before", Summary = "Inserts preprocessing behind an input: resize, cast, scale, mean and std, transpose.")]
public sealed class InsertBefore : Transform<InsertBefore.Options>
{
    /// <summary>The first release whose resizing has half_pixel_centers.</summary>
    private const string HalfPixelCenters = "tf1.14";

    public sealed record Options
    {
        [Option("name", "The input.")]
        public required string Name { get; init; }

        [Option("cast", "Type that is to be fed.", DefaultText = "as it is")]
        public DataType? Cast { get; init; }

        [Option("scale", "Factor, such as 0.00392157.")]
        public float Scale { get; init; } = 1;

        [Option("mean", "Subtracted after scaling; repeat it for each channel.", DefaultText = "0")]
        public ImmutableArray<float> Mean { get; init; } = [];

        [Option("std", "Divides after the mean is subtracted; repeat it for each channel.", DefaultText = "1")]
        public ImmutableArray<float> Std { get; init; } = [];

        [Option("transpose", "Dimensions of what is fed in the order that the graph wants; repeat it for each: 0, 2, 3, 1 feeds NCHW to an NHWC graph.", DefaultText = "as it is")]
        public ImmutableArray<int> Transpose { get; init; } = [];

        [Option("resize_height", "Height that the graph wants; any size may then be fed.", DefaultText = "as it is")]
        public int ResizeHeight { get; init; }

        [Option("resize_width", "Width that the graph wants.", DefaultText = "as it is")]
        public int ResizeWidth { get; init; }
    }

    protected override Graph Apply(Graph graph, Options options, TransformContext context)
    {
        Node input = graph.Find(options.Name) ?? throw StructureDiagnostics.NoNode(options.Name);
        if (input.Op is not ("Placeholder" or "PlaceholderV2" or "PlaceholderWithDefault") || input.TypeAttribute("dtype") is not { } type)
            throw StructureDiagnostics.Wrong(StructureDiagnostics.WrongNode, $"node '{input.Name}' ({input.Op}) is no input", input.Name, "Name a placeholder.");
        if (options.Cast is DataType.String or DataType.Resource or DataType.Variant && options.Cast != type)
            throw StructureDiagnostics.Wrong(StructureDiagnostics.WrongValue, $"input '{input.Name}' is {type.Name()}; {options.Cast.Value.Name()} cannot be cast to it", input.Name);
        var chain = new PreprocessingChain(graph, input, type);
        TensorShape shape = input.Attributes.TryGetValue("shape", out var value) && value is ShapeValue known ? known.Value : TensorShape.Unknown;
        DataType fed = options.Cast ?? type;
        if (options.ResizeHeight > 0 || options.ResizeWidth > 0)
        {
            (shape, fed) = chain.Resize(shape, fed, options.ResizeHeight, options.ResizeWidth);
            context.WrittenFor = HalfPixelCenters;
        }
        else if (fed != type)
            chain.Cast(fed);
        TensorShape wanted = shape;
        shape = options.Transpose.IsEmpty ? shape : chain.Transpose(shape, options.Transpose);
        chain.Normalize(options.Scale, options.Mean, options.Std, wanted);
        Node outer = input.With("dtype", options.Cast ?? type).With("shape", shape);
        var inserted = chain.Nodes;
        if (inserted.IsEmpty)
            return graph;
        if (input.Op == "PlaceholderWithDefault")
            throw StructureDiagnostics.Wrong(StructureDiagnostics.WrongNode, $"input '{input.Name}' has a default, which would be preprocessed too", input.Name, $"Make it an input without a default first: set_input(name=\"{input.Name}\").");
        Graph changed = graph.Select(node => ReferenceEquals(node, input) ? outer : node.Inputs.Any(entry => entry.Node == input.Name && !entry.IsControl)
            ? node with { Inputs = [.. node.Inputs.Select(entry => entry.Node == input.Name && !entry.IsControl ? chain.End : entry)] }
            : node);
        int place = changed.Nodes.IndexOf(outer);
        return changed.WithNodes(changed.Nodes.InsertRange(place + 1, inserted));
    }
}

/// <summary>Nodes one after the other behind an input.</summary>
internal sealed class PreprocessingChain(Graph graph, Node input, DataType type)
{
    private readonly List<Node> nodes = [];

    public NodeInput End { get; private set; } = new(input.Name);

    public ImmutableArray<Node> Nodes => [.. nodes];

    public void Cast(DataType from) => Append("cast", "Cast", [End], AttributeMap.Of(("SrcT", from), ("DstT", type)));

    /// <summary>Resizes images by bilinear interpolation; the result is float.</summary>
    public (TensorShape Shape, DataType Fed) Resize(TensorShape shape, DataType fed, int height, int width)
    {
        bool isImage = shape is { Rank: 4 };
        if (!isImage || height <= 0 || width <= 0)
            throw StructureDiagnostics.Wrong(StructureDiagnostics.WrongValue, $"input '{input.Name}' of shape {shape} cannot be resized to {height} by {width}", input.Name, "Give both resize_height and resize_width, for an input of four dimensions with the channels last.");
        Node size = Constant("size", Tensor.Create<int>(DataType.Int32, TensorShape.Of(2), [height, width]));
        Append("resized", "ResizeBilinear", [End, size.Name], AttributeMap.Of(("T", fed), ("align_corners", false), ("half_pixel_centers", true)));
        if (type != DataType.Float)
            Append("cast", "Cast", [End], AttributeMap.Of(("SrcT", DataType.Float), ("DstT", type)));
        return (TensorShape.Of(shape[0], -1, -1, shape[3]), fed);
    }

    public void Normalize(float scale, ImmutableArray<float> mean, ImmutableArray<float> std, TensorShape shape)
    {
        long channels = shape.Rank > 0 ? shape[shape.Rank - 1] : -1;
        foreach (var (name, values) in (ReadOnlySpan<(string, ImmutableArray<float>)>)[("mean", mean), ("std", std)])
        {
            if (values.Length > 1 && (shape.Rank == 0 || (channels >= 0 && channels != values.Length)))
                throw StructureDiagnostics.Wrong(StructureDiagnostics.WrongValue, $"{name} has {values.Length} values, input '{input.Name}' of shape {shape} has {Math.Max(channels, 1)} channels", input.Name, "Give one value, or one for each element of the last dimension.");
        }
        if (std.Contains(0))
            throw StructureDiagnostics.Wrong(StructureDiagnostics.WrongValue, $"std of input '{input.Name}' is 0, by which nothing can be divided", input.Name);
        bool changesValues = scale != 1 || !mean.IsEmpty || !std.IsEmpty;
        if (changesValues && type != DataType.Float)
            throw StructureDiagnostics.Wrong(StructureDiagnostics.WrongValue, $"the graph reads input '{input.Name}' as {type.Name()}; only float values can be scaled", input.Name);
        if (scale != 1)
            Append("scaled", "Mul", [End, Constant("scale", Tensor.Scalar(scale)).Name], AttributeMap.Of(("T", type)));
        if (!mean.IsEmpty)
            Append("centered", "Sub", [End, Constant("mean", Values(mean)).Name], AttributeMap.Of(("T", type)));
        if (!std.IsEmpty)
            Append("normalized", "RealDiv", [End, Constant("std", Values(std)).Name], AttributeMap.Of(("T", type)));
    }

    /// <summary>Transposes what is fed; gives the shape of it.</summary>
    public TensorShape Transpose(TensorShape shape, ImmutableArray<int> permutation)
    {
        if (!permutation.Order().SequenceEqual(Enumerable.Range(0, permutation.Length)) || (shape.Rank >= 0 && shape.Rank != permutation.Length))
            throw StructureDiagnostics.Wrong(StructureDiagnostics.WrongValue, $"({string.Join(", ", permutation)}) is no order of the dimensions of input '{input.Name}' of shape {shape}", input.Name);
        Node order = Constant("order", Tensor.Create<int>(DataType.Int32, TensorShape.Of(permutation.Length), permutation.AsSpan()));
        Append("transposed", "Transpose", [End, order.Name], AttributeMap.Of(("T", type), ("Tperm", DataType.Int32)));
        if (shape.Rank < 0)
            return shape;
        long[] fed = new long[shape.Rank];
        for (int i = 0; i < fed.Length; i++)
            fed[permutation[i]] = shape[i];
        return TensorShape.Of(fed);
    }

    private static Tensor Values(ImmutableArray<float> values) => values.Length == 1 ? Tensor.Scalar(values[0]) : Tensor.FromContent(DataType.Float, TensorShape.Of(values.Length), MemoryMarshal.AsBytes(values.AsSpan()).ToArray());

    private Node Constant(string name, Tensor value)
    {
        Node node = Node.Constant(graph.FreeName($"{input.Name}/{name}"), value);
        nodes.Add(node);
        return node;
    }

    private void Append(string name, string op, ImmutableArray<NodeInput> inputs, AttributeMap attributes)
    {
        Node node = new(graph.FreeName($"{input.Name}/{name}"), op, inputs, attributes);
        nodes.Add(node);
        End = node.Name;
    }
}
