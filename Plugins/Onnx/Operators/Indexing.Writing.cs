using TransformFramework.Graphs;
using TransformFramework.Onnx.Inference;
using TransformFramework.Onnx.Writing;

namespace TransformFramework.Onnx.Operators;

/// <summary>Writes picking and putting by index.</summary>
internal static partial class Indexing
{
    [Writes("Gather", "GatherV2")]
    public static void WriteGather(NodeWriter node)
    {
        long axis = node.Op == "Gather" ? 0 : node.RequireKnown(2)[0];
        long batches = node.Integer("batch_dims", 0);
        if (batches == 0)
            node.Set(node.Emit("Gather", [node[0], node[1]], ("axis", axis)));
        else
            node.Set(GatheredOfBatches(node, NodeWriter.Axis(axis, node.Rank(0)), NodeWriter.Axis(batches, node.Rank(1) + 1)));
    }

    /// <summary>Each batch has indices of its own: the axis is moved behind the batches, and what is found goes back between the dimensions before and behind it.</summary>
    private static Operand GatheredOfBatches(NodeWriter node, int axis, int batches)
    {
        int rank = node.Rank(0);
        int places = node.Rank(1) - batches;
        long[] toFront = [.. Enumerable.Range(0, batches).Append(axis).Concat(Enumerable.Range(batches, rank - batches).Where(dimension => dimension != axis)).Select(dimension => (long)dimension)];
        Operand found = node.Emit("GatherND", [node.Transpose(node[0], toFront), node.Unsqueeze(node.Cast(node[1], DataType.Int64), -1)], ("batch_dims", (long)batches));
        int between = axis - batches;
        IEnumerable<int> order = [.. Enumerable.Range(0, batches), .. Enumerable.Range(batches + places, between), .. Enumerable.Range(batches, places), .. Enumerable.Range(batches + places + between, rank - axis - 1)];
        return node.Transpose(found, [.. order.Select(dimension => (long)dimension)]);
    }

    [Writes("GatherNd")]
    public static void WriteGatherNd(NodeWriter node) => node.Set(node.Emit("GatherND", [node[0], node.Cast(node[1], DataType.Int64)]));

    /// <summary>Updates of places that are named twice are added up.</summary>
    [Writes("ScatterNd", Declines = "opset 13 to 15 with places that are computed")]
    public static void WriteScatter(NodeWriter node)
    {
        Operand zeros = node.Emit("ConstantOfShape", [node.Cast(node[2], DataType.Int64)], ("value", Tensors.Reshape(Tensors.Scalar(node.Info(1).Type, 0), 1)));
        Scatter(node, zeros, 0, 1, "add");
    }

    [Writes("TensorScatterUpdate", "TensorScatterAdd", "TensorScatterMax", "TensorScatterMin")]
    public static void WriteTensorScatter(NodeWriter node)
    {
        string reduction = node.Op switch { "TensorScatterAdd" => "add", "TensorScatterMax" => "max", "TensorScatterMin" => "min", _ => "none" };
        Scatter(node, node[0], 1, 2, reduction);
    }

    private static void Scatter(NodeWriter node, Operand data, int indices, int updates, string reduction)
    {
        int least = reduction switch { "none" => 13, "add" => 16, _ => 18 };
        if (node.Opset < least && !(reduction == "add" && AreDistinct(node, indices)))
            throw OnnxDiagnostics.Decline($"scattering by '{reduction}' needs opset {least}");
        Operand places = node.Cast(node[indices], DataType.Int64);
        node.Set(node.Opset < 16 || reduction == "none" ? node.Emit("ScatterND", [data, places, node[updates]]) : node.Emit("ScatterND", [data, places, node[updates]], ("reduction", reduction)));
    }

    private static bool AreDistinct(NodeWriter node, int indices)
    {
        if (node.Constant(indices) is not { } constant || constant.Shape.Rank < 1)
            return false;
        int depth = (int)constant.Shape[constant.Shape.Rank - 1];
        string[] rows = [.. Tensors.ToLongs(constant).Chunk(Math.Max(1, depth)).Select(row => string.Join(',', row))];
        return rows.Distinct(StringComparer.Ordinal).Count() == rows.Length;
    }

    [Writes("OneHot")]
    public static void WriteOneHot(NodeWriter node)
    {
        Operand values = node.Emit("Concat", [node.Unsqueeze(node[3], 0), node.Unsqueeze(node[2], 0)], ("axis", 0L));
        Operand depth = node.Cast(node[1], DataType.Int64);
        Operand index = node.Cast(node[0], DataType.Int64);
        bool mayBeNegative = node.Constant(0) is null;
        if (mayBeNegative)
            index = node.Emit("Where", [node.Emit("Less", [index, node.Long(0)]), depth, index]);
        bool isScalar = node.Rank(0) == 0;
        Operand hot = node.Emit("OneHot", [isScalar ? node.Unsqueeze(index, 0) : index, depth, values], ("axis", isScalar ? -1 : node.Integer("axis", -1)));
        node.Set(isScalar ? node.Squeeze(hot, 0) : hot);
    }

    [Writes("Where")]
    public static void WriteWhere(NodeWriter node)
    {
        Operand data = node[0];
        if (data.Info.Type != DataType.Bool)
            data = node.Emit("Not", [node.Emit("Equal", [data, node.Scalar(data.Info.Type, 0)])]);
        node.Set(node.Transpose(node.Emit("NonZero", [data]), 1, 0));
    }

    [Writes("TopK", "TopKV2")]
    public static void WriteTopK(NodeWriter node)
    {
        Operand count = node.Op == "TopK" ? node.Longs(node.Integer("k")) : node.Reshape(node.Cast(node[1], DataType.Int64), 1);
        Operand[] found = node.EmitAll("TopK", [node[0], count], 2, ("axis", -1L), ("sorted", node.Flag("sorted") ? 1L : 0L));
        node.Set(found[0]);
        node.Set(node.Cast(found[1], DataType.Int32), port: 1);
    }

    [Writes("Unique", "UniqueV2", "UniqueWithCounts")]
    public static void WriteUnique(NodeWriter node)
    {
        if (node.Op == "UniqueV2" && (node.Rank(0) != 1 || node.Known(1) is not ([] or [0] or [-1])))
            throw OnnxDiagnostics.Decline("slices along an axis");
        DataType data = node.Info(0).Type;
        Operand values = data is DataType.Int32 or DataType.Int16 or DataType.UInt8 ? node.Cast(node[0], DataType.Int64) : node[0];
        Operand[] found = node.EmitAll("Unique", [values], 4, ("sorted", 0L));
        DataType type = node.Type("out_idx");
        node.Set(node.Cast(found[0], data));
        node.Set(node.Cast(found[2], type), port: 1);
        if (node.Op == "UniqueWithCounts")
            node.Set(node.Cast(found[3], type), port: 2);
    }

    /// <summary>Vectors on the diagonals of matrices of zeros.</summary>
    [Writes("MatrixDiag", Declines = "vectors of unknown length")]
    public static void WriteDiagonal(NodeWriter node)
    {
        Operand vectors = node[0];
        long length = node.Rank(0) > 0 && vectors.Info.Shape[node.Rank(0) - 1] is >= 0 and var known ? known : throw OnnxDiagnostics.Decline("the length of the vectors must be constant");
        Tensor identity = Tensor.Create<bool>(DataType.Bool, TensorShape.Of(length, length), [.. Enumerable.Range(0, checked((int)(length * length))).Select(i => i % (length + 1) == 0)]);
        node.Set(node.Emit("Where", [node.Const(identity), node.Unsqueeze(vectors, -1), node.Scalar(vectors.Info.Type, 0)]));
    }

    [Writes("MatrixDiagPart", Declines = "matrices that are not square")]
    public static void WriteDiagonalPart(NodeWriter node)
    {
        TensorShape shape = node.Info(0).Shape;
        if (shape.Rank < 2 || shape[shape.Rank - 1] < 0 || shape[shape.Rank - 1] != shape[shape.Rank - 2])
            throw OnnxDiagnostics.Decline("matrices that are not square");
        node.Set(node.Emit("Einsum", [node[0]], ("equation", "...ii->...i")));
    }

    [Writes("MatrixBandPart", Declines = "bands other than a triangle")]
    public static void WriteBand(NodeWriter node)
    {
        long lower = node.RequireKnown(1)[0];
        long upper = node.RequireKnown(2)[0];
        Operand data = node[0];
        if (lower >= 0)
            data = node.Emit("Trilu", [data, node.Long(-lower)], ("upper", 1L));
        if (upper >= 0)
            data = node.Emit("Trilu", [data, node.Long(upper)], ("upper", 0L));
        node.Set(node.Opset >= 14 ? data : throw OnnxDiagnostics.Decline("bands of matrices need opset 14"));
    }

    [Writes("InvertPermutation")]
    public static void WriteInvertPermutation(NodeWriter node)
    {
        Operand indices = node.Unsqueeze(node.Cast(node[0], DataType.Int64), 1);
        Operand shape = node.Emit("Shape", [node[0]]);
        Operand counting = node.Emit("Range", [node.Long(0), node.Squeeze(shape, 0), node.Long(1)]);
        node.Set(node.Cast(node.Emit("ScatterND", [counting, indices, counting]), node.Info(0).Type));
    }
}
