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
    [Writes("FusedBatchNorm", "FusedBatchNormV2", "FusedBatchNormV3", Declines = "statistics of the batch")]
    public static void WriteBatchNorm(NodeWriter node)
    {
        if (node.Flag("is_training"))
            throw OnnxDiagnostics.Decline("statistics of the batch; is_training=false is written");
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
