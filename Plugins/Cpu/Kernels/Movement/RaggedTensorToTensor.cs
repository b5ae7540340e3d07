using TransformFramework.Execution;
using TransformFramework.Graphs;

namespace TransformFramework.Cpu.Kernels.Movement;

/// <summary>
/// A ragged tensor as a dense one: rows are cut off or filled up with a default value, to the shape that is given or, where it says -1, to the longest row. A partition tells which children each
/// row has: by the row of each child (VALUE_ROWIDS) or by where each row starts and the last ends (ROW_SPLITS); FIRST_DIM_SIZE is the number of the outermost rows.
/// </summary>
[Kernel("RaggedTensorToTensor")]
internal sealed class RaggedTensorToTensor : IKernel
{
    public IReadOnlyList<TensorShape> InferShapes(ShapeInference node) => [TensorShape.Unknown];

    public Tensor[] Compute(KernelCall call)
    {
        Tensor values = call.Inputs[1];
        var (rows, levels) = Partitions(call.Node.Texts("row_partition_types"), [.. call.Inputs.Skip(3)]);
        long[] dimensions = Given(call.Inputs[0], values.Shape, levels.Count);
        dimensions[0] = dimensions[0] < 0 ? rows : dimensions[0];
        long[] places = [.. Enumerable.Range(0, rows).Select(row => row < dimensions[0] ? row : -1L)];
        for (int level = 0; level < levels.Count; level++)
        {
            int[] parents = levels[level];
            if (Array.Exists(parents, parent => parent >= places.Length))
                throw Refuse.Invalid($"row partition {level} refers to row {parents.Max()} of {places.Length}");
            dimensions[level + 1] = dimensions[level + 1] < 0 ? parents.CountBy(parent => parent).Select(row => row.Value).DefaultIfEmpty(0).Max() : dimensions[level + 1];
            places = Places(parents, places, dimensions[level + 1]);
        }
        if (values.Shape[0] != places.Length)
            throw Refuse.Invalid($"there are {values.Shape[0]} values where the row partitions have {places.Length}");
        return [Spread(values, call.Inputs[2], Tensors.ShapeOf(dimensions), places)];
    }

    private static Tensor Spread(Tensor values, Tensor filling, TensorShape shape, long[] places)
    {
        TensorBuilder result = TensorBuilder.Of(values.Type, shape);
        TensorShape element = values.Shape.WithoutAxis(0);
        if (filling.Shape.Rank > element.Rank || !Broadcast.Of(filling.Shape, element).Shape.Equals(element))
            throw Refuse.Invalid($"default_value.shape={filling.Shape} cannot be broadcast to the shape of one value, {element}");
        int[] strides = new int[shape.Rank];
        int[] own = Strided.RowMajor(filling.Shape.Dimensions.AsSpan());
        for (int i = 0; i < own.Length; i++)
            strides[shape.Rank - own.Length + i] = filling.Shape[i] == 1 ? 0 : own[i];
        if (shape.ElementCount == 0)
            return result.Build();
        result.Copy(filling, new(0, strides), Strided.Whole(shape), shape.Dimensions.AsSpan());
        int run = (int)element.ElementCount;
        for (int i = 0; i < places.Length; i++)
        {
            if (places[i] >= 0)
                result.Copy(values, i * run, checked((int)places[i] * run), run);
        }
        return result.Build();
    }

    /// <summary>The position of each child; -1 where it is cut off.</summary>
    private static long[] Places(int[] parents, long[] above, long width)
    {
        long[] places = new long[parents.Length];
        for (int i = 0, column = 0; i < parents.Length; i++)
        {
            column = i > 0 && parents[i] == parents[i - 1] ? column + 1 : 0;
            places[i] = above[parents[i]] < 0 || column >= width ? -1 : (above[parents[i]] * width) + column;
        }
        return places;
    }

    /// <summary>The dimensions of the result; of the outermost and the ragged ones, -1 where the partitions say.</summary>
    private static long[] Given(Tensor shape, TensorShape values, int ragged)
    {
        if (values.Rank < 1)
            throw Refuse.Invalid($"values must be at least a vector, but has shape {values}");
        long[] given = Integers.Read(shape);
        if (shape.Shape.Rank == 0 && given[0] != -1)
            throw Refuse.Invalid($"The only valid scalar shape tensor is the fully unknown shape specified as -1, not {given[0]}");
        int rank = ragged + values.Rank;
        if (shape.Shape.Rank == 0)
            given = [.. Enumerable.Repeat(-1L, rank)];
        if (given.Length != rank)
            throw Refuse.Invalid($"shape has {given.Length} dimensions, the ragged tensor {rank}");
        for (int i = 1; i < values.Rank; i++)
        {
            if (given[ragged + i] >= 0 && given[ragged + i] != values[i])
                throw Refuse.Invalid($"Inner dimension {given[ragged + i]} of shape and {values[i]} of values do not match");
            given[ragged + i] = values[i];
        }
        return given;
    }

    /// <summary>The number of outermost rows and, level by level, the row of each child.</summary>
    private static (int Rows, List<int[]> Levels) Partitions(string[] types, Tensor[] partitions)
    {
        if (types.Length == 0 || types.Length != partitions.Length)
            throw Refuse.Invalid($"there are {types.Length} row_partition_types for {partitions.Length} row_partition_tensors");
        bool isCounted = types[0] == "FIRST_DIM_SIZE";
        if (!isCounted && types[0] != "ROW_SPLITS")
            throw Refuse.Invalid($"Cannot handle {types[0]} in first dimension");
        long rows = isCounted ? Integers.Scalar(partitions[0], "FIRST_DIM_SIZE") : partitions[0].ElementCount - 1;
        if (rows is < 0 or > int.MaxValue)
            throw Refuse.Invalid($"the number of rows is {rows}");
        return ((int)rows, [.. types.Zip(partitions).Skip(isCounted ? 1 : 0).Select(level => Rows(level.First, Integers.Read(level.Second)))]);
    }

    private static int[] Rows(string type, long[] partition)
    {
        for (int i = 0; i < partition.Length; i++)
        {
            if (partition[i] < (i == 0 ? 0 : partition[i - 1]) || partition[i] > int.MaxValue)
                throw Refuse.Invalid($"the {type} of a row partition must begin at 0 or above and not fall, but element {i} is {partition[i]}");
        }
        return type switch
        {
            "VALUE_ROWIDS" => [.. partition.Select(row => (int)row)],
            "ROW_SPLITS" when partition is [0, ..] => [.. Enumerable.Range(0, partition.Length - 1).SelectMany(row => Enumerable.Repeat(row, (int)(partition[row + 1] - partition[row])))],
            "ROW_SPLITS" => throw Refuse.Invalid("ROW_SPLITS must begin with 0"),
            _ => throw Refuse.Invalid($"Unsupported partition type: {type}"),
        };
    }
}
