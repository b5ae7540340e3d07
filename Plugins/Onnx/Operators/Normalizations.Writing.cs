using TransformFramework.Graphs;
using TransformFramework.Onnx.Inference;
using TransformFramework.Onnx.Writing;

namespace TransformFramework.Onnx.Operators;

/// <summary>Writes normalizations.</summary>
internal static partial class Normalizations
{
    [Writes("Softmax", "LogSoftmax")]
    public static void WriteSoftmax(NodeWriter node) => node.Set(node.Emit(node.Op, [node[0]], ("axis", -1L)));

    /// <summary>After a convolution the norm goes into its weights.</summary>
    [Writes("FusedBatchNorm", "FusedBatchNormV2", "FusedBatchNormV3")]
    public static void WriteBatchNorm(NodeWriter node)
    {
        if (node.Flag("is_training"))
        {
            WriteTrainingNorm(node);
            return;
        }
        float epsilon = node.Real("epsilon", 1e-4f);
        Tensor?[] parameters = [.. Enumerable.Range(1, 4).Select(node.Constant)];
        if (Array.TrueForAll(parameters, each => each is { Type: DataType.Float, IsDecodable: true }))
        {
            float[][] values = [.. parameters.Select(each => each!.AsSpan<float>().ToArray())];
            float[] factors = [.. values[0].Select((scale, i) => scale / MathF.Sqrt(values[3][i] + epsilon))];
            float[] offsets = [.. values[1].Select((offset, i) => offset - (values[2][i] * factors[i]))];
            if (ConvolutionFusion.TryFuse(node, factors, offsets))
                return;
        }
        bool isFirst = node.Text("data_format").StartsWith("NC", StringComparison.Ordinal);
        bool isVolume = node.Info(0).Rank == 5;
        Layout layout = isFirst || isVolume ? Layout.Original : Layout.ChannelsFirst;
        Operand data = isVolume && !isFirst ? node.Transpose(node[0], 0, 4, 1, 2, 3) : node.Read(0, layout);
        Operand normal = node.Emit("BatchNormalization", [data, node[1], node[2], node[3], node[4]], ("epsilon", epsilon));
        node.Set(isVolume && !isFirst ? node.Transpose(normal, 0, 2, 3, 4, 1) : normal, layout);
        for (int port = 1; port < 3; port++)
            node.Set(node[port + 2], port: port);
    }

    /// <summary>A norm by the statistics of the batch: (x - mean) · scale / √(variance + epsilon) + offset. The variance that is given is that of the population.</summary>
    private static void WriteTrainingNorm(NodeWriter node)
    {
        int rank = node.Rank(0);
        bool isFirst = node.Text("data_format").StartsWith("NC", StringComparison.Ordinal);
        long[] axes = [.. Enumerable.Range(0, rank).Where(axis => axis != (isFirst ? 1 : rank - 1)).Select(axis => (long)axis)];
        Operand data = node[0];
        Operand PerChannel(Operand values) => isFirst ? node.Reshape(values, [-1, .. Enumerable.Repeat(1L, rank - 2)]) : values;
        Operand Mean(Operand values) => node.Opset >= 18
            ? node.Emit("ReduceMean", [values, node.Longs(axes)], ("keepdims", 1L))
            : node.Emit("ReduceMean", [values], ("axes", axes), ("keepdims", 1L));
        Operand mean = Mean(data);
        Operand centered = node.Emit("Sub", [data, mean]);
        Operand variance = Mean(node.Emit("Mul", [centered, centered]));
        Operand deviation = node.Emit("Sqrt", [node.Emit("Add", [variance, node.Scalar(DataType.Float, node.Real("epsilon", 1e-4f))])]);
        node.Set(node.Emit("Add", [node.Emit("Mul", [node.Emit("Div", [centered, deviation]), PerChannel(node[1])]), PerChannel(node[2])]));
        if (!node.Real("exponential_avg_factor", 1).Equals(1f))
            return;
        Operand count = node.Emit("Div", [node.Cast(node.Emit("Size", [data]), DataType.Float), node.Cast(node.Emit("Size", [node[1]]), DataType.Float)]);
        Operand others = node.Emit("Max", [node.Emit("Sub", [count, node.Scalar(DataType.Float, 1)]), node.Scalar(DataType.Float, 1)]);
        node.Set(node.Squeeze(mean, axes), port: 1);
        node.Set(node.Squeeze(node.Emit("Mul", [variance, node.Emit("Div", [count, others])]), axes), port: 2);
    }

    /// <summary>Statistics in other places than a fused norm has them.</summary>
    [Writes("BatchNormWithGlobalNormalization")]
    public static void WriteGlobalNorm(NodeWriter node)
    {
        Operand gamma = node.Flag("scale_after_normalization") ? node[4] : node.Emit("ConstantOfShape", [node.Emit("Shape", [node[1]])], ("value", Tensors.Reshape(Tensor.Scalar(1f), 1)));
        node.Set(node.Emit("BatchNormalization", [node.Read(0, Layout.ChannelsFirst), gamma, node[3], node[1], node[2]], ("epsilon", node.Real("variance_epsilon"))), Layout.ChannelsFirst);
    }

    [Writes("LRN")]
    public static void WriteLrn(NodeWriter node)
    {
        long size = (2 * node.Integer("depth_radius", 5)) + 1;
        node.Set(node.Emit("LRN", [node.Read(0, Layout.ChannelsFirst)], ("size", size), ("alpha", node.Real("alpha", 1) * size), ("beta", node.Real("beta", 0.5f)), ("bias", node.Real("bias", 1))), Layout.ChannelsFirst);
    }

    [Writes("L2Loss")]
    public static void WriteL2Loss(NodeWriter node)
    {
        Operand x = node[0];
        node.Set(node.Emit("Mul", [node.Emit("ReduceSumSquare", [x], ("keepdims", 0L)), node.Scalar(x.Info.Type, 0.5)]));
    }
}
