using TransformFramework.TfLite.Reading;

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
[OperatorConverter("SOFTMAX", "LOG_SOFTMAX", "L2_NORMALIZATION", "LOCAL_RESPONSE_NORMALIZATION")]
internal sealed class Normalizing : OperatorConverter
{
    private const float LeastSquare = 1e-12f;

    public override void Read(OperatorReader op)
    {
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
}
