using System.Collections.Immutable;
using System.Text.Json;
using TransformFramework.Graphs;
using TransformFramework.Keras.Building;
using TransformFramework.Keras.Configuration;
using TransformFramework.Keras.Layers;

namespace TransformFramework.Keras.Operators;

/// <summary>Operators that read, change or move along shapes.</summary>
internal static class ShapeOperators
{
    [KerasOperator("compat.v1.shape", "shape")]
    public static ImmutableArray<Symbol> Shape(OperatorCall call)
    {
        Symbol x = call.Tensor(0);
        return [call.Graph.Add("Shape", "Shape", TensorShape.Of(x.Rank), [x], ("out_type", call.Type(DataType.Int32, -1, "out_type")))];
    }

    [KerasOperator("compat.v1.size", "size", "Size")]
    public static ImmutableArray<Symbol> Size(OperatorCall call) => [call.Graph.Add("Size", "Size", TensorShape.Scalar, [call.Tensor(0)], ("out_type", DataType.Int32))];

    [KerasOperator("Reshape", "reshape")]
    public static ImmutableArray<Symbol> Reshape(OperatorCall call)
    {
        Symbol x = call.Tensor(0);
        return [call.Graph.Reshape(x, Dimensions(call, call.Find(1, "newshape", "shape")))];
    }

    [KerasOperator("Ravel")]
    public static ImmutableArray<Symbol> Ravel(OperatorCall call) => [call.Graph.Reshape(call.Tensor(0), [-1])];

    [KerasOperator("BroadcastTo", "broadcast_to")]
    public static ImmutableArray<Symbol> BroadcastTo(OperatorCall call) => [call.Graph.BroadcastTo(call.Tensor(0), Dimensions(call, call.Find(1, "shape")))];

    [KerasOperator("ExpandDims", "expand_dims", "compat.v1.expand_dims")]
    public static ImmutableArray<Symbol> ExpandDims(OperatorCall call)
    {
        Symbol x = call.Tensor(0);
        ImmutableArray<long> axes = call.Integers(1, "axis") ?? throw KerasException.Configuration("its axis is missing");
        int rank = x.Rank + axes.Length;
        foreach (int axis in Axes.Normalize(axes, rank))
            x = call.Graph.ExpandDims(x, axis);
        return [x];
    }

    [KerasOperator("Squeeze", "compat.v1.squeeze", "squeeze")]
    public static ImmutableArray<Symbol> Squeeze(OperatorCall call) =>
        [call.Graph.Squeeze(call.Tensor(0), call.Integers(1, "axis", "squeeze_dims") is { } axes ? [.. axes.Select(axis => (int)axis)] : [])];

    [KerasOperator("Transpose", "compat.v1.transpose", "transpose")]
    public static ImmutableArray<Symbol> Transpose(OperatorCall call)
    {
        Symbol x = call.Tensor(0);
        ImmutableArray<int> order = call.Integers(1, "axes", "perm", "a_perm") is { } given ? [.. given.Select(axis => Axes.Normalize(axis, x.Rank))] : [.. Enumerable.Range(0, x.Rank).Reverse()];
        return [call.Graph.Transpose(x, order)];
    }

    [KerasOperator("Moveaxis")]
    public static ImmutableArray<Symbol> MoveAxis(OperatorCall call)
    {
        Symbol x = call.Tensor(0);
        ImmutableArray<int> from = [.. (call.Integers(1, "source") ?? []).Select(axis => Axes.Normalize(axis, x.Rank))];
        ImmutableArray<int> to = [.. (call.Integers(2, "destination") ?? []).Select(axis => Axes.Normalize(axis, x.Rank))];
        if (from.Length != to.Length)
            throw KerasException.Configuration("moveaxis from and to different numbers of axes");
        var order = Enumerable.Range(0, x.Rank).Where(axis => !from.Contains(axis)).ToList();
        foreach (var (source, target) in from.Zip(to).OrderBy(pair => pair.Second))
            order.Insert(target, source);
        return [call.Graph.Transpose(x, [.. order])];
    }

    [KerasOperator("Swapaxes")]
    public static ImmutableArray<Symbol> SwapAxes(OperatorCall call)
    {
        Symbol x = call.Tensor(0);
        int a = Axes.Normalize(call.Integer(1, "axis1") ?? 0, x.Rank);
        int b = Axes.Normalize(call.Integer(2, "axis2") ?? 1, x.Rank);
        return [call.Graph.Transpose(x, [.. Enumerable.Range(0, x.Rank).Select(axis => axis == a ? b : axis == b ? a : axis)])];
    }

    [KerasOperator("Concatenate", "concat")]
    public static ImmutableArray<Symbol> Concat(OperatorCall call) => [call.Graph.Concat(Unified(call), (int)(call.Integer(-1, "axis") ?? (call.Generation == 3 ? -1 : 0)))];

    [KerasOperator("Stack", "stack")]
    public static ImmutableArray<Symbol> Stack(OperatorCall call) => [call.Graph.Stack(Unified(call), (int)(call.Integer(-1, "axis") ?? 0))];

    [KerasOperator("Hstack")]
    public static ImmutableArray<Symbol> HorizontalStack(OperatorCall call)
    {
        ImmutableArray<Symbol> inputs = Unified(call);
        return [call.Graph.Concat(inputs, inputs[0].Rank == 1 ? 0 : 1)];
    }

    [KerasOperator("Vstack")]
    public static ImmutableArray<Symbol> VerticalStack(OperatorCall call)
    {
        ImmutableArray<Symbol> inputs = Unified(call);
        return [call.Graph.Concat([.. inputs.Select(input => input.Rank == 1 ? call.Graph.ExpandDims(input, 0) : input)], 0)];
    }

    [KerasOperator("Append")]
    public static ImmutableArray<Symbol> Append(OperatorCall call)
    {
        (Symbol x, Symbol y) = BinaryOperators.Operands(call);
        return call.Integer(2, "axis") is { } axis
            ? [call.Graph.Concat([x, y], (int)axis)]
            : [call.Graph.Concat([call.Graph.Reshape(x, [-1]), call.Graph.Reshape(y, [-1], "Reshape_1")], 0)];
    }

    /// <summary>As many elements of each axis as sizes say, from their beginnings on; -1 takes the rest.</summary>
    [KerasOperator("slice", "Slice")]
    public static ImmutableArray<Symbol> Slice(OperatorCall call)
    {
        Symbol x = call.Tensor(0, null, "input_", "inputs", "input");
        ImmutableArray<long>? begin = call.Integers(1, "begin", "start_indices");
        ImmutableArray<long>? size = call.Integers(2, "size", "shape");
        if (begin is not { } begins || size is not { } sizes || begins.Length != x.Rank || sizes.Length != x.Rank)
            throw KerasException.Option("slices from places or of sizes that are not constant");
        long[] shape = [.. sizes.Select((length, axis) => length >= 0 || x.Shape[axis] < 0 ? length : x.Shape[axis] - begins[axis])];
        return [call.Graph.Add("Slice", "Slice", TensorShape.Of(shape), [x, call.Graph.Ints("Slice/begin", begins), call.Graph.Ints("Slice/size", sizes)])];
    }

    [KerasOperator("gather_nd")]
    public static ImmutableArray<Symbol> GatherNd(OperatorCall call)
    {
        Symbol x = call.Tensor(0, null, "params");
        Symbol indices = call.Tensor(1, null, "indices");
        if (call.Integer(-1, "batch_dims") is > 0)
            throw KerasException.Option("gather_nd with batch_dims");
        long depth = indices.KnownDimension(-1);
        TensorShape shape = TensorShape.Of([.. indices.Shape.Dimensions[..^1], .. x.Shape.Dimensions[(int)depth..]]);
        return [call.Graph.Add("GatherNd", "GatherNd", shape, [x, indices])];
    }

    [KerasOperator("image.flip_left_right")]
    public static ImmutableArray<Symbol> FlipLeftRight(OperatorCall call) => [Flipped(call, -2)];

    [KerasOperator("image.flip_up_down")]
    public static ImmutableArray<Symbol> FlipUpDown(OperatorCall call) => [Flipped(call, -3)];

    [KerasOperator("Unstack", "unstack")]
    public static ImmutableArray<Symbol> Unstack(OperatorCall call) => call.Graph.Unstack(call.Tensor(0), (int)(call.Integer(-1, "axis") ?? 0));

    [KerasOperator("Split", "split", "compat.v1.split")]
    public static ImmutableArray<Symbol> Split(OperatorCall call)
    {
        Symbol x = call.Tensor(0);
        int axis = (int)(call.Integer(2, "axis") ?? 0);
        ImmutableArray<long> sizes = call.Integers(1, "indices_or_sections", "num_or_size_splits") ?? throw KerasException.Configuration("its parts are missing");
        bool isList = call.Find(1, "indices_or_sections", "num_or_size_splits") is ValueArgument { Value.ValueKind: JsonValueKind.Array };
        if (!isList)
            return sizes[0] is > 0 and <= 1 << 16 ? call.Graph.Split(x, (int)sizes[0], axis) : throw KerasException.Configuration($"{sizes[0]} parts");
        if (call.Generation != 3)
            return call.Graph.SplitSizes(x, sizes, axis);
        ImmutableArray<long> bounds = [0, .. sizes, x.KnownDimension(axis)];
        return call.Graph.SplitSizes(x, [.. bounds.Skip(1).Zip(bounds, (end, start) => end - start)], axis);
    }

    [KerasOperator("Tile", "tile")]
    public static ImmutableArray<Symbol> Tile(OperatorCall call)
    {
        Symbol x = call.Tensor(0);
        ImmutableArray<Dimension> multiples = Dimensions(call, call.Find(1, "repeats", "multiples"));
        if (multiples.Length < x.Rank)
            multiples = [.. Enumerable.Repeat(new Dimension(1), x.Rank - multiples.Length), .. multiples];
        while (multiples.Length > x.Rank)
            x = call.Graph.ExpandDims(x, 0);
        return [call.Graph.Tile(x, multiples)];
    }

    [KerasOperator("Repeat", "repeat")]
    public static ImmutableArray<Symbol> Repeat(OperatorCall call)
    {
        Symbol x = call.Tensor(0);
        ImmutableArray<long> counts = call.Integers(1, "repeats") ?? throw KerasException.Configuration("repeats is missing");
        if (call.Integer(2, "axis") is not { } axis)
        {
            x = call.Graph.Reshape(x, [-1]);
            axis = 0;
        }
        if (counts.Any(count => count is < 1 or > 1 << 20))
            throw KerasException.Configuration("repeats is out of range");
        int at = Axes.Normalize(axis, x.Rank);
        if (counts.Length == 1)
            return [RepeatOps.RepeatEach(call.Graph, x, at, counts[0])];
        Symbol indices = call.Graph.Ints("indices", counts.SelectMany((count, i) => Enumerable.Repeat((long)i, (int)count)));
        return [call.Graph.Gather(x, indices, at)];
    }

    [KerasOperator("Flip", "reverse")]
    public static ImmutableArray<Symbol> Flip(OperatorCall call)
    {
        Symbol x = call.Tensor(0);
        return [call.Graph.ReverseAxes(x, call.AxesOf(x))];
    }

    [KerasOperator("Roll", "roll")]
    public static ImmutableArray<Symbol> Roll(OperatorCall call)
    {
        Symbol x = call.Tensor(0);
        ImmutableArray<long> shift = call.Integers(1, "shift") ?? throw KerasException.Configuration("shift is missing");
        if (call.Integers(2, "axis") is not { } axes)
        {
            Symbol flat = call.Graph.Reshape(x, [-1]);
            Symbol rolled = call.Graph.Add("Roll", "Roll", flat.Shape, [flat, call.Graph.Ints("Roll/shift", shift), call.Graph.Ints("Roll/axis", 0)]);
            return [call.Graph.Reshape(rolled, call.Graph.DimensionsOf(x), "Reshape_1")];
        }
        return [call.Graph.Add("Roll", "Roll", x.Shape, [x, call.Graph.Ints("Roll/shift", shift), call.Graph.Ints("Roll/axis", axes)])];
    }

    [KerasOperator("Take", "compat.v1.gather", "gather")]
    public static ImmutableArray<Symbol> Take(OperatorCall call)
    {
        Symbol x = call.Tensor(0, null, "x", "params");
        Symbol indices = call.Tensor(1, null, "indices");
        if (indices.Type is not (DataType.Int32 or DataType.Int64))
            indices = call.Graph.Cast(indices, DataType.Int32);
        if (call.Integer(-1, "batch_dims") is > 0)
            throw KerasException.Option("gather with batch_dims");
        if (call.Generation == 3 && call.Integer(2, "axis") is null)
            x = call.Graph.Reshape(x, [-1]);
        int axis = (int)(call.Integer(2, "axis") ?? 0);
        if (call.Generation == 3)
            indices = Indices.FromStart(call.Graph, indices, call.Graph.DimensionOf(x, axis));
        return [call.Graph.Gather(x, indices, axis)];
    }

    [KerasOperator("Pad", "compat.v1.pad", "pad")]
    public static ImmutableArray<Symbol> Pad(OperatorCall call)
    {
        Symbol x = call.Tensor(0);
        if (call.Find(1, "pad_width", "paddings") is not ValueArgument { Value: var given })
            throw KerasException.Configuration("its paddings are missing");
        string mode = call.Text("constant", 2, "mode").ToUpperInvariant();
        ImmutableArray<(long, long)> pairs = PadPairs(call, given, x.Rank);
        if (mode is "REFLECT" or "SYMMETRIC")
            return [call.Graph.Pad(x, pairs, "MirrorPad", mirror: mode)];
        if (mode != "CONSTANT")
            throw KerasException.Option($"padding by '{mode}'");
        double value = call.Number(0, -1, "constant_values");
        return [call.Graph.Pad(x, pairs, value: value == 0 ? null : call.Graph.Scalar("Pad/constant_values", x.Type, value))];
    }

    [KerasOperator("Tril")]
    public static ImmutableArray<Symbol> Tril(OperatorCall call)
    {
        long diagonal = call.Integer(1, "k") ?? 0;
        return [diagonal >= 0 ? Band(call, -1, diagonal) : Masked(call, (row, column) => column - row <= diagonal)];
    }

    [KerasOperator("Triu")]
    public static ImmutableArray<Symbol> Triu(OperatorCall call)
    {
        long diagonal = call.Integer(1, "k") ?? 0;
        return [diagonal <= 0 ? Band(call, -diagonal, -1) : Masked(call, (row, column) => column - row >= diagonal)];
    }

    [KerasOperator("linalg.band_part")]
    public static ImmutableArray<Symbol> BandPart(OperatorCall call) => [Band(call, call.Integer(1, "num_lower") ?? -1, call.Integer(2, "num_upper") ?? -1)];

    [KerasOperator("GetItem", "__operators__.getitem")]
    public static ImmutableArray<Symbol> GetItem(OperatorCall call) => [SliceSpecification.Apply(call.Graph, call.Tensor(0), call.Find(1, "slice_spec", "key") ?? throw KerasException.Configuration("its slices are missing"))];

    private static Symbol Band(OperatorCall call, long lower, long upper)
    {
        Symbol x = call.Tensor(0);
        return call.Graph.Add("MatrixBandPart", "MatrixBandPart", x.Shape, [x, call.Graph.Scalar("MatrixBandPart/num_lower", DataType.Int64, lower), call.Graph.Scalar("MatrixBandPart/num_upper", DataType.Int64, upper)]);
    }

    /// <summary>Matrices in which some elements are zero.</summary>
    private static Symbol Masked(OperatorCall call, Func<long, long, bool> isKept)
    {
        Symbol x = call.Tensor(0);
        long rows = x.KnownDimension(-2);
        long columns = x.KnownDimension(-1);
        byte[] kept = new byte[checked(rows * columns)];
        for (long i = 0; i < kept.Length; i++)
            kept[i] = isKept(i / columns, i % columns) ? (byte)1 : (byte)0;
        Symbol mask = call.Graph.Constant("mask", Tensor.Create<byte>(DataType.Bool, TensorShape.Of(rows, columns), kept));
        return call.Graph.Select(mask, x, call.Graph.Like("ZerosLike", x, "zeros_like"));
    }

    private static Symbol Flipped(OperatorCall call, int axis)
    {
        Symbol x = call.Tensor(0);
        return x.Rank is 3 or 4 ? call.Graph.ReverseAxes(x, Axes.Normalize(axis, x.Rank)) : throw KerasException.Configuration($"its input {x.Shape} is not an image or a batch of images");
    }

    private static ImmutableArray<Symbol> Unified(OperatorCall call)
    {
        ImmutableArray<Symbol> inputs = call.Tensors();
        if (inputs.IsEmpty)
            throw KerasException.Configuration("it is called without tensors");
        return call.Graph.Unify(inputs);
    }

    private static ImmutableArray<Dimension> Dimensions(OperatorCall call, Argument? shape) => shape switch
    {
        ValueArgument value => [.. Sizes(value.Value).Select(size => new Dimension(size))],
        ListArgument list => [.. list.Items.Select(item => item is TensorArgument tensor ? new Dimension(-1, tensor.Value.Unmasked) : item is ValueArgument number ? Sizes(number.Value)[0] : throw Missing())],
        TensorArgument { Value: { Shape: { Rank: 1, IsFullyKnown: true } } vector } => [.. Enumerable.Range(0, (int)vector.Shape[0]).Select(i => new Dimension(-1, call.Graph.Element(vector, i)))],
        _ => throw Missing(),
    };

    private static ImmutableArray<long> Sizes(JsonElement value)
    {
        if (value.ValueKind != JsonValueKind.Array)
            return [ConfigurationObject.NumberOf(value) is { } one && one is >= -1 and < 1 << 28 ? (long)one : throw Missing()];
        return [.. value.EnumerateArray().Select(item => item.ValueKind == JsonValueKind.Null ? -1 : ConfigurationObject.NumberOf(item) is { } size && size is >= -1 and < 1 << 28 ? (long)size : throw Missing())];
    }

    private static KerasException Missing() => KerasException.Configuration("its shape is missing or not one of numbers");

    private static ImmutableArray<(long, long)> PadPairs(OperatorCall call, JsonElement given, int rank)
    {
        if (given.ValueKind == JsonValueKind.Number)
            return [.. Enumerable.Repeat((Size(given), Size(given)), rank)];
        JsonElement[] items = given.ValueKind == JsonValueKind.Array ? [.. given.EnumerateArray()] : [];
        if (items.Length == 2 && items[0].ValueKind == JsonValueKind.Number)
            return [.. Enumerable.Repeat((Size(items[0]), Size(items[1])), rank)];
        if (items.Length == 1)
            items = [.. Enumerable.Repeat(items[0], rank)];
        if (items.Length != rank || items.Any(item => item.ValueKind != JsonValueKind.Array || item.GetArrayLength() != 2))
            throw KerasException.Configuration($"its paddings are not {rank} pairs");
        return [.. items.Select(item => (Size(item[0]), Size(item[1])))];

        static long Size(JsonElement item) => ConfigurationObject.NumberOf(item) is { } number && number is >= 0 and < 1 << 28 ? (long)number : throw KerasException.Configuration("a padding is not a size");
    }
}
