using TransformFramework.Graphs;
using TransformFramework.Onnx.Inference;
using TransformFramework.Onnx.Reading;

namespace TransformFramework.Onnx.Operators;

internal static partial class Movement
{
    [Infers("Pad")]
    public static void InferPad(NodeInference node)
    {
        TensorShape shape = node[0].Shape;
        long[]? pads = node.InputOr(1, node.Opset < 2 ? "paddings" : "pads");
        long[]? axes = node.Has(3) ? node.Known(3) : null;
        if (shape.IsUnknownRank || pads is null || (node.Has(3) && axes is null))
        {
            node.Set(node[0].Type, shape.IsUnknownRank ? shape : TensorShape.Of([.. Enumerable.Repeat(-1L, shape.Rank)]));
            return;
        }
        int[] along = axes is null ? [.. Enumerable.Range(0, shape.Rank)] : node.Axes(axes, shape.Rank);
        if (pads.Length != 2 * along.Length)
            throw OnnxDiagnostics.Mismatch($"{pads.Length} pads are given for {along.Length} axes");
        for (int i = 0; i < along.Length; i++)
        {
            if (node[0].Shape[along[i]] >= 0)
                shape = With(shape, along[i], Math.Max(0, checked(node[0].Shape[along[i]] + pads[i] + pads[i + along.Length])));
        }
        node.Set(node[0].Type, shape);
    }

    /// <summary>Modes constant, reflect, edge and wrap; negative pads cut off.</summary>
    [Reads("Pad")]
    public static void ReadPad(NodeReader node)
    {
        string mode = node.Text("mode", "constant");
        int rank = node.Rank(0);
        long[]? axes = node.Has(3) ? node.InputOr(3, "axes") : null;
        int[] along = axes is null ? [.. Enumerable.Range(0, rank)] : [.. axes.Select(axis => NodeReader.Axis(axis, rank))];
        long[]? pads = node.Has(1) ? node.Known(1) : node.Integers(node.Opset < 2 ? "paddings" : "pads");
        if (pads is null)
        {
            ReadComputedPad(node, mode, rank, axes);
            return;
        }
        long[] before = new long[rank];
        long[] after = new long[rank];
        for (int i = 0; i < along.Length; i++)
        {
            before[along[i]] = pads[i];
            after[along[i]] = pads[i + along.Length];
        }
        bool isImage = node.Value(0).IsLast && mode is "constant" or "reflect" && Array.TrueForAll([.. before, .. after], pad => pad >= 0);
        if (isImage)
        {
            NodeInput pairs = Pairs(node, Last(before), Last(after));
            bool isFilled = mode == "constant" && (node.Has(2) || node.Real("value", 0) != 0);
            if (mode == "reflect")
                node.ResultLast("MirrorPad", [node.Last(0), pairs], ("mode", "REFLECT"));
            else if (isFilled)
                node.ResultLast("PadV2", [node.Last(0), pairs, Filling(node)]);
            else
                node.ResultLast("Pad", [node.Last(0), pairs]);
            return;
        }
        NodeInput data = Cropped(node, before, after);
        switch (mode)
        {
            case "constant":
                bool isZero = !node.Has(2) && node.Real("value", 0) == 0;
                if (isZero)
                    node.Result("Pad", [data, Pairs(node, before, after)]);
                else
                    node.Result("PadV2", [data, Pairs(node, before, after), Filling(node)]);
                break;
            case "reflect":
                node.Result("MirrorPad", [data, Pairs(node, before, after)], ("mode", "REFLECT"));
                break;
            case "edge" or "wrap":
                node.Set(0, Extended(node, data, before, after, mode == "wrap"));
                break;
            default:
                throw OnnxDiagnostics.Decline($"the mode '{mode}'");
        }
    }

    private static long[] Last(long[] pads) => [pads[0], pads[2], pads[3], pads[1]];

    private static void ReadComputedPad(NodeReader node, string mode, int rank, long[]? axes)
    {
        if (axes is not null || mode == "wrap")
            throw OnnxDiagnostics.Decline("pads that are computed, with axes or of mode wrap");
        NodeInput pairs = node.Transpose(node.Reshape(node[1], 2, rank), 1, 0);
        if (mode == "constant")
        {
            node.Result("PadV2", [node[0], pairs, Filling(node)]);
            return;
        }
        if (mode == "reflect")
        {
            node.Result("MirrorPad", [node[0], pairs], ("mode", "REFLECT"));
            return;
        }
        NodeInput data = node[0];
        NodeInput shape = node.Emit("Shape", [data], ("out_type", DataType.Int64));
        NodeInput zero = node.Scalar(DataType.Int64, 0);
        for (int axis = 0; axis < rank; axis++)
        {
            NodeInput At(NodeInput list, int i) => node.Emit("StridedSlice", [list, node.Ints(i), node.Ints(i + 1), node.Ints(1)], ("shrink_axis_mask", 1));
            NodeInput dimension = At(shape, axis);
            NodeInput all = node.Emit("Range", [node.Emit("Neg", [At(node[1], axis)]), node.Emit("AddV2", [dimension, At(node[1], axis + rank)]), node.Scalar(DataType.Int64, 1)]);
            NodeInput last = node.Emit("Sub", [dimension, node.Scalar(DataType.Int64, 1)]);
            data = node.Emit("GatherV2", [data, node.Emit("Minimum", [node.Emit("Maximum", [all, zero]), last]), node.Int(axis)]);
        }
        node.Set(0, data);
    }

    /// <summary>What is padded with: a tensor of one element, a scalar in older versions.</summary>
    private static NodeInput Filling(NodeReader node) =>
        !node.Has(2) ? node.Scalar(node.TypeOf(0), node.Real("value", 0)) : node.Info(2).Rank == 0 ? node[2] : node.Emit("Reshape", [node[2], node.Const(Tensors.Integers([], DataType.Int32))]);

    private static NodeInput Pairs(NodeReader node, long[] before, long[] after) =>
        node.Const(Tensors.Integers(DataType.Int32, TensorShape.Of(before.Length, 2), [.. before.Zip(after, (b, a) => new[] { Math.Max(0, b), Math.Max(0, a) }).SelectMany(pair => pair)]));

    private static NodeInput Cropped(NodeReader node, long[] before, long[] after)
    {
        if (Array.TrueForAll(before, pad => pad >= 0) && Array.TrueForAll(after, pad => pad >= 0))
            return node[0];
        long[] begins = Array.ConvertAll(before, pad => Math.Max(0, -pad));
        long[] ends = Array.ConvertAll(after, pad => Math.Min(0, pad));
        long mask = ends.Select((end, axis) => end == 0 ? 1L << axis : 0).Sum();
        return node.Emit("StridedSlice", [node[0], node.Ints(begins), node.Ints(ends), node.Ints([.. Enumerable.Repeat(1L, ends.Length)])], ("end_mask", mask));
    }

    /// <summary>Repeats the ends, or goes round, by gathering along each padded axis.</summary>
    private static NodeInput Extended(NodeReader node, NodeInput data, long[] before, long[] after, bool wraps)
    {
        TensorShape shape = node.Info(0).Shape;
        for (int axis = 0; axis < before.Length; axis++)
        {
            if (before[axis] <= 0 && after[axis] <= 0)
                continue;
            long dimension = shape[axis] < 0 ? throw OnnxDiagnostics.Decline("modes edge and wrap need known dimensions") : shape[axis] + Math.Min(0, before[axis]) + Math.Min(0, after[axis]);
            var indices = new List<long>();
            for (long i = -Math.Max(0, before[axis]); i < dimension + Math.Max(0, after[axis]); i++)
                indices.Add(wraps ? ((i % dimension) + dimension) % dimension : Math.Clamp(i, 0, dimension - 1));
            data = node.Emit("GatherV2", [data, node.Ints([.. indices]), node.Int(axis)]);
        }
        return data;
    }
}
