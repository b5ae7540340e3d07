using System.Collections.Immutable;
using TransformFramework.Graphs;
using TransformFramework.Onnx.Inference;
using TransformFramework.Onnx.Writing;

namespace TransformFramework.Onnx.Operators;

/// <summary>Writes changes of shape, and shapes as values.</summary>
internal static partial class Shapes
{
    /// <summary>A shape of which one dimension is unknown is a constant with -1.</summary>
    [Writes("Reshape")]
    public static void WriteReshape(NodeWriter node)
    {
        ImmutableArray<long?> target = node.Info(1).Elements;
        if (!target.IsDefault && target.Count(dimension => dimension is null or -1) > 1)
            target = WithKept(node, target);
        if (target is { IsDefault: false } && target.Count(dimension => dimension is null or -1) <= 1 && target.Contains(Kept))
        {
            node.Set(node.Emit("Reshape", [node[0], node.Longs([.. target.Select(dimension => dimension == Kept ? 0 : dimension ?? -1)])]));
            return;
        }
        bool isConstant = !target.IsDefault && target.Count(dimension => dimension is null or -1) <= 1;
        if (isConstant && target.Contains(0))
        {
            node.Set(node.Op == "Reshape" && node.Opset >= 14 ? node.Emit("Reshape", [node[0], Constant(node, target)], ("allowzero", 1L)) : throw OnnxDiagnostics.Decline("a dimension 0 needs opset 14"));
            return;
        }
        Operand shape = isConstant ? Constant(node, target) : node.Cast(node[1], DataType.Int64);
        Operand data = node.Graph.SourceOfReshape(node[0]) ?? node[0];
        Operand result = node.Emit("Reshape", [data, shape]);
        bool isSame = result.Info.Shape is { IsUnknownRank: false } known && known.Dimensions.Count(dimension => dimension < 0) <= 1 && known.Equals(data.Info.Shape);
        node.Set(new WrittenValue(isSame ? data : result) { IsAccumulator = node.Value(0).IsAccumulator, HasUnits = node.Value(0).HasUnits });
    }

    /// <summary>Stands for a dimension of the input that is kept.</summary>
    private const long Kept = long.MinValue;

    /// <summary>The new shape where entries that are the input's own dimension of the same place are marked.</summary>
    private static ImmutableArray<long?> WithKept(NodeWriter node, ImmutableArray<long?> target)
    {
        Graph graph = node.Graph.Graph;
        if (graph.Find(node.Input(1).Node) is not { Op: "Pack" } pack)
            return target;
        NodeInput[] parts = [.. pack.DataInputs];
        for (int i = 0; i < target.Length && i < parts.Length; i++)
        {
            bool isOwn = target[i] is null && graph.Find(parts[i].Node) is { Op: "StridedSlice" } slice && graph.Find(slice.Inputs[0].Node) is { Op: "Shape" } shape
                && shape.Inputs[0].Canonical == node.Input(0).Canonical && node.Graph.IsBound(slice.Inputs[1]) && node.Graph[slice.Inputs[1]].Info.Elements is [var begin] && begin == i;
            if (isOwn)
                target = target.SetItem(i, Kept);
        }
        return target;
    }

    private static Operand Constant(NodeWriter node, ImmutableArray<long?> target) => node.Longs([.. target.Select(dimension => dimension ?? -1)]);

    [Writes("Squeeze")]
    public static void WriteSqueeze(NodeWriter node)
    {
        long[] axes = node.Integers("squeeze_dims");
        TensorShape shape = node.Info(0).Shape;
        if (axes.Length == 0 && shape.IsFullyKnown)
            axes = [.. Enumerable.Range(0, shape.Rank).Where(axis => shape[axis] == 1).Select(axis => (long)axis)];
        bool isSpatial = node.Value(0).Native == Layout.ChannelsFirst && axes.Select(axis => axis < 0 ? axis + 4 : axis).Order().SequenceEqual([1, 2]);
        Operand data = node.Read(0, isSpatial ? Layout.ChannelsFirst : Layout.Original);
        node.Set(axes.Length == 0 ? node.Emit("Squeeze", [data]) : node.Squeeze(data, isSpatial ? [2, 3] : axes));
    }

    [Writes("ExpandDims")]
    public static void WriteExpandDims(NodeWriter node) => node.Set(node.Unsqueeze(node[0], node.RequireKnown(1)));

    [Writes("Shape")]
    public static void WriteShape(NodeWriter node) => node.Set(node.Cast(node.Emit("Shape", [node[0]]), node.Type("out_type")));

    [Writes("ShapeN")]
    public static void WriteShapes(NodeWriter node)
    {
        for (int i = 0; i < node.Count; i++)
            node.Set(node.Cast(node.Emit("Shape", [node[i]]), node.Type("out_type")), port: i);
    }

    [Writes("Size")]
    public static void WriteSize(NodeWriter node) => node.Set(node.Cast(node.Emit("Size", [node[0]]), node.Type("out_type")));

    [Writes("Rank")]
    public static void WriteRank(NodeWriter node) => node.Set(node.Const(Tensors.Integer(node.Rank(0), DataType.Int32)));

    [Writes("Const")]
    public static void WriteConst(NodeWriter node)
    {
        Tensor value = node.Node.TensorAttribute("value") ?? throw OnnxDiagnostics.Decline("it has no value");
        if (!value.IsDecodable)
            throw OnnxDiagnostics.Decline("its elements cannot be read");
        DataType plain = Model.ElementTypes.ToDataType(Model.ElementTypes.Of(value.Type));
        if (plain == DataType.Invalid)
            throw OnnxDiagnostics.Decline($"ONNX has no constants of type {value.Type.Name()}");
        node.Set(node.Const(plain == value.Type ? value : Tensor.FromContent(plain, value.Shape, value.Bytes)));
    }

    [Writes("NoOp")]
    public static void WriteNothing(NodeWriter node)
    {
    }

    [Writes("Cast")]
    public static void WriteCast(NodeWriter node)
    {
        DataType type = node.Type("DstT");
        if (Model.ElementTypes.Of(type) == 0 || type == DataType.String)
            throw OnnxDiagnostics.Decline($"ONNX has no type {type.Name()}");
        WrittenValue value = node.Value(0);
        if (value.IsAccumulator && type == DataType.Float)
            node.Set(value.Operand.Info.Type == DataType.Float ? value : new WrittenValue(node.Cast(value.Operand, type), value.Native));
        else
            node.Set(node.Cast(value.Operand, type), value.Native);
    }

    [Writes("Bitcast", Declines = "all but quantized values as the integers that hold them")]
    public static void WriteBitcast(NodeWriter node)
    {
        DataType from = node.Type("T");
        DataType to = node.Type("type");
        node.Set(Model.ElementTypes.Of(from) == Model.ElementTypes.Of(to) ? node.Value(0) : throw OnnxDiagnostics.Decline($"{from.Name()} as {to.Name()}"));
    }

    /// <summary>The shape of a sum of tensors of both shapes.</summary>
    [Writes("BroadcastArgs")]
    public static void WriteBroadcastArgs(NodeWriter node)
    {
        Operand Filled(int slot) => node.Emit("Expand", [node.Scalar(DataType.Float, 0), node.Cast(node[slot], DataType.Int64)]);
        node.Set(node.Cast(node.Emit("Shape", [node.Emit("Add", [Filled(0), Filled(1)])]), node.Type("T")));
    }

    [Writes("Fill")]
    public static void WriteFill(NodeWriter node)
    {
        Operand shape = node.Cast(node[0], DataType.Int64);
        node.Set(node.Constant(1) is { } value && value.Type != DataType.String
            ? node.Emit("ConstantOfShape", [shape], ("value", Tensors.Reshape(value, 1)))
            : node.Emit("Expand", [node[1], shape]));
    }

    [Writes("Range")]
    public static void WriteRange(NodeWriter node) => node.Set(node.Emit("Range", [node[0], node[1], node[2]]));
}
