using TransformFramework.Graphs;
using TransformFramework.TfLite.Schema;

namespace TransformFramework.TfLite.Writing;

/// <summary>Shapes of operators' outputs from their inputs' shapes and constant contents.</summary>
internal static class ShapeRules
{
    /// <summary>The shapes of all outputs for one size of the free dimensions.</summary>
    /// <param name="name">The operator.</param>
    /// <param name="inputs">Its inputs.</param>
    /// <param name="options">Its options.</param>
    /// <param name="outputs">Number of outputs.</param>
    /// <param name="world">0 or 1: which size free dimensions have.</param>
    public static int[][] Infer(string name, IReadOnlyList<TensorDraft?> inputs, OptionValues options, int outputs, int world)
    {
        int[] In(int i) => inputs[i]!.Shapes[world];
        long[]? Known(int i) => i < inputs.Count && inputs[i]?.Known[world] is { } known ? Integers(known) : null;
        switch (name)
        {
            case "CONV_2D" or "DEPTHWISE_CONV_2D":
                int[] w = In(1);
                return [[In(0)[0], Window(In(0)[1], w[1], options.Int("stride_h"), options.Int("dilation_h"), options), Window(In(0)[2], w[2], options.Int("stride_w"), options.Int("dilation_w"), options), name == "CONV_2D" ? w[0] : w[3]]];
            case "CONV_3D":
                return [[In(0)[0], Window(In(0)[1], In(1)[0], options.Int("stride_d"), options.Int("dilation_d"), options), Window(In(0)[2], In(1)[1], options.Int("stride_h"), options.Int("dilation_h"), options), Window(In(0)[3], In(1)[2], options.Int("stride_w"), options.Int("dilation_w"), options), In(1)[4]]];
            case "TRANSPOSE_CONV" or "CONV_3D_TRANSPOSE" when Known(0) is null:
                return [[In(2)[0], .. Enumerable.Repeat(1 + world, In(2).Length - 2), name == "TRANSPOSE_CONV" ? In(1)[0] : In(1)[3]]];
            case "TRANSPOSE_CONV" or "CONV_3D_TRANSPOSE" or "FILL":
                return [Shape(Known(0), In(0), world)];
            case "SPARSE_TO_DENSE":
                return [Shape(Known(1), In(1), world)];
            case "SCATTER_ND":
                return [Shape(Known(2), In(2), world)];
            case "AVERAGE_POOL_2D" or "MAX_POOL_2D" or "L2_POOL_2D":
                return [[In(0)[0], Window(In(0)[1], options.Int("filter_height"), options.Int("stride_h"), 1, options), Window(In(0)[2], options.Int("filter_width"), options.Int("stride_w"), 1, options), In(0)[3]]];
            case "FULLY_CONNECTED":
                int rows = In(0).Aggregate(1, (a, b) => a * b) / In(1)[1];
                return [options.Flag("keep_num_dims") ? [.. In(0)[..^1], In(1)[0]] : [rows, In(1)[0]]];
            case "BATCH_MATMUL":
                int[] left = In(0), right = In(1);
                return [[.. Broadcast(left[..^2], right[..^2], world == 1), options.Flag("adj_x") ? left[^1] : left[^2], options.Flag("adj_y") ? right[^2] : right[^1]]];
            case "ADD" or "SUB" or "MUL" or "DIV" or "MAXIMUM" or "MINIMUM" or "SQUARED_DIFFERENCE" or "POW" or "FLOOR_DIV" or "FLOOR_MOD" or "ATAN2" or "EQUAL" or "NOT_EQUAL" or "GREATER" or "GREATER_EQUAL"
                or "LESS" or "LESS_EQUAL" or "LOGICAL_AND" or "LOGICAL_OR" or "BITWISE_XOR" or "RIGHT_SHIFT":
                return [Broadcast(In(0), In(1), world == 1)];
            case "PRELU":
                return [In(0)];
            case "SELECT":
                return [In(1)];
            case "SELECT_V2":
                return [Broadcast(Broadcast(In(0), In(1), world == 1), In(2), world == 1)];
            case "MEAN" or "SUM" or "REDUCE_MAX" or "REDUCE_MIN" or "REDUCE_PROD" or "REDUCE_ANY" or "REDUCE_ALL":
                return [Reduce(In(0), Known(1), options.Flag("keep_dims"))];
            case "ARG_MAX" or "ARG_MIN":
                return [Reduce(In(0), Known(1), keep: false)];
            case "RESHAPE":
                return [inputs.Count > 1 && Known(1) is null ? Shape(null, In(1), world) : Reshape(In(0), Known(1) ?? [.. options.Ints("new_shape").Select(size => (long)size)])];
            case "SQUEEZE":
                int[] axes = [.. options.Ints("squeeze_dims").Select(axis => axis < 0 ? axis + In(0).Length : axis)];
                return [[.. In(0).Where((size, i) => axes.Length == 0 ? size != 1 : !axes.Contains(i))]];
            case "EXPAND_DIMS":
                List<int> expanded = [.. In(0)];
                int at = (int)Known(1)![0];
                expanded.Insert(at < 0 ? at + expanded.Count + 1 : at, 1);
                return [[.. expanded]];
            case "SHAPE":
                return [[In(0).Length]];
            case "RANK":
                return [[]];
            case "TRANSPOSE":
                long[] order = Known(1) ?? throw TfLiteDiagnostics.Unwritable("the order of the dimensions is not known before the run");
                return [[.. order.Select(axis => In(0)[axis < 0 ? axis + In(0).Length : axis])]];
            case "PACK":
                List<int> packed = [.. In(0)];
                int place = options.Int("axis");
                packed.Insert(place < 0 ? place + packed.Count + 1 : place, inputs.Count);
                return [[.. packed]];
            case "UNPACK":
                List<int> unpacked = [.. In(0)];
                unpacked.RemoveAt(options.Int("axis") < 0 ? options.Int("axis") + unpacked.Count : options.Int("axis"));
                return [.. Enumerable.Repeat(unpacked.ToArray(), outputs)];
            case "SPLIT":
                int[] part = [.. In(1)];
                int axis = Axis(Known(0)![0], part.Length);
                part[axis] /= outputs;
                return [.. Enumerable.Repeat(part, outputs)];
            case "SPLIT_V":
                return SplitBySizes(In(0), Known(1)!, Axis(Known(2)![0], In(0).Length));
            case "CONCATENATION":
                int[] joined = [.. In(0)];
                int along = Axis(options.Int("axis"), joined.Length);
                joined[along] = inputs.Sum(input => input!.Shapes[world][along]);
                return [joined];
            case "SLICE":
                return [[.. In(0).Select((size, i) => Known(2) is { } sizes ? (int)(sizes[i] < 0 ? size - (Known(1)?[i] ?? 0) : sizes[i]) : size)]];
            case "STRIDED_SLICE":
                return [StridedSliceRule.Shape(In(0), Known(1), Known(2), Known(3), options, 1 + world)];
            case "GATHER":
                int gathered = Axis(options.Int("axis"), In(0).Length);
                return [[.. In(0)[..gathered], .. In(1)[options.Int("batch_dims")..], .. In(0)[(gathered + 1)..]]];
            case "GATHER_ND":
                return [[.. In(1)[..^1], .. In(0)[In(1)[^1]..]]];
            case "PAD" or "PADV2" or "MIRROR_PAD":
                return [[.. In(0).Select((size, i) => Known(1) is { } padding ? size + (int)(padding[2 * i] + padding[(2 * i) + 1]) : 1 + world)]];
            case "TILE":
                return [[.. In(0).Select((size, i) => Known(1) is { } copies ? size * (int)copies[i] : 1 + world)]];
            case "BROADCAST_TO":
                return [Shape(Known(1), In(1), world)];
            case "BROADCAST_ARGS":
                return [In(0).Length > 0 && In(0)[0] >= In(1)[0] ? In(0) : In(1)];
            case "SPACE_TO_DEPTH":
                int block = options.Int("block_size");
                return [[In(0)[0], In(0)[1] / block, In(0)[2] / block, In(0)[3] * block * block]];
            case "DEPTH_TO_SPACE":
                int cell = options.Int("block_size");
                return [[In(0)[0], In(0)[1] * cell, In(0)[2] * cell, In(0)[3] / (cell * cell)]];
            case "SPACE_TO_BATCH_ND":
                return [Known(1) is { } blocks && Known(2) is { } paddings ? SpaceToBatch(In(0), blocks, paddings) : Free(In(0), world)];
            case "BATCH_TO_SPACE_ND":
                return [Known(1) is { } cells && Known(2) is { } crops ? BatchToSpace(In(0), cells, crops) : Free(In(0), world)];
            case "RESIZE_BILINEAR" or "RESIZE_NEAREST_NEIGHBOR":
                return [[In(0)[0], (int)(Known(1)?[0] ?? 1 + world), (int)(Known(1)?[1] ?? 1 + world), In(0)[3]]];
            case "ONE_HOT":
                List<int> hot = [.. In(0)];
                int depth = options.Int("axis");
                hot.Insert(depth < 0 ? hot.Count : depth, (int)Known(1)![0]);
                return [[.. hot]];
            case "TOPK_V2":
                int[] top = [.. In(0)[..^1], (int)(Known(1)?[0] ?? In(0)[^1])];
                return [top, top];
            case "RANGE":
                return [[Known(0) is [var start] && Known(1) is [var limit] && Known(2) is [var step] && step != 0 ? (int)Math.Max(0, ((limit - start) + step - Math.Sign(step)) / step) : 1 + world]];
            case "WHERE":
                return [[1 + world, In(0).Length]];
            case "UNIQUE":
                return [[1 + world], In(0)];
            case "SEGMENT_SUM":
                return [[Known(1) is { Length: > 0 } ids ? (int)ids.Max() + 1 : 1 + world, .. In(0)[1..]]];
            case "UNSORTED_SEGMENT_SUM" or "UNSORTED_SEGMENT_PROD" or "UNSORTED_SEGMENT_MAX" or "UNSORTED_SEGMENT_MIN":
                return [[(int)(Known(2)?[0] ?? 1 + world), .. In(0)[In(1).Length..]]];
            case "MATRIX_DIAG":
                return [[.. In(0), In(0)[^1]]];
            case "RFFT2D":
                return [[.. In(0)[..^2], (int)Known(1)![0], ((int)Known(1)![1] / 2) + 1]];
            case "NON_MAX_SUPPRESSION_V4":
                int boxes = (int)(Known(2)?[0] ?? 1 + world);
                return [[boxes], []];
            case "NON_MAX_SUPPRESSION_V5":
                int kept = (int)(Known(2)?[0] ?? 1 + world);
                return [[kept], [kept], []];
            case "HASHTABLE_FIND":
                return [In(1)];
            case "HASHTABLE_SIZE" or "HASHTABLE" or "VAR_HANDLE" or "READ_VARIABLE":
                return [[1]];
            default:
                return [.. Enumerable.Repeat(In(0), outputs)];
        }
    }

    /// <summary>The elements of a constant of integers.</summary>
    public static long[]? Integers(Tensor tensor) => tensor.Type switch
    {
        DataType.Int32 => Array.ConvertAll(tensor.AsSpan<int>().ToArray(), value => (long)value),
        DataType.Int64 => tensor.AsSpan<long>().ToArray(),
        _ => null,
    };

    /// <summary>The shape that both broadcast to.</summary>
    /// <param name="one">A shape.</param>
    /// <param name="other">Another one.</param>
    /// <param name="isFree">True when sizes may be guesses: those of the second shape win then.</param>
    public static int[] Broadcast(int[] one, int[] other, bool isFree = false)
    {
        int rank = Math.Max(one.Length, other.Length);
        int[] result = new int[rank];
        for (int i = 0; i < rank; i++)
        {
            int left = i < rank - one.Length ? 1 : one[i - (rank - one.Length)];
            int right = i < rank - other.Length ? 1 : other[i - (rank - other.Length)];
            if (left != right && left != 1 && right != 1 && !isFree)
                throw TfLiteDiagnostics.Unwritable($"shapes [{string.Join(',', one)}] and [{string.Join(',', other)}] do not fit each other");
            result[i] = left == 1 ? right : left;
        }
        return result;
    }

    /// <summary>Two shapes of one rank as one, for both sizes of free dimensions: those that differ are free.</summary>
    public static int[][] Common(int[][] one, int[][] other)
    {
        bool[] isSame = [.. one[0].Select((size, axis) => size == other[0][axis] && one[1][axis] == other[1][axis])];
        return [.. one.Select((shape, world) => shape.Select((size, axis) => isSame[axis] ? size : 1 + world).ToArray())];
    }

    private static int Window(int size, int filter, int stride, int dilation, OptionValues options)
    {
        long reach = ((long)(filter - 1) * dilation) + 1;
        return (int)(options.Int("padding") == 0 ? ((long)size + stride - 1) / stride : Math.Max(0, (size - reach + stride) / stride));
    }

    private static int Axis(long axis, int rank) => (int)(axis < 0 ? axis + rank : axis);

    /// <summary>A shape that an input gives; all free when it is computed in the run.</summary>
    private static int[] Shape(long[]? known, int[] shape, int world) => known is null ? [.. Enumerable.Repeat(1 + world, shape[0])] : [.. known.Select(size => (int)size)];

    private static int[] Free(int[] shape, int world) => [.. shape.Select(_ => 1 + world)];

    private static int[] Reduce(int[] shape, long[]? axes, bool keep)
    {
        if (axes is null)
            throw TfLiteDiagnostics.Unwritable("the axes of a reduction are not known before the run");
        var reduced = axes.Select(axis => Axis(axis, shape.Length)).ToHashSet();
        return [.. shape.Select((size, i) => reduced.Contains(i) ? (keep ? 1 : -1) : size).Where(size => size >= 0)];
    }

    private static int[] Reshape(int[] shape, long[] wanted)
    {
        int count = shape.Aggregate(1, (a, b) => a * b);
        int known = (int)wanted.Where(size => size >= 0).Aggregate(1L, (a, b) => a * b);
        return [.. wanted.Select(size => size >= 0 ? (int)size : known == 0 ? 0 : count / known)];
    }

    private static int[][] SplitBySizes(int[] shape, long[] sizes, int axis)
    {
        long rest = shape[axis] - sizes.Where(size => size >= 0).Sum();
        return [.. sizes.Select(size => shape.Select((whole, i) => i == axis ? (int)(size < 0 ? rest : size) : whole).ToArray())];
    }

    private static int[] SpaceToBatch(int[] shape, long[] blocks, long[] paddings)
    {
        int[] result = [.. shape];
        for (int i = 0; i < blocks.Length; i++)
        {
            result[i + 1] = (int)((shape[i + 1] + paddings[2 * i] + paddings[(2 * i) + 1]) / blocks[i]);
            result[0] *= (int)blocks[i];
        }
        return result;
    }

    private static int[] BatchToSpace(int[] shape, long[] blocks, long[] crops)
    {
        int[] result = [.. shape];
        for (int i = 0; i < blocks.Length; i++)
        {
            result[i + 1] = (int)((shape[i + 1] * blocks[i]) - crops[2 * i] - crops[(2 * i) + 1]);
            result[0] /= (int)blocks[i];
        }
        return result;
    }
}
