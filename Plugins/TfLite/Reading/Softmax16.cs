using TransformFramework.Graphs;

namespace TransformFramework.TfLite.Reading;

/// <summary>
/// Softmax of int16 elements as the integer kernel computes it, so that results have its bits: e^d of the distance d to the largest element, down to -10, and the reciprocal of the sum come from tables
/// (<see cref="Table16"/>) in steps of 2⁻¹⁵. A library function computes it in double, which holds all these integers: <c>y = PartitionedCall(x, multiplier, right) {f=softmax_int16}</c>.
/// </summary>
internal static class Softmax16
{
    public const string Function = "softmax_int16";

    /// <summary>Scale of the result.</summary>
    public const float ResultScale = 1 / 32768f;

    private const double Depth = 10;
    private const double Unit = 1 << 15;

    /// <summary>The result's elements of the same type, 2⁻¹⁵ apart.</summary>
    /// <param name="op">The operator.</param>
    /// <param name="stored">int16 elements.</param>
    /// <param name="scale">Their scale times the factor before the exponential.</param>
    public static Value Of(OperatorReader op, Value stored, double scale)
    {
        FunctionValue function = op.Subgraph.Model.Function(Function, Define);
        var (multiplier, right) = FixedPoint(scale / (Depth / ushort.MaxValue));
        return op.Node("PartitionedCall", [stored, Number(op.Graph, multiplier), Number(op.Graph, right)], ("f", function), ("Tout", AttributeValue.Types(DataType.Int16)));
    }

    /// <summary>The scale of the elements that a factor is made of.</summary>
    public static double ScaleOf(double factor) => factor * (Depth / ushort.MaxValue);

    /// <summary>A factor as two: one of 31 bits with its left shift, and the power of two that is divided by in a second rounding.</summary>
    private static (double Multiplier, double Right) FixedPoint(double factor)
    {
        int exponent = 0;
        while (Math.ScaleB(factor, -exponent) >= 1)
            exponent++;
        while (Math.ScaleB(factor, -exponent) < 0.5 && exponent > -31)
            exponent--;
        double fraction = Math.Round(Math.ScaleB(factor, 31 - exponent), MidpointRounding.AwayFromZero);
        return (Math.ScaleB(fraction, Math.Max(exponent, 0) - 31), Math.ScaleB(1, Math.Max(-exponent, 0)));
    }

    private static (Value[] Arguments, Value[] Results) Define(GraphDraft graph)
    {
        Value x = ModelFunctions.Argument(graph, 0, DataType.Int16);
        Value multiplier = ModelFunctions.Argument(graph, 1, DataType.Double);
        Value right = ModelFunctions.Argument(graph, 2, DataType.Double);
        Value last = graph.Integers(-1);
        Value levels = Cast(graph, x, DataType.Double);
        Value distance = Node("Sub", levels, new(graph.Add("Max", [levels, last], ("keep_dims", true))));
        Value high = Rounded(Node("Mul", distance, multiplier));
        // The distance is not positive, so that halves are rounded down: away from zero.
        Value scaled = Node("Ceil", Node("Sub", Node("RealDiv", high, right), N(0.5)));
        Value exponentials = Table16.LookUp(graph, Clip(Node("AddV2", scaled, N(short.MaxValue))), DataType.Double, Table16.Of(step => Unit * Math.Exp(-Depth + (step * Depth / Table16.Steps))));
        Value sum = new(graph.Add("Sum", [exponentials, last], ("keep_dims", true)));
        Value exponent = Node("Floor", Node("RealDiv", Node("Log", Node("AddV2", sum, N(0.5))), N(Math.Log(2))));
        Value power = Node("Pow", N(2), exponent);
        Value normal = Node("Floor", Node("RealDiv", Node("AddV2", Node("Mul", sum, Node("RealDiv", N(1 << 30), power)), N(1 << 13)), N(1 << 14)));
        Value reciprocal = Table16.LookUp(graph, Clip(Node("Sub", normal, N((1 << 15) + (1 << 16)))), DataType.Double, Table16.Of(step => Unit / (1 + (step / Table16.Steps))));
        Value result = Rounded(Node("RealDiv", Node("Mul", exponentials, reciprocal), power));
        return ([x, multiplier, right], [Cast(graph, Node("ClipByValue", result, N(0), N(short.MaxValue)), DataType.Int16)]);

        Value Node(string op, params Value[] inputs) => new(graph.Add(op, [.. inputs]));
        Value N(double value) => Number(graph, value);
        Value Rounded(Value value) => Node("Floor", Node("AddV2", value, N(0.5)));
        Value Clip(Value value) => Node("ClipByValue", value, N(short.MinValue), N(short.MaxValue));
    }

    private static Value Cast(GraphDraft graph, Value value, DataType type) => new(graph.Add("Cast", [value], ("DstT", type)));

    private static Value Number(GraphDraft graph, double value) => graph.Constant(Tensor.Create<double>(DataType.Double, TensorShape.Scalar, [value]));
}
