using TransformFramework.Graphs;
using TransformFramework.TfLite.Reading;
using TransformFramework.TfLite.Writing;

namespace TransformFramework.TfLite.Operators;

/// <summary>
/// Activations that graphs write with several ops.
/// <code>
/// RELU_N1_TO_1, RELU_0_TO_1   ↔   ClipByValue(x, -1 | 0, 1)
/// HARD_SWISH                  ↔   Mul(Mul(x, Relu6(x + 3)), 1/6)
/// GELU                        ↔   0.5 · x · (1 + Erf(x / √2)), or with tanh where it is approximate
/// LEAKY_RELU {alpha}          ↔   LeakyRelu {alpha}
/// PRELU(x, alpha)             ↔   Relu(x) - alpha · Relu(-x)
/// </code>
/// </summary>
[OperatorConverter("RELU_N1_TO_1", "RELU_0_TO_1", "HARD_SWISH", "GELU", "LEAKY_RELU", "PRELU", Nodes = ["LeakyRelu", "ClipByValue", "Erf"])]
internal sealed class Activations : OperatorConverter
{
    private const float RootOfHalf = 0.70710678118654752440f;
    private const float RootOfTwoByPi = 0.79788456080286535588f;
    private const float Cubic = 0.044715f;

    public override void Read(OperatorReader op)
    {
        Value x = op.Real(0);
        op.Result(op.Name switch
        {
            "RELU_N1_TO_1" => op.Clip(x, -1, 1),
            "RELU_0_TO_1" => op.Clip(x, 0, 1),
            "HARD_SWISH" => HardSwish(op, x),
            "GELU" => Gelu(op, x),
            "LEAKY_RELU" => op.Node("LeakyRelu", [x], ("alpha", op.Options.Real("alpha"))),
            _ => Prelu(op, x),
        });
    }

    private static Value HardSwish(OperatorReader op, Value x)
    {
        Value gate = op.Node("Relu6", [op.Node("AddV2", [x, op.Graph.Constant(3f)])]);
        return op.Node("Mul", [op.Node("Mul", [x, gate]), op.Graph.Constant(1 / 6f)]);
    }

    private static Value Gelu(OperatorReader op, Value x)
    {
        Value half = op.Node("Mul", [op.Graph.Constant(0.5f), x]);
        Value share = op.Options.Flag("approximate") ? op.Node("Tanh", [Inner(op, x)]) : op.Node("Erf", [op.Node("Mul", [x, op.Graph.Constant(RootOfHalf)])]);
        return op.Node("Mul", [half, op.Node("AddV2", [op.Graph.Constant(1f), share])]);
    }

    private static Value Inner(OperatorReader op, Value x)
    {
        Value cube = op.Node("Mul", [op.Node("Mul", [x, x]), x]);
        Value sum = op.Node("AddV2", [x, op.Node("Mul", [op.Graph.Constant(Cubic), cube])]);
        return op.Node("Mul", [op.Graph.Constant(RootOfTwoByPi), sum]);
    }

    private static Value Prelu(OperatorReader op, Value x)
    {
        Value negative = op.Node("Mul", [op.Real(1), op.Node("Relu", [op.Node("Neg", [x])])]);
        return op.Node("Sub", [op.Node("Relu", [x]), negative]);
    }

    public override void Write(NodeWriter node)
    {
        TensorDraft x = node.In(0);
        switch (node.Node.Op)
        {
            case "LeakyRelu":
                node.Out(node.Emit("LEAKY_RELU", [x], ("alpha", node.Node.Float("alpha"))));
                break;
            case "ClipByValue" when Bound(node, 2) == 1 && Bound(node, 1) is -1 or 0 && x.Type == Schema.TensorType.Float32:
                node.Out(node.Emit(Bound(node, 1) == 0 ? "RELU_0_TO_1" : "RELU_N1_TO_1", [x]));
                break;
            case "ClipByValue":
                node.Out(node.Emit("MAXIMUM", [node.Emit("MINIMUM", [x, node.In(2)]), node.In(1)]));
                break;
            default:
                node.Out(Erf(node, x));
                break;
        }
    }

    private static float? Bound(NodeWriter node, int input) => node.Constant(input) is { Type: DataType.Float, ElementCount: 1 } bound ? bound.AsSpan<float>()[0] : null;

    /// <summary>Erf(x) = 1 - polynomial(t) · exp(-x²), t = 1 / (1 + p·|x|), with the sign of x (Abramowitz and Stegun, 7.1.26; error below 1.5e-7).</summary>
    private static TensorDraft Erf(NodeWriter node, TensorDraft x)
    {
        TensorDraft size = node.Emit("ABS", [x]);
        TensorDraft one = node.Constant(1f);
        TensorDraft t = node.Emit("DIV", [one, node.Emit("ADD", [node.Emit("MUL", [size, node.Constant(0.3275911f)]), one])]);
        TensorDraft sum = node.Emit("ADD", [node.Emit("MUL", [t, node.Constant(1.061405429f)]), node.Constant(-1.453152027f)]);
        foreach (float coefficient in (float[])[1.421413741f, -0.284496736f, 0.254829592f])
            sum = node.Emit("ADD", [node.Emit("MUL", [sum, t]), node.Constant(coefficient)]);
        TensorDraft decay = node.Emit("EXP", [node.Emit("NEG", [node.Emit("MUL", [x, x])])]);
        TensorDraft tail = node.Emit("MUL", [node.Emit("MUL", [sum, t]), decay]);
        return node.Emit("MUL", [node.Emit("SIGN", [x]), node.Emit("SUB", [one, tail])]);
    }
}
