using TransformFramework.Graphs;
using TransformFramework.Onnx.Reading;

namespace TransformFramework.Onnx.Operators;

/// <summary>Gathers elements of images with channels last at places [batch, rows, columns] of real coordinates.</summary>
internal sealed class GridSampler
{
    private readonly NodeReader node;
    private readonly NodeInput image;
    private readonly string padding;
    private readonly bool alignsCorners;
    private readonly DataType type;
    private readonly NodeInput dimensions;

    /// <param name="node">The node that is read.</param>
    /// <param name="image">[batch, height, width, channels].</param>
    /// <param name="padding"><c>zeros</c>, <c>border</c>, <c>reflection</c>, or <c>region</c>: RoiAlign's, zeros from one element outside on, else the border.</param>
    /// <param name="alignsCorners">True when -1 and 1 are the centres of the outermost elements.</param>
    public GridSampler(NodeReader node, NodeInput image, string padding, bool alignsCorners)
    {
        this.node = node;
        this.image = image;
        this.padding = padding;
        this.alignsCorners = alignsCorners;
        type = node.TypeOf(0);
        dimensions = node.Emit("Shape", [image]);
        Height = SpatialSize(1);
        Width = SpatialSize(2);
    }

    /// <summary>Height as a real number.</summary>
    public NodeInput Height { get; }

    /// <summary>Width as a real number.</summary>
    public NodeInput Width { get; }

    /// <summary>The image of each first index of the places; null for the one of the same index.</summary>
    public NodeInput? Batch { get; init; }

    /// <summary>From [-1, 1] to elements.</summary>
    public NodeInput Unnormalized(NodeInput x, NodeInput size)
    {
        NodeInput moved = Plus(x, 1);
        return alignsCorners
            ? Times(Multiply(moved, Plus(size, -1)), 0.5)
            : Times(Plus(Multiply(moved, size), -1), 0.5);
    }

    public NodeInput Nearest(NodeInput x, NodeInput y) => Tap(node.Emit("Round", [Inside(x, Width)]), node.Emit("Round", [Inside(y, Height)]));

    public NodeInput Linear(NodeInput x, NodeInput y) => LinearTaps(x, y).Select(tap => Multiply(tap.Value, tap.Weight)).Aggregate(Add);

    /// <summary>The largest of the four weighted elements, which RoiAlign's maximum is made of.</summary>
    public NodeInput LargestTap(NodeInput x, NodeInput y) => LinearTaps(x, y).Select(tap => Multiply(tap.Value, tap.Weight)).Aggregate((left, right) => node.Emit("Maximum", [left, right]));

    private List<(NodeInput Value, NodeInput Weight)> LinearTaps(NodeInput x, NodeInput y)
    {
        NodeInput? isOutside = null;
        if (padding == "region")
        {
            isOutside = node.Emit("LogicalOr", [Outside(x, Width), Outside(y, Height)]);
            x = Clamped(x, Width);
            y = Clamped(y, Height);
        }
        x = Inside(x, Width);
        y = Inside(y, Height);
        NodeInput left = node.Emit("Floor", [x]);
        NodeInput top = node.Emit("Floor", [y]);
        NodeInput right = node.Emit("Sub", [x, left]);
        NodeInput below = node.Emit("Sub", [y, top]);
        var taps = new List<(NodeInput Value, NodeInput Weight)>();
        for (int i = 0; i < 4; i++)
        {
            NodeInput wx = i % 2 == 1 ? right : OneMinus(right);
            NodeInput wy = i / 2 == 1 ? below : OneMinus(below);
            NodeInput weight = node.Emit("ExpandDims", [Multiply(wx, wy), node.Int(-1)]);
            if (isOutside is { } outside)
                weight = node.Emit("SelectV2", [node.Emit("ExpandDims", [outside, node.Int(-1)]), node.Scalar(type, 0), weight]);
            taps.Add((Tap(i % 2 == 1 ? Plus(left, 1) : left, i / 2 == 1 ? Plus(top, 1) : top), weight));
        }
        return taps;
    }

    public NodeInput Cubic(NodeInput x, NodeInput y)
    {
        NodeInput left = node.Emit("Floor", [x]);
        NodeInput top = node.Emit("Floor", [y]);
        NodeInput[] wx = CubicWeights(node.Emit("Sub", [x, left]));
        NodeInput[] wy = CubicWeights(node.Emit("Sub", [y, top]));
        NodeInput? sum = null;
        for (int i = 0; i < 16; i++)
        {
            NodeInput column = Plus(left, (i % 4) - 1);
            NodeInput row = Plus(top, (i / 4) - 1);
            NodeInput value = Multiply(Tap(Inside(column, Width), Inside(row, Height)), node.Emit("ExpandDims", [Multiply(wx[i % 4], wy[i / 4]), node.Int(-1)]));
            sum = sum is { } known ? Add(known, value) : value;
        }
        return sum!.Value;
    }

    /// <summary>Weights of the four neighbours by the kernel with a = -0.75.</summary>
    private NodeInput[] CubicWeights(NodeInput fraction)
    {
        const double a = -0.75;
        NodeInput Far(NodeInput d) => Plus(Multiply(d, Plus(Multiply(d, Plus(Times(d, a), -5 * a)), 8 * a)), -4 * a);
        NodeInput Near(NodeInput d) => Plus(Multiply(Multiply(d, d), Plus(Times(d, a + 2), -(a + 3))), 1);
        NodeInput rest = OneMinus(fraction);
        return [Far(Plus(fraction, 1)), Near(fraction), Near(rest), Far(Plus(rest, 1))];
    }

    /// <summary>A coordinate brought inside, as the padding has it; with zeros it stays.</summary>
    private NodeInput Inside(NodeInput x, NodeInput size) => padding switch
    {
        "border" => Clamped(x, size),
        "reflection" => Reflected(x, size),
        _ => x,
    };

    private NodeInput Clamped(NodeInput x, NodeInput size) => node.Emit("Minimum", [node.Emit("Maximum", [x, node.Scalar(type, 0)]), Plus(size, -1)]);

    private NodeInput Reflected(NodeInput x, NodeInput size)
    {
        double low = alignsCorners ? 0 : -0.5;
        NodeInput span = alignsCorners ? node.Emit("Maximum", [Plus(size, -1), node.Scalar(type, 1e-6)]) : size;
        NodeInput distance = node.Emit("Abs", [Plus(x, -low)]);
        NodeInput phase = node.Emit("FloorMod", [distance, Times(span, 2)]);
        NodeInput folded = node.Emit("Sub", [span, node.Emit("Abs", [node.Emit("Sub", [phase, span])])]);
        return Clamped(Plus(folded, low), size);
    }

    private NodeInput Outside(NodeInput x, NodeInput size) =>
        node.Emit("LogicalOr", [node.Emit("Less", [x, node.Scalar(type, -1)]), node.Emit("Greater", [x, size])]);

    /// <summary>Elements at whole coordinates; zero outside.</summary>
    private NodeInput Tap(NodeInput x, NodeInput y)
    {
        NodeInput column = node.Cast(Clamped(x, Width), DataType.Int32);
        NodeInput row = node.Cast(Clamped(y, Height), DataType.Int32);
        NodeInput count = node.Emit("StridedSlice", [node.Emit("Shape", [x]), node.Ints(0), node.Ints(1), node.Ints(1)], ("shrink_axis_mask", 1));
        NodeInput first = Batch ?? node.Emit("Range", [node.Int(0), count, node.Int(1)]);
        NodeInput batch = node.Emit("BroadcastTo", [node.Reshape(first, -1, 1, 1), node.Emit("Shape", [x])]);
        NodeInput gathered = node.Emit("GatherNd", [image, node.Emit("Pack", [batch, row, column], ("axis", 3))]);
        if (padding != "zeros")
            return gathered;
        NodeInput isInside = node.Emit("LogicalAnd", [IsWithin(x, Width), IsWithin(y, Height)]);
        return node.Emit("SelectV2", [node.Emit("ExpandDims", [isInside, node.Int(-1)]), gathered, node.Scalar(type, 0)]);
    }

    private NodeInput IsWithin(NodeInput x, NodeInput size) =>
        node.Emit("LogicalAnd", [node.Emit("GreaterEqual", [x, node.Scalar(type, 0)]), node.Emit("LessEqual", [x, Plus(size, -1)])]);

    private NodeInput SpatialSize(int axis) =>
        node.Cast(node.Emit("StridedSlice", [dimensions, node.Ints(axis), node.Ints(axis + 1), node.Ints(1)], ("shrink_axis_mask", 1)), type);

    private NodeInput Plus(NodeInput x, double value) => value == 0 ? x : node.Emit("AddV2", [x, node.Scalar(type, value)]);

    private NodeInput Times(NodeInput x, double value) => node.Emit("Mul", [x, node.Scalar(type, value)]);

    private NodeInput OneMinus(NodeInput x) => node.Emit("Sub", [node.Scalar(type, 1), x]);

    private NodeInput Multiply(NodeInput left, NodeInput right) => node.Emit("Mul", [left, right]);

    private NodeInput Add(NodeInput left, NodeInput right) => node.Emit("AddV2", [left, right]);
}
