using TransformFramework.Graphs;
using TransformFramework.Onnx.Inference;
using TransformFramework.Onnx.Reading;

namespace TransformFramework.Onnx.Operators;

/// <summary>Sequences whose length and places are known when the model is read: they are taken apart into their tensors.</summary>
internal static class Sequences
{
    [Infers("SequenceEmpty", "SequenceConstruct", "SequenceInsert", "SequenceErase", "SplitToSequence")]
    public static void Infer(NodeInference node) =>
        node.Set(new ValueInfo(node.Op == "SequenceEmpty" ? node.TypeOf("dtype") ?? DataType.Float : node[0].Type, TensorShape.Unknown) { IsSequence = true });

    [Reads("SequenceEmpty", "SequenceConstruct")]
    public static void ReadConstruct(NodeReader node) => SetItems(node, [.. Enumerable.Range(0, node.Count).Select(node.Value)]);

    [Reads("SequenceInsert", Declines = "places that are computed")]
    public static void ReadInsert(NodeReader node)
    {
        List<ReadValue> items = [.. Items(node, 0)];
        items.Insert(node.Has(2) ? Place(node, 2, items.Count, items.Count) : items.Count, node.Value(1));
        SetItems(node, items);
    }

    [Reads("SequenceErase", Declines = "places that are computed")]
    public static void ReadErase(NodeReader node)
    {
        List<ReadValue> items = [.. Items(node, 0)];
        items.RemoveAt(node.Has(1) ? Place(node, 1, items.Count, items.Count - 1) : items.Count - 1);
        SetItems(node, items);
    }

    [Reads("SequenceAt", Declines = "places that are computed, of tensors of different shapes")]
    public static void ReadAt(NodeReader node)
    {
        IReadOnlyList<ReadValue> items = Items(node, 0);
        if (node.Known(1) is not null)
        {
            node.Set(0, items[Place(node, 1, items.Count, items.Count - 1)]);
            return;
        }
        if (!items.All(item => item.Info.Shape.IsFullyKnown && item.Info.Shape.Equals(items[0].Info.Shape)))
            throw OnnxDiagnostics.Decline("a place that is computed, of tensors of different shapes");
        NodeInput index = node.Cast(node.Reshape(node[1]), DataType.Int32);
        NodeInput fromEnd = node.Emit("SelectV2", [node.Emit("Less", [index, node.Int(0)]), node.Emit("AddV2", [index, node.Int(items.Count)]), index]);
        node.Result("GatherV2", [node.Emit("Pack", [.. items.Select(item => item.Tensor)]), fromEnd, node.Int(0)]);
    }

    [Reads("SequenceLength")]
    public static void ReadLength(NodeReader node)
    {
        Tensor length = Tensors.Integer(Items(node, 0).Count);
        node.Set(0, new ReadValue(node.Scope.Emitter, node.Node.Outputs[0], ValueInfo.Of(length)));
    }

    [Reads("ConcatFromSequence")]
    public static void ReadConcat(NodeReader node)
    {
        IReadOnlyList<ReadValue> items = Items(node, 0);
        NodeInput[] tensors = [.. items.Select(item => item.Tensor)];
        long axis = node.Integer("axis", 0);
        if (node.Flag("new_axis"))
            node.Result("Pack", tensors, ("axis", axis));
        else if (tensors.Length == 1)
            node.Set(0, items[0]);
        else
            node.Result("ConcatV2", [.. tensors, node.Int(axis)]);
    }

    [Reads("SplitToSequence", Declines = "parts that are computed")]
    public static void ReadSplit(NodeReader node)
    {
        int rank = node.Rank(0);
        int axis = NodeReader.Axis(node.Integer("axis", 0), rank);
        long dimension = node.Info(0).Shape[axis];
        long[]? sizes = node.Has(1) ? node.InputOr(1, "split") : null;
        if (dimension < 0 || dimension > 4096)
            throw OnnxDiagnostics.Decline("a dimension of unknown or very large size");
        bool keeps = sizes is not null || node.Flag("keepdims", otherwise: true);
        long[] parts = sizes is null ? [.. Enumerable.Repeat(1L, (int)dimension)] : node.Info(1).Rank == 0 ? Chunks(dimension, sizes[0]) : sizes;
        if (Array.Exists(parts, part => part < 0) || parts.Sum() != dimension)
            throw OnnxDiagnostics.Broken($"parts of {string.Join(", ", parts)} do not make {dimension}");
        NodeInput[] tensors = node.EmitAll("SplitV", [node[0], node.Ints(parts), node.Int(axis)], ("num_split", parts.Length));
        List<ReadValue> items = [];
        for (int i = 0; i < parts.Length; i++)
        {
            NodeInput tensor = keeps ? tensors[i] : node.Emit("Squeeze", [tensors[i]], ("squeeze_dims", AttributeValue.Ints(axis)));
            TensorShape shape = keeps ? Movement.With(node.Info(0).Shape, axis, parts[i]) : Reductions.Reduced(node.Info(0).Shape, [axis], keeps: false);
            items.Add(new ReadValue(node.Scope.Emitter, $"{node.Name}/part_{i}", new ValueInfo(node.TypeOf(0), shape), tensor));
        }
        SetItems(node, items);
    }

    private static long[] Chunks(long dimension, long size) =>
        size > 0 ? [.. Enumerable.Range(0, (int)((dimension + size - 1) / size)).Select(i => Math.Min(size, dimension - (i * size)))] : throw OnnxDiagnostics.Broken($"parts of size {size}");

    private static IReadOnlyList<ReadValue> Items(NodeReader node, int input) => node.Value(input).Items ?? throw OnnxDiagnostics.Decline("a sequence whose length is not known");

    private static int Place(NodeReader node, int input, int count, int most)
    {
        if (node.Known(input) is not [var place])
            throw OnnxDiagnostics.Decline("a place that is computed");
        long at = place < 0 ? place + count : place;
        return at >= 0 && at <= most ? (int)at : throw OnnxDiagnostics.Broken($"the place {place} is outside of a sequence of {count}");
    }

    private static void SetItems(NodeReader node, IReadOnlyList<ReadValue> items) =>
        node.Set(0, new ReadValue(node.Scope.Emitter, node.Node.Outputs[0], node.Output(0) ?? new(DataType.Float, TensorShape.Unknown)) { Items = items });

    [Reads("Optional", Declines = "optionals of unknown contents")]
    public static void ReadOptional(NodeReader node)
    {
        if (node.Has(0))
            node.Set(0, node.Value(0));
        else
            node.Set(0, new ReadValue(node.Scope.Emitter, node.Node.Outputs[0], new(DataType.Float, TensorShape.Unknown)) { Items = [], IsEmptyOptional = true });
    }

    [Reads("OptionalHasElement")]
    public static void ReadHasElement(NodeReader node)
    {
        bool has = node.Has(0) && !node.Value(0).IsEmptyOptional;
        node.Set(0, new ReadValue(node.Scope.Emitter, node.Node.Outputs[0], ValueInfo.Of(Tensors.Scalar(DataType.Bool, has ? 1 : 0))));
    }

    [Reads("OptionalGetElement")]
    public static void ReadGetElement(NodeReader node) => node.Set(0, node.Value(0).IsEmptyOptional ? throw OnnxDiagnostics.Decline("an optional that holds nothing") : node.Value(0));
}
