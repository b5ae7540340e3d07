using TransformFramework.Graphs;
using TransformFramework.TfLite.Reading;
using TransformFramework.TfLite.Schema;
using TransformFramework.TfLite.Writing;

namespace TransformFramework.TfLite.Operators;

/// <summary>
/// Operators over rows.
/// <code>
/// SOFTMAX(x) {beta}                     ↔   Softmax(x · beta)
/// LOG_SOFTMAX(x)                        ↔   LogSoftmax(x)
/// L2_NORMALIZATION(x)                   ↔   x · Rsqrt(Maximum(Sum(Square(x), -1), 1e-12))
/// LOCAL_RESPONSE_NORMALIZATION(x)       ↔   LRN(x) {depth_radius, bias, alpha, beta}
/// </code>
/// </summary>
[OperatorConverter("SOFTMAX", "LOG_SOFTMAX", "L2_NORMALIZATION", "LOCAL_RESPONSE_NORMALIZATION", Nodes = ["Softmax", "LogSoftmax", "LRN", "FusedBatchNorm", "FusedBatchNormV2", "FusedBatchNormV3", "BatchNormWithGlobalNormalization"])]
internal sealed class Normalizing : OperatorConverter
{
    private const float LeastSquare = 1e-12f;

    public override void Read(OperatorReader op)
    {
        if (op.Name == "SOFTMAX" && op.Input(0).Tensor is { Type: TensorType.Int16, Quantization: { } quantization } && op.Output().Tensor.Type == TensorType.Int16)
        {
            op.Output().DefineStored(Softmax16.Of(op, op.Stored(0), (double)quantization.Scale * op.Options.Real("beta")));
            return;
        }
        Value x = op.Real(0);
        op.Result(op.Name switch
        {
            "SOFTMAX" => Softmax(op, x),
            "LOG_SOFTMAX" => op.Node("LogSoftmax", [x]),
            "L2_NORMALIZATION" => op.Activate(Normalize(op, x)),
            _ => op.Node("LRN", [x], ("depth_radius", op.Options.Int("radius")), ("bias", op.Options.Real("bias")), ("alpha", op.Options.Real("alpha")), ("beta", op.Options.Real("beta"))),
        });
    }

    private static Value Softmax(OperatorReader op, Value x)
    {
        float beta = op.Options.Real("beta");
        return op.Node("Softmax", [beta is 1 or 0 ? x : op.Node("Mul", [x, op.Graph.Constant(beta)])]);
    }

    private static Value Normalize(OperatorReader op, Value x)
    {
        Value squares = op.Node("Sum", [op.Node("Square", [x]), op.Graph.Integers(-1)], ("keep_dims", true));
        return op.Node("Mul", [x, op.Node("Rsqrt", [op.Node("Maximum", [squares, op.Graph.Constant(LeastSquare)])])]);
    }

    public override void Write(NodeWriter node)
    {
        TensorDraft x = node.In(0);
        switch (node.Node.Op)
        {
            case "Softmax":
                node.Out(node.Emit("SOFTMAX", [x], ("beta", 1f)));
                break;
            case "LogSoftmax":
                node.Out(node.Emit("LOG_SOFTMAX", [x]));
                break;
            case "LRN":
                node.Out(node.Emit("LOCAL_RESPONSE_NORMALIZATION", [x], ("radius", node.Int("depth_radius")), ("bias", node.Node.Float("bias")), ("alpha", node.Node.Float("alpha")), ("beta", node.Node.Float("beta"))));
                break;
            default:
                WriteBatchNorm(node, x);
                break;
        }
    }

    /// <summary>A batch normalization of constant statistics: x · factor + offset.</summary>
    private static void WriteBatchNorm(NodeWriter node, TensorDraft x)
    {
        var (scale, offset, mean, variance, epsilon) = Statistics(node);
        float[] factors = [.. variance.Select((value, i) => (float)((scale is null ? 1 : scale[i]) / Math.Sqrt((double)value + epsilon)))];
        float[] offsets = [.. offset.Select((value, i) => (float)(value - ((double)mean[i] * factors[i])))];
        TensorDraft scaled = node.Emit("MUL", [x, node.Constant(Tensor.Create<float>(DataType.Float, TensorShape.Of(factors.Length), factors))]);
        node.Out(node.Emit("ADD", [scaled, node.Constant(Tensor.Create<float>(DataType.Float, TensorShape.Of(offsets.Length), offsets))]));
    }

    private static (float[]? Scale, float[] Offset, float[] Mean, float[] Variance, float Epsilon) Statistics(NodeWriter node)
    {
        if (node.Node.Op == "BatchNormWithGlobalNormalization")
            return (node.Node.Bool("scale_after_normalization") ? Channels(4) : null, Channels(3), Channels(1), Channels(2), node.Node.Float("variance_epsilon"));
        if (node.Node.Bool("is_training"))
            throw node.Decline("normalizing by the batch's own statistics has no counterpart", "Export the graph for inference.");
        if (node.Node.String("data_format") != "NHWC")
            throw node.Decline("only channels last has a counterpart", "Bring the graph to channels last first.");
        return (Channels(1), Channels(2), Channels(3), Channels(4), node.Node.Float("epsilon"));

        float[] Channels(int input) => node.Required(input).AsSpan<float>().ToArray();
    }
}
