using TransformFramework.Graphs;
using TransformFramework.Onnx.Inference;
using TransformFramework.Onnx.Reading;

namespace TransformFramework.Onnx.Operators;

/// <summary>Normalizations by statistics and by sums of exponentials. Images have their channels first.</summary>
internal static partial class Normalizations
{
    [Infers("Softmax", "LogSoftmax", "Hardmax", "InstanceNormalization", "GroupNormalization", "LRN", "LpNormalization", "MeanVarianceNormalization", "RMSNormalization")]
    public static void InferSame(NodeInference node) => node.Set(node[0].Type, node[0].Shape);

    [Infers("SkipLayerNormalization", Domain = "com.microsoft")]
    public static void InferSkip(NodeInference node)
    {
        node.Set(node[0].Type, node[0].Shape);
        node.Set(3, node[0].Type, node[0].Shape);
    }

    [Infers("BatchNormalization")]
    public static void InferBatchNorm(NodeInference node)
    {
        node.Set(node[0].Type, node[0].Shape);
        for (int i = 1; i < 5; i++)
            node.Set(i, node[3].Type, node[3].Shape);
    }

    [Infers("LayerNormalization")]
    public static void InferLayerNorm(NodeInference node)
    {
        TensorShape shape = node[0].Shape;
        node.Set(0, node[0].Type, shape);
        if (shape.IsUnknownRank)
            return;
        int axis = node.Axis(node.Integer("axis", -1), shape.Rank);
        TensorShape statistics = TensorShape.Of([.. shape.Dimensions.Select((dimension, i) => i < axis ? dimension : 1)]);
        node.Set(1, DataType.Float, statistics);
        node.Set(2, DataType.Float, statistics);
    }

    /// <summary>Until opset 12 all dimensions from the axis on are one.</summary>
    [Reads("Softmax", "LogSoftmax", "Hardmax")]
    public static void ReadSoftmax(NodeReader node)
    {
        int rank = node.Rank(0);
        bool isFlattened = node.Opset < 13;
        int axis = rank == 0 ? 0 : NodeReader.Axis(node.Integer("axis", isFlattened ? 1 : -1), rank);
        if (isFlattened && axis < rank - 1)
        {
            NodeInput shape = node.Emit("Shape", [node[0]]);
            NodeInput outer = node.Emit("Prod", [node.Emit("StridedSlice", [shape, node.Ints(0), node.Ints(axis), node.Ints(1)]), node.Ints(0)], ("keep_dims", true));
            NodeInput flat = node.Emit("Reshape", [node[0], node.Emit("ConcatV2", [outer, node.Ints(-1), node.Int(0)])]);
            node.Result("Reshape", [Softmax(node, flat), shape]);
            return;
        }
        int[] order = [.. Enumerable.Range(0, rank).Where(i => i != axis), axis];
        int[] back = new int[rank];
        for (int i = 0; i < rank; i++)
            back[order[i]] = i;
        node.Set(0, node.Transpose(Softmax(node, node.Transpose(node[0], order)), back));
    }

    private static NodeInput Softmax(NodeReader node, NodeInput logits)
    {
        if (node.Op != "Hardmax")
            return node.Emit(node.Op, [logits]);
        NodeInput place = node.Emit("ArgMax", [logits, node.Int(-1)]);
        NodeInput shape = node.Emit("Shape", [logits]);
        NodeInput depth = node.Emit("StridedSlice", [shape, node.Ints(-1), node.Ints(0), node.Ints(1)], ("shrink_axis_mask", 1));
        return node.Emit("OneHot", [place, depth, node.Scalar(node.TypeOf(0), 1), node.Scalar(node.TypeOf(0), 0)]);
    }

    /// <summary>Images of two dimensions become a fused norm; others are computed by pieces, as is training mode.</summary>
    [Reads("BatchNormalization")]
    public static void ReadBatchNorm(NodeReader node)
    {
        float epsilon = node.Real("epsilon", 1e-5f);
        bool isTraining = node.Opset >= 14 && node.Flag("training_mode");
        if (!isTraining && node.Opset < 9 && node.Integer("spatial", 1) == 0)
            throw OnnxDiagnostics.Decline("statistics for each place");
        bool isFused = !isTraining && node.Rank(0) == 4 && node.TypeOf(0) is DataType.Float or DataType.Half && node.TypeOf(3) == DataType.Float && node.TypeOf(1) == DataType.Float;
        if (isFused)
        {
            string op = node.TypeOf(0) == DataType.Float ? "FusedBatchNormV3" : "FusedBatchNormV2";
            node.SetLast(node.EmitAll(op, [node.Last(0), node[1], node[2], node[3], node[4]], ("epsilon", epsilon), ("is_training", false), ("U", DataType.Float))[0]);
            return;
        }
        int rank = node.Rank(0);
        NodeInput mean = node[3];
        NodeInput variance = node[4];
        if (isTraining)
        {
            NodeInput axes = node.Ints([.. Enumerable.Range(0, rank).Where(axis => axis != 1).Select(axis => (long)axis)]);
            NodeInput kept = node.Emit("Mean", [node[0], axes], ("keep_dims", true));
            mean = node.Reshape(kept, -1);
            variance = node.Emit("Mean", [node.Emit("Square", [node.Emit("Sub", [node[0], kept])]), axes]);
            Running(node, 1, node[3], mean);
            Running(node, 2, node[4], variance);
        }
        NodeInput Channels(NodeInput values) => rank == 2 ? values : node.Reshape(values, [-1, .. Enumerable.Repeat(1L, Math.Max(0, rank - 2))]);
        DataType type = node.TypeOf(0);
        NodeInput scale = node.Emit("Mul", [node[1], node.Cast(node.Emit("Rsqrt", [node.Emit("AddV2", [variance, node.Scalar(node.Scope.Emitter.TypeOf(variance), epsilon)])]), node.TypeOf(1))]);
        NodeInput offset = node.Emit("Sub", [node[2], node.Emit("Mul", [node.Cast(mean, node.TypeOf(1)), scale])]);
        node.Result("AddV2", [node.Emit("Mul", [node[0], node.Cast(Channels(scale), type)]), node.Cast(Channels(offset), type)]);
    }

    private static void Running(NodeReader node, int output, NodeInput old, NodeInput current)
    {
        if (!node.Wants(output))
            return;
        float momentum = node.Real("momentum", 0.9f);
        DataType type = node.Scope.Emitter.TypeOf(old);
        NodeInput kept = node.Emit("Mul", [old, node.Scalar(type, momentum)]);
        node.Set(output, node.Emit("AddV2", [kept, node.Emit("Mul", [node.Cast(current, type), node.Scalar(type, 1 - momentum)])]));
    }

    [Reads("InstanceNormalization")]
    public static void ReadInstanceNorm(NodeReader node)
    {
        int rank = node.Rank(0);
        NodeInput normal = Standardized(node, node[0], [.. Enumerable.Range(2, rank - 2)], node.Real("epsilon", 1e-5f));
        long[] shape = [-1, .. Enumerable.Repeat(1L, rank - 2)];
        node.Result("AddV2", [node.Emit("Mul", [normal, node.Reshape(node[1], shape)]), node.Reshape(node[2], shape)]);
    }

    /// <summary>From opset 21 on scale and bias are for each channel, before for each group.</summary>
    [Reads("GroupNormalization")]
    public static void ReadGroupNorm(NodeReader node)
    {
        int rank = node.Rank(0);
        long groups = node.Integer("num_groups", 1);
        NodeInput shape = node.Emit("Shape", [node[0]]);
        TensorShape known = node.Info(0).Shape;
        NodeInput grouped = known.Dimensions.Skip(1).All(dimension => dimension >= 0)
            ? node.Reshape(node[0], [-1, groups, known[1] / groups, .. known.Dimensions.Skip(2)])
            : throw OnnxDiagnostics.Decline("channels, height and width must be known");
        NodeInput normal = Standardized(node, grouped, [.. Enumerable.Range(2, rank - 1)], node.Real("epsilon", 1e-5f));
        if (node.Opset < 21)
        {
            long[] perGroup = [groups, .. Enumerable.Repeat(1L, rank - 1)];
            NodeInput scaled = node.Emit("AddV2", [node.Emit("Mul", [normal, node.Reshape(node[1], perGroup)]), node.Reshape(node[2], perGroup)]);
            node.Result("Reshape", [scaled, shape]);
            return;
        }
        long[] perChannel = [-1, .. Enumerable.Repeat(1L, rank - 2)];
        NodeInput back = node.Emit("Reshape", [normal, shape]);
        node.Result("AddV2", [node.Emit("Mul", [back, node.Reshape(node[1], perChannel)]), node.Reshape(node[2], perChannel)]);
    }

    /// <summary>Mean 0 and variance 1 along axes.</summary>
    private static NodeInput Standardized(NodeReader node, NodeInput data, int[] axes, float epsilon)
    {
        NodeInput along = node.Ints([.. axes.Select(axis => (long)axis)]);
        NodeInput centred = node.Emit("Sub", [data, node.Emit("Mean", [data, along], ("keep_dims", true))]);
        NodeInput variance = node.Emit("Mean", [node.Emit("Square", [centred]), along], ("keep_dims", true));
        return node.Emit("Mul", [centred, node.Emit("Rsqrt", [node.Emit("AddV2", [variance, node.Scalar(node.Scope.Emitter.TypeOf(data), epsilon)])])]);
    }

    [Reads("LayerNormalization")]
    public static void ReadLayerNorm(NodeReader node)
    {
        int rank = node.Rank(0);
        int axis = NodeReader.Axis(node.Integer("axis", -1), rank);
        NodeInput data = node.TypeOf(0) == DataType.Double ? node[0] : node.Cast(node[0], DataType.Float);
        DataType wide = node.Scope.Emitter.TypeOf(data);
        NodeInput along = node.Ints([.. Enumerable.Range(axis, rank - axis).Select(i => (long)i)]);
        NodeInput mean = node.Emit("Mean", [data, along], ("keep_dims", true));
        NodeInput centred = node.Emit("Sub", [data, mean]);
        NodeInput variance = node.Emit("Mean", [node.Emit("Square", [centred]), along], ("keep_dims", true));
        NodeInput inverse = node.Emit("Rsqrt", [node.Emit("AddV2", [variance, node.Scalar(wide, node.Real("epsilon", 1e-5f))])]);
        NodeInput scaled = node.Emit("Mul", [node.Cast(node.Emit("Mul", [centred, inverse]), node.TypeOf(0)), node[1]]);
        node.Set(0, node.Has(2) ? node.Emit("AddV2", [scaled, node[2]]) : scaled);
        node.Set(1, mean);
        node.Set(2, inverse);
    }

    [Reads("RMSNormalization")]
    public static void ReadRmsNorm(NodeReader node)
    {
        int rank = node.Rank(0);
        int axis = NodeReader.Axis(node.Integer("axis", -1), rank);
        NodeInput data = node.TypeOf(0) == DataType.Double ? node[0] : node.Cast(node[0], DataType.Float);
        NodeInput along = node.Ints([.. Enumerable.Range(axis, rank - axis).Select(i => (long)i)]);
        NodeInput square = node.Emit("Mean", [node.Emit("Square", [data]), along], ("keep_dims", true));
        NodeInput inverse = node.Emit("Rsqrt", [node.Emit("AddV2", [square, node.Scalar(node.Scope.Emitter.TypeOf(data), node.Real("epsilon", 1e-5f))])]);
        node.Result("Mul", [node.Cast(node.Emit("Mul", [data, inverse]), node.TypeOf(1)), node[1]]);
    }

    [Reads("SkipLayerNormalization", Domain = "com.microsoft")]
    public static void ReadSkipLayerNorm(NodeReader node)
    {
        NodeInput sum = node.Emit("AddV2", [node[0], node[1]]);
        if (node.Has(4))
            sum = node.Emit("AddV2", [sum, node[4]]);
        NodeInput scaled = node.Emit("Mul", [Standardized(node, sum, [node.Rank(0) - 1], node.Real("epsilon", 1e-12f)), node[2]]);
        node.Set(0, node.Has(3) ? node.Emit("AddV2", [scaled, node[3]]) : scaled);
        node.Set(3, sum);
    }

    /// <summary>x / (bias + α/size · Σ x²)^β over neighbouring channels; TensorFlow's α is for one element.</summary>
    [Reads("LRN")]
    public static void ReadLrn(NodeReader node)
    {
        long size = node.Integer("size", 1);
        float alpha = node.Real("alpha", 1e-4f) / size;
        if (size % 2 == 1 && node.Rank(0) == 4 && node.TypeOf(0) is DataType.Float or DataType.Half)
        {
            node.ResultLast("LRN", [node.Last(0)], ("depth_radius", (size - 1) / 2), ("bias", node.Real("bias", 1)), ("alpha", alpha), ("beta", node.Real("beta", 0.75f)));
            return;
        }
        int rank = node.Rank(0);
        NodeInput square = node.Emit("Square", [node[0]]);
        long[] pads = new long[2 * rank];
        pads[2] = (size - 1) / 2;
        pads[3] = size - 1 - pads[2];
        NodeInput padded = node.Emit("Pad", [square, node.Const(Tensors.Integers(DataType.Int32, TensorShape.Of(rank, 2), pads))]);
        NodeInput running = node.Emit("Cumsum", [node.Emit("Pad", [padded, node.Const(Tensors.Integers(DataType.Int32, TensorShape.Of(rank, 2), [0, 0, 1, 0, .. new long[2 * (rank - 2)]]))]), node.Int(1)]);
        NodeInput Part(long begin, long end) => node.Emit("StridedSlice", [running, node.Ints(0, begin), node.Ints(0, end), node.Ints(1, 1)], ("begin_mask", 1), ("end_mask", end == 0 ? 3 : 1));
        NodeInput sum = node.Emit("Sub", [Part(size, 0), Part(0, -size)]);
        DataType type = node.TypeOf(0);
        NodeInput scale = node.Emit("AddV2", [node.Emit("Mul", [sum, node.Scalar(type, alpha)]), node.Scalar(type, node.Real("bias", 1))]);
        node.Result("Mul", [node[0], node.Emit("Pow", [scale, node.Scalar(type, -node.Real("beta", 0.75f))])]);
    }

    /// <summary>A vector of zeros stays one.</summary>
    [Reads("LpNormalization")]
    public static void ReadLpNorm(NodeReader node)
    {
        NodeInput axis = node.Ints(node.Integer("axis", -1));
        bool isL1 = node.Integer("p", 2) == 1;
        NodeInput sum = node.Emit("Sum", [node.Emit(isL1 ? "Abs" : "Square", [node[0]]), axis], ("keep_dims", true));
        NodeInput length = isL1 ? sum : node.Emit("Sqrt", [sum]);
        node.Result("DivNoNan", [node[0], length]);
    }

    [Reads("MeanVarianceNormalization")]
    public static void ReadMvn(NodeReader node)
    {
        NodeInput along = node.Ints(node.Integers("axes") ?? [0, 2, 3]);
        DataType type = node.TypeOf(0);
        NodeInput centred = node.Emit("Sub", [node[0], node.Emit("Mean", [node[0], along], ("keep_dims", true))]);
        NodeInput deviation = node.Emit("Sqrt", [node.Emit("Mean", [node.Emit("Square", [centred]), along], ("keep_dims", true))]);
        node.Result("RealDiv", [centred, node.Emit("AddV2", [deviation, node.Scalar(type, 1e-9)])]);
    }
}
