using TransformFramework.Graphs;

namespace TransformFramework.TfLite.Reading;

/// <summary>
/// What hybrid operators (8-bit weights, float data) do with their data: each row is rounded to 8 bits of its own range. A library function computes it, so that graphs stay legible:
/// <c>y = PartitionedCall(x, axes) {f=dynamic_range_asymmetric}</c>, where the axes are those of a row.
/// </summary>
internal static class DynamicQuantization
{
    public const string Asymmetric = "dynamic_range_asymmetric";
    public const string Symmetric = "dynamic_range_symmetric";

    private const double Lowest = -128;
    private const double Highest = 127;

    /// <summary>The data rounded as the operator rounds it.</summary>
    /// <param name="op">The operator.</param>
    /// <param name="x">Float data.</param>
    /// <param name="axes">Axes of a row, whose range is its own.</param>
    /// <param name="isAsymmetric">True for a zero point; false for one of 0 and values within ±127.</param>
    public static Value Round(OperatorReader op, Value x, int[] axes, bool isAsymmetric)
    {
        FunctionValue function = op.Subgraph.Model.Function(isAsymmetric ? Asymmetric : Symmetric, graph => isAsymmetric ? RoundAsymmetric(graph) : RoundSymmetric(graph));
        return op.Node("PartitionedCall", [x, op.Graph.Integers(axes)], ("f", function), ("Tout", AttributeValue.Types(DataType.Float)));
    }

    private static (Value[] Arguments, Value[] Results) RoundAsymmetric(GraphDraft graph)
    {
        var (x, axes) = Arguments(graph);
        Value least = ToDouble(Node("Minimum", Extreme("Min"), graph.Constant(0f)));
        Value most = ToDouble(Node("Maximum", Extreme("Max"), graph.Constant(0f)));
        Value one = Number(1);
        Value scale = Node("SelectV2", Node("Equal", least, most), one, Node("RealDiv", Node("Sub", most, least), Number(Highest - Lowest)));
        Value below = Node("RealDiv", least, scale);
        Value above = Node("RealDiv", most, scale);
        Value isFromMin = Node("Less", Node("AddV2", Node("Abs", below), Number(-Lowest)), Node("AddV2", Node("Abs", above), Number(Highest)));
        Value zero = Node("SelectV2", isFromMin, Node("Sub", Number(Lowest), below), Node("Sub", Number(Highest), above));
        Value offset = ToFloat(Node("ClipByValue", Node("Round", zero), Number(Lowest), Number(Highest)));
        Value step = ToFloat(scale);
        Value levels = Node("Round", Node("AddV2", offset, Node("Mul", x, Node("RealDiv", graph.Constant(1f), step))));
        Value clipped = Node("ClipByValue", levels, graph.Constant((float)Lowest), graph.Constant((float)Highest));
        return ([x, axes], [Node("Mul", Node("Sub", clipped, offset), step)]);

        Value Node(string op, params Value[] inputs) => new(graph.Add(op, [.. inputs]));
        Value Extreme(string op) => new(graph.Add(op, [x, axes], ("keep_dims", true)));
        Value Number(double value) => graph.Constant(Tensor.Create<double>(DataType.Double, TensorShape.Scalar, [value]));
        Value ToDouble(Value value) => new(graph.Add("Cast", [value], ("DstT", DataType.Double)));
        Value ToFloat(Value value) => new(graph.Add("Cast", [value], ("DstT", DataType.Float)));
    }

    private static (Value[] Arguments, Value[] Results) RoundSymmetric(GraphDraft graph)
    {
        var (x, axes) = Arguments(graph);
        Value range = new(graph.Add("Max", [Node("Abs", x), axes], ("keep_dims", true)));
        Value isZero = Node("Equal", range, graph.Constant(0f));
        Value highest = graph.Constant((float)Highest);
        Value step = Node("SelectV2", isZero, graph.Constant(1f), Node("RealDiv", range, highest));
        Value inverse = Node("SelectV2", isZero, graph.Constant(0f), Node("RealDiv", highest, range));
        Value clipped = Node("ClipByValue", Node("Round", Node("Mul", x, inverse)), graph.Constant((float)-Highest), highest);
        return ([x, axes], [Node("Mul", clipped, step)]);

        Value Node(string op, params Value[] inputs) => new(graph.Add(op, [.. inputs]));
    }

    private static (Value X, Value Axes) Arguments(GraphDraft graph) => (ModelFunctions.Argument(graph, 0, DataType.Float), ModelFunctions.Argument(graph, 1, DataType.Int32));
}
