using TransformFramework.Graphs;
using TransformFramework.Onnx.Inference;
using TransformFramework.Onnx.Reading;

namespace TransformFramework.Onnx.Operators;

/// <summary>Reductions along axes, which are an attribute in older operator sets and an input in newer ones.</summary>
internal static partial class Reductions
{
    [Infers("ReduceL1", "ReduceL2", "ReduceLogSum", "ReduceLogSumExp", "ReduceMax", "ReduceMean", "ReduceMin", "ReduceProd", "ReduceSum", "ReduceSumSquare")]
    public static void Infer(NodeInference node)
    {
        ValueInfo data = node[0];
        bool keeps = node.Flag("keepdims", otherwise: true);
        long[]? axes = node.InputOr(1, "axes");
        if (axes is not { Length: > 0 } && node.Flag("noop_with_empty_axes") && (axes is not null || !node.Has(1)))
        {
            node.Set(data.Type, data.Shape);
            return;
        }
        if (data.Shape.IsUnknownRank || (axes is null && node.Has(1)))
        {
            node.Set(data.Type, axes is null && !node.Has(1) && !keeps ? TensorShape.Scalar : keeps && !data.Shape.IsUnknownRank ? AllUnknown(data.Rank) : TensorShape.Unknown);
            return;
        }
        int[] along = axes is { Length: > 0 } ? node.Axes(axes, data.Rank) : [.. Enumerable.Range(0, data.Rank)];
        node.Set(Elements(node, Reduced(data.Shape, along, keeps)));
    }

    [Infers("ArgMax", "ArgMin")]
    public static void InferArg(NodeInference node)
    {
        TensorShape shape = node[0].Shape;
        node.Set(DataType.Int64, shape.IsUnknownRank ? shape : Reduced(shape, [node.Axis(node.Integer("axis", 0), shape.Rank)], node.Flag("keepdims", otherwise: true)));
    }

    [Reads("ReduceL1", "ReduceL2", "ReduceLogSum", "ReduceLogSumExp", "ReduceMax", "ReduceMean", "ReduceMin", "ReduceProd", "ReduceSum", "ReduceSumSquare")]
    public static void Read(NodeReader node)
    {
        bool keeps = node.Flag("keepdims", otherwise: true);
        bool isSpatial = node.Value(0).IsLast && node.Op is "ReduceMean" or "ReduceMax" or "ReduceMin" or "ReduceSum" && KnownAxes(node) is { } known
            && known.Select(axis => NodeReader.Axis(axis, 4)).Order().SequenceEqual([2, 3]);
        if (isSpatial && keeps)
        {
            node.ResultLast(node.Op[6..], [node.Last(0), node.Ints(1, 2)], ("keep_dims", true));
            return;
        }
        if (isSpatial)
        {
            node.Result(node.Op[6..], [node.Last(0), node.Ints(1, 2)], ("keep_dims", false));
            return;
        }
        NodeInput data = node[0];
        if (Axes(node) is not { } axes)
        {
            node.Set(0, Elementwise(node, data));
            return;
        }
        NodeInput Reduce(string op, NodeInput input) => node.Emit(op, [input, axes], ("keep_dims", keeps));
        switch (node.Op)
        {
            case "ReduceL1":
                node.Result("Sum", [node.Emit("Abs", [data]), axes], ("keep_dims", keeps));
                break;
            case "ReduceL2":
                node.Result("Sqrt", [Reduce("Sum", node.Emit("Mul", [data, data]))]);
                break;
            case "ReduceSumSquare":
                node.Result("Sum", [node.Emit("Mul", [data, data]), axes], ("keep_dims", keeps));
                break;
            case "ReduceLogSum":
                node.Result("Log", [Reduce("Sum", data)]);
                break;
            case "ReduceLogSumExp":
                ReadLogSumExp(node, data, axes, keeps);
                break;
            default:
                node.Result(node.Op[6..], [data, axes], ("keep_dims", keeps));
                break;
        }
    }

    /// <summary>The largest element is taken out first, so that nothing overflows.</summary>
    private static void ReadLogSumExp(NodeReader node, NodeInput data, NodeInput axes, bool keeps)
    {
        NodeInput most = node.Emit("Max", [data, axes], ("keep_dims", true));
        NodeInput finite = node.Emit("SelectV2", [node.Emit("IsFinite", [most]), most, node.Emit("ZerosLike", [most])]);
        NodeInput sum = node.Emit("Sum", [node.Emit("Exp", [node.Emit("Sub", [data, finite])]), axes], ("keep_dims", true));
        NodeInput result = node.Emit("AddV2", [node.Emit("Log", [sum]), finite]);
        if (keeps)
            node.Set(0, result);
        else
            node.Result("Sum", [result, axes], ("keep_dims", false));
    }

    /// <summary>The first of several extremes, or the last when it is asked for.</summary>
    [Reads("ArgMax", "ArgMin")]
    public static void ReadArg(NodeReader node)
    {
        int axis = NodeReader.Axis(node.Integer("axis", 0), node.Rank(0));
        bool keeps = node.Flag("keepdims", otherwise: true);
        bool takesLast = node.Flag("select_last_index");
        NodeInput data = takesLast ? node.Emit("ReverseV2", [node[0], node.Ints(axis)]) : node[0];
        NodeInput index = node.Emit(node.Op, [data, node.Int(axis)], ("output_type", DataType.Int64));
        if (takesLast)
        {
            NodeInput dimension = node.Emit("StridedSlice", [node.Emit("Shape", [node[0]], ("out_type", DataType.Int64)), node.Ints(axis), node.Ints(axis + 1), node.Ints(1)], ("shrink_axis_mask", 1));
            index = node.Emit("Sub", [node.Emit("Sub", [dimension, node.Scalar(DataType.Int64, 1)]), index]);
        }
        if (keeps)
            node.Result("ExpandDims", [index, node.Int(axis)]);
        else
            node.Set(0, index);
    }

    /// <summary>What is left of a shape.</summary>
    public static TensorShape Reduced(TensorShape shape, int[] axes, bool keeps) => keeps
        ? TensorShape.Of([.. shape.Dimensions.Select((dimension, axis) => axes.Contains(axis) ? 1 : dimension)])
        : TensorShape.Of([.. shape.Dimensions.Where((_, axis) => !axes.Contains(axis))]);

    private static TensorShape AllUnknown(int rank) => TensorShape.Of([.. Enumerable.Repeat(-1L, rank)]);

    private static ValueInfo Elements(NodeInference node, TensorShape shape)
    {
        long[]? known = node.Known(0);
        bool isFollowed = node.Op == "ReduceProd" && known is not null && node[0].Rank == 1;
        return isFollowed ? ValueInfo.OfElements(node[0].Type, shape, [known!.Aggregate(1L, (product, value) => unchecked(product * value))]) : new(node[0].Type, shape);
    }

    private static long[]? KnownAxes(NodeReader node) => node.Has(1) ? node.Known(1) : node.Integers("axes");

    /// <summary>The axes, all when none are given; null when nothing is reduced.</summary>
    private static NodeInput? Axes(NodeReader node)
    {
        if (node.Has(1) && node.Known(1) is null)
            return node[1];
        long[] axes = node.InputOr(1, "axes") ?? [];
        if (axes.Length > 0)
            return node.Ints(axes);
        if (node.Flag("noop_with_empty_axes"))
            return null;
        return node.Info(0).Rank is >= 0 and var rank
            ? node.Ints([.. Enumerable.Range(0, rank).Select(axis => (long)axis)])
            : node.Emit("Range", [node.Int(0), node.Emit("Rank", [node[0]]), node.Int(1)]);
    }

    private static NodeInput Elementwise(NodeReader node, NodeInput data) => node.Op switch
    {
        "ReduceL1" or "ReduceL2" => node.Emit("Abs", [data]),
        "ReduceSumSquare" => node.Emit("Mul", [data, data]),
        "ReduceLogSum" => node.Emit("Log", [data]),
        _ => data,
    };
}
