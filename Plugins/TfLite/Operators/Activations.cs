using TransformFramework.TfLite.Reading;

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
[OperatorConverter("RELU_N1_TO_1", "RELU_0_TO_1", "HARD_SWISH", "GELU", "LEAKY_RELU", "PRELU")]
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
}
