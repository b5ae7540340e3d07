using TransformFramework.Graphs;

namespace TransformFramework.TfLite.Reading;

/// <summary>Functions of int16 elements as integer kernels compute them: a table of 513 values over the type's range, with straight lines between.</summary>
internal static class Table16
{
    /// <summary>Number of straight lines.</summary>
    public const int Steps = 512;

    private const double Between = 128;

    /// <summary>The table of a function: its values at each step in units of the result, lowered by half of what the straight line to the next one is too high by in the middle. What is no number is 0.</summary>
    /// <param name="function">From a step, of which 512 make the range, to the value.</param>
    public static double[] Of(Func<double, double> function)
    {
        double[] table = new double[Steps + 1];
        for (int i = 0; i < Steps; i++)
        {
            double sample = Nearest(function(i));
            double between = Nearest((function(i + 1) + sample) / 2);
            double middle = Nearest(function(i + 0.5));
            table[i] = Held(sample - Nearest((between - middle) / 2));
        }
        table[Steps] = Held(Nearest(function(Steps)));
        return table;
    }

    /// <summary>A function of int16 elements: elements of int16 again.</summary>
    /// <param name="op">The operator.</param>
    /// <param name="function">The function of real values, in single precision.</param>
    public static Value Apply(OperatorReader op, Func<float, float> function)
    {
        float scale = op.Input(0).Tensor.Quantization!.Scale;
        float lowest = scale * short.MinValue;
        float step = ((scale * short.MaxValue) - lowest) / Steps;
        float result = op.Output().Tensor.Quantization!.Scale;
        float unit = (1 << 16) / ((result * short.MaxValue) - (result * short.MinValue));
        double[] table = Of(at => function(lowest + ((float)Math.Floor(at) * step) + (at > Math.Floor(at) ? step / 2 : 0)) * unit);
        Value level = Cast(op.Graph, op.Stored(0), DataType.Float);
        return Cast(op.Graph, LookUp(op.Graph, level, DataType.Float, table), DataType.Int16);
    }

    /// <summary>The table's value at an element of int16, and the straight line to the next one.</summary>
    /// <param name="graph">Where nodes go.</param>
    /// <param name="level">Elements as reals.</param>
    /// <param name="type">Their type.</param>
    /// <param name="values">The table.</param>
    public static Value LookUp(GraphDraft graph, Value level, DataType type, double[] values)
    {
        Value table = graph.Constant(Reals(type, TensorShape.Of(values.Length), values));
        Value index = Node("AddV2", Node("Floor", Node("RealDiv", level, Number(Between))), Number(Steps / 2));
        Value offset = Node("Sub", level, Node("Mul", Node("Sub", index, Number(Steps / 2)), Number(Between)));
        Value first = Gather(index);
        Value slope = Node("Sub", Gather(Node("AddV2", index, Number(1))), first);
        Value rise = Node("Floor", Node("AddV2", Node("RealDiv", Node("Mul", slope, offset), Number(Between)), Number(0.5)));
        return Node("AddV2", first, rise);

        Value Node(string op, params Value[] inputs) => new(graph.Add(op, [.. inputs]));
        Value Number(double value) => graph.Constant(Reals(type, TensorShape.Scalar, [value]));
        Value Gather(Value at) => Node("GatherV2", table, Cast(graph, at, DataType.Int32), graph.Constant(0));
    }

    private static Tensor Reals(DataType type, TensorShape shape, double[] values) =>
        type == DataType.Double ? Tensor.Create<double>(type, shape, values) : Tensor.Create<float>(type, shape, Array.ConvertAll(values, value => (float)value));

    private static double Held(double value) => double.IsNaN(value) ? 0 : Math.Clamp(value, short.MinValue, short.MaxValue);

    private static double Nearest(double value) => Math.Round(value, MidpointRounding.AwayFromZero);

    private static Value Cast(GraphDraft graph, Value value, DataType type) => new(graph.Add("Cast", [value], ("DstT", type)));
}
