using TransformFramework.Graphs;
using TransformFramework.Onnx.Inference;
using TransformFramework.Onnx.Writing;

namespace TransformFramework.Onnx.Operators;

/// <summary>Writes reductions along constant axes. Those along height and width stay with channels first.</summary>
internal static partial class Reductions
{
    /// <summary>The largest result of a reduction of no elements that is written as a constant.</summary>
    private const long MostElements = 1 << 20;

    [Writes("Mean", "Sum", "Max", "Min", "Prod", "EuclideanNorm", Declines = "axes that are computed")]
    public static void Write(NodeWriter node)
    {
        string op = node.Op == "EuclideanNorm" ? "ReduceL2" : $"Reduce{node.Op}";
        Reduce(node, op, operand => operand);
    }

    [Writes("Any", "All", Declines = "axes that are computed")]
    public static void WriteLogical(NodeWriter node) => Reduce(node, node.Op == "Any" ? "ReduceMax" : "ReduceMin", operand => node.Cast(operand, DataType.Int32));

    private static void Reduce(NodeWriter node, string op, Func<Operand, Operand> prepare)
    {
        long[] axes = node.RequireKnown(1);
        bool keeps = node.Flag("keep_dims");
        WrittenValue value = node.Value(0);
        bool isSpatial = value.Native == Layout.ChannelsFirst && axes.Select(axis => axis < 0 ? axis + 4 : axis).Distinct().Order().SequenceEqual([1, 2]);
        Layout layout = isSpatial ? Layout.ChannelsFirst : Layout.Original;
        long[] places = isSpatial ? [2, 3] : axes;
        Operand data = prepare(node.Read(0, layout));
        Operand result;
        if (places.Length == 0)
            result = op == "ReduceL2" ? node.Emit("Abs", [data]) : data;
        else if (isSpatial && keeps && op == "ReduceMean")
            result = node.Emit("GlobalAveragePool", [data]);
        else if (op == "ReduceSum" || node.Opset >= 18)
            result = node.Emit(op, [data, node.Longs(places)], ("keepdims", keeps ? 1L : 0L));
        else
            result = node.Emit(op, [data], ("axes", places), ("keepdims", keeps ? 1L : 0L));
        if (OfNothing(op) is { } nothing && data.Info.Shape.Dimensions.Contains(0) && result.Info.Shape is { IsFullyKnown: true, ElementCount: <= MostElements })
            result = node.Const(Tensors.Filled(result.Info.Type, result.Info.Shape, nothing(result.Info.Type)));
        node.Set(node.Op is "Any" or "All" ? node.Emit("Greater", [result, node.Scalar(DataType.Int32, 0)]) : result, keeps ? layout : Layout.Original);
    }

    /// <summary>What a reduction of no elements gives, for those whose shape ONNX Runtime gets wrong then.</summary>
    private static Func<DataType, double>? OfNothing(string op) => op switch
    {
        "ReduceL2" => _ => 0,
        "ReduceProd" => _ => 1,
        "ReduceMax" => type => Tensors.IsFloat(type) ? double.NegativeInfinity : Tensors.Limit(type, isLargest: false),
        "ReduceMin" => type => Tensors.IsFloat(type) ? double.PositiveInfinity : Tensors.Limit(type, isLargest: true),
        _ => null,
    };

    [Writes("ArgMax", "ArgMin")]
    public static void WriteArg(NodeWriter node)
    {
        long axis = node.RequireKnown(1)[0];
        WrittenValue value = node.Value(0);
        bool isChannel = value.Native == Layout.ChannelsFirst && axis is 3 or -1;
        Operand index = node.Emit(node.Op, [isChannel ? value.Operand : node[0]], ("axis", isChannel ? 1L : axis), ("keepdims", 0L));
        node.Set(node.Cast(index, node.Type("output_type")));
    }

    [Writes("Cumsum")]
    public static void WriteCumsum(NodeWriter node) =>
        node.Set(node.Emit("CumSum", [node[0], node[1]], ("exclusive", node.Flag("exclusive") ? 1L : 0L), ("reverse", node.Flag("reverse") ? 1L : 0L)));
}
