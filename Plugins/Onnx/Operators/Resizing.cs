using System.Collections.Immutable;
using TransformFramework.Graphs;
using TransformFramework.Onnx.Inference;
using TransformFramework.Onnx.Reading;

namespace TransformFramework.Onnx.Operators;

/// <summary>Resize and its predecessor Upsample. What TensorFlow has an op for becomes one; everything else is a product with constant weights along each axis.</summary>
internal static partial class Resizing
{
    /// <summary>Most weights of a resizing along an axis.</summary>
    private const long MostWeights = 1 << 22;

    [Infers("Resize", "Upsample")]
    public static void Infer(NodeInference node)
    {
        TensorShape shape = node[0].Shape;
        if (shape.IsUnknownRank)
        {
            node.Set(node[0].Type, shape);
            return;
        }
        int[] axes = node.Integers("axes") is { } listed ? node.Axes(listed, shape.Rank) : [.. Enumerable.Range(0, shape.Rank)];
        var (scales, sizes) = (Scales(node), SizesOf(node));
        long[] output = [.. shape.Dimensions];
        for (int i = 0; i < axes.Length; i++)
        {
            int axis = axes[i];
            if (!sizes.IsDefault && i < sizes.Length)
                output[axis] = node.Text("keep_aspect_ratio_policy", "stretch") == "stretch" ? sizes[i] ?? -1 : -1;
            else if (scales is not null && i < scales.Length)
                output[axis] = shape[axis] < 0 ? (scales[i] == 1 ? shape[axis] : -1) : (long)Math.Floor(shape[axis] * (double)scales[i]);
            else
                output[axis] = -1;
        }
        if (!sizes.IsDefault && node.Text("keep_aspect_ratio_policy", "stretch") is not "stretch" and var policy)
            KeepAspect(policy, shape, axes, sizes, output);
        node.Set(node[0].Type, TensorShape.Of(output));
    }

    private static void KeepAspect(string policy, TensorShape shape, int[] axes, ImmutableArray<long?> sizes, long[] output)
    {
        if (sizes.Contains(null) || axes.Any(axis => shape[axis] < 0))
            return;
        float scale = AspectScale(policy, shape, axes, [.. sizes.Select(size => size!.Value)]);
        foreach (int axis in axes)
            output[axis] = (long)Math.Floor((scale * shape[axis]) + 0.5);
    }

    private static float AspectScale(string policy, TensorShape shape, int[] axes, long[] sizes)
    {
        IEnumerable<float> scales = axes.Select((axis, i) => sizes[i] / (float)shape[axis]);
        return policy == "not_larger" ? scales.Min() : scales.Max();
    }

    private static float[]? Scales(NodeInference node)
    {
        if (node.Op == "Upsample" && node.Opset < 9)
            return node.Reals("scales");
        int input = node.Op == "Upsample" || node.Opset < 11 ? 1 : 2;
        return node.Optional(input)?.Constant is { ElementCount: > 0 } scales ? scales.ToSingles() : null;
    }

    private static ImmutableArray<long?> SizesOf(NodeInference node) => node.Op == "Resize" && node.Opset >= 11 && node.Optional(3) is { } info && info.Shape is not { Rank: 1, ElementCount: 0 } ? info.Elements : default;

    [Reads("Resize", "Upsample", Declines = "antialiasing or a kept aspect with computed sizes, other kinds than TensorFlow's for images of unknown size")]
    public static void Read(NodeReader node)
    {
        TensorShape shape = node.Info(0).Shape;
        int rank = node.Rank(0);
        int[] axes = node.Integers("axes") is { } listed ? [.. listed.Select(axis => NodeReader.Axis(axis, rank))] : [.. Enumerable.Range(0, rank)];
        float[]? scales = Scales(node, rank, axes);
        long[]? sizes = Sizes(node);
        TensorShape output = node.Output(0)!.Shape;
        ResizeKind kind = ResizeKind.Of(node);
        if (scales is null && sizes is null)
        {
            ReadDynamic(node, kind);
            return;
        }
        var along = new List<int>();
        float[] factors = [.. Enumerable.Repeat(1f, rank)];
        for (int i = 0; i < axes.Length; i++)
        {
            int axis = axes[i];
            bool isOpen = shape[axis] < 0;
            factors[axis] = scales?[axis] ?? (isOpen ? (sizes![i] < 0 ? 1 : float.NaN) : Factor(node, shape, axes, sizes!, i));
            if (isOpen ? factors[axis] != 1 : output[axis] != shape[axis] || factors[axis] != 1 || kind.IsCrop)
                along.Add(axis);
        }
        if (kind.Rounding == ResizeKind.BySize && along.TrueForAll(axis => factors[axis] >= 1))
            kind = kind with { Rounding = "floor" };
        if (along.Count == 0)
            node.Set(0, node.Value(0));
        else if (TryNative(node, kind, along, output, factors, hasSizes: scales is null))
            return;
        else
            node.Set(0, ByWeights(node, kind, along, shape, output, factors));
    }

    private static float Factor(NodeReader node, TensorShape shape, int[] axes, long[] sizes, int i)
    {
        string policy = node.Text("keep_aspect_ratio_policy", "stretch");
        return policy == "stretch" ? sizes[i] / (float)shape[axes[i]] : AspectScale(policy, shape, axes, sizes);
    }

    private static float[]? Scales(NodeReader node, int rank, int[] axes)
    {
        float[]? given = node.Op == "Upsample" && node.Opset < 9 ? node.Reals("scales") : node.KnownReals(node.Op == "Upsample" || node.Opset < 11 ? 1 : 2);
        if (given is not { Length: > 0 })
            return null;
        if (given.Length != axes.Length)
            throw OnnxDiagnostics.Broken($"{given.Length} scales are given for {axes.Length} axes");
        float[] all = [.. Enumerable.Repeat(1f, rank)];
        for (int i = 0; i < axes.Length; i++)
            all[axes[i]] = given[i] > 0 ? given[i] : throw OnnxDiagnostics.Broken("scales must be positive");
        return all;
    }

    private static long[]? Sizes(NodeReader node)
    {
        if (node.Op != "Resize" || node.Opset < 11 || !node.Has(3))
            return null;
        ImmutableArray<long?> elements = node.Info(3).Elements;
        TensorShape shape = node.Info(0).Shape;
        if (elements.IsDefaultOrEmpty)
            return node.Known(3) is { Length: > 0 } known ? known : null;
        bool isOpenInBatch = elements.Select((element, axis) => element is not null || (!node.HasAttribute("axes") && axis < 2 && shape[axis] < 0)).All(isFine => isFine);
        return isOpenInBatch ? [.. elements.Select(element => element ?? -1)] : null;
    }

    /// <summary>Sizes or scales that are computed: TensorFlow's op for sizes of images, else weights that are computed too.</summary>
    private static void ReadDynamic(NodeReader node, ResizeKind kind)
    {
        bool hasSizes = node.Op == "Resize" && node.Opset >= 11 && node.Has(3);
        bool isImage = node.Rank(0) == 4 && !node.HasAttribute("axes") && node.Text("keep_aspect_ratio_policy", "stretch") == "stretch";
        if (isImage && hasSizes && kind.NativeOp(integerFactors: false) is { } op && (node.TypeOf(0) == DataType.Float || kind.Mode == "nearest"))
        {
            NodeInput size = node.Cast(node.Emit("StridedSlice", [node[3], node.Ints(2), node.Ints(4), node.Ints(1)]), DataType.Int32);
            Native(node, kind, op, size);
            return;
        }
        int input = hasSizes ? 3 : node.Op == "Upsample" || node.Opset < 11 ? 1 : 2;
        node.Set(0, ComputedResize.Resize(node, kind, input, hasSizes));
    }

    private static void Native(NodeReader node, ResizeKind kind, string op, NodeInput size)
    {
        NodeInput resized = node.Emit(op, [node.Last(0), size], ("align_corners", kind.Coordinates == "align_corners"), ("half_pixel_centers", kind.Coordinates is "half_pixel" or "tf_half_pixel_for_nn"));
        node.SetLast(node.Cast(resized, node.TypeOf(0)));
    }

    private static bool TryNative(NodeReader node, ResizeKind kind, List<int> along, TensorShape output, float[] factors, bool hasSizes)
    {
        bool isImage = node.Rank(0) == 4 && along.TrueForAll(axis => axis >= 2) && (node.TypeOf(0) == DataType.Float || kind.Mode == "nearest");
        if (!isImage)
            return false;
        bool areWhole = along.TrueForAll(axis => factors[axis] >= 1 && factors[axis] == MathF.Round(factors[axis]));
        TensorShape shape = node.Info(0).Shape;
        bool areExact = hasSizes || along.TrueForAll(axis => shape[axis] < 0 ? areWhole : output[axis] / (float)shape[axis] == factors[axis]);
        if (!areExact || kind.NativeOp(areWhole) is not { } op)
            return false;
        if (output[2] >= 0 && output[3] >= 0)
        {
            Native(node, kind, op, node.Ints(output[2], output[3]));
            return true;
        }
        if (!areWhole)
            return false;
        NodeInput spatial = node.Emit("StridedSlice", [node.Emit("Shape", [node[0]]), node.Ints(2), node.Ints(4), node.Ints(1)]);
        Native(node, kind, op, node.Emit("Mul", [spatial, node.Ints((long)factors[2], (long)factors[3])]));
        return true;
    }

    private static NodeInput ByWeights(NodeReader node, ResizeKind kind, List<int> along, TensorShape shape, TensorShape output, float[] factors)
    {
        int rank = shape.Rank;
        float[] region = kind.IsCrop ? Region(node, rank) : [];
        NodeInput data = node[0];
        DataType type = node.TypeOf(0);
        bool isFloat = Tensors.IsFloat(type);
        bool[]? isOutside = null;
        foreach (int axis in along)
        {
            if (shape[axis] < 0 || output[axis] < 0)
                throw OnnxDiagnostics.Decline("an image of unknown size for this kind of resizing");
            if (output[axis] > MostWeights || (kind.Mode != "nearest" && shape[axis] > MostWeights / Math.Max(1, output[axis])))
                throw OnnxDiagnostics.Decline($"resizing from {shape[axis]} to {output[axis]} elements");
            var (start, end) = kind.IsCrop ? (region[axis], region[axis + rank]) : (0f, 1f);
            var weights = new ResizeWeights(kind, shape[axis], output[axis], factors[axis], start, end);
            if (kind.Mode == "nearest")
            {
                data = node.Emit("GatherV2", [data, node.Ints(weights.Nearest()), node.Int(axis)]);
            }
            else
            {
                int[] order = [.. Enumerable.Range(0, rank).Where(each => each != axis), axis];
                int[] back = new int[rank];
                for (int i = 0; i < rank; i++)
                    back[order[i]] = i;
                NodeInput matrix = node.Const(Tensor.Create<float>(DataType.Float, TensorShape.Of(shape[axis], output[axis]), weights.Matrix()));
                NodeInput wide = node.Transpose(isFloat ? data : node.Cast(data, DataType.Float), order);
                NodeInput product = node.Emit("BatchMatMulV2", [wide, node.Cast(matrix, node.Scope.Emitter.TypeOf(wide))]);
                data = node.Cast(node.Transpose(product, back), type);
            }
            if (kind.IsCrop)
            {
                long[] target = [.. Enumerable.Repeat(1L, rank)];
                target[axis] = output[axis];
                isOutside = weights.Outside();
                NodeInput mask = node.Const(Tensor.FromContent(DataType.Bool, TensorShape.Of(target), isOutside.Select(value => value ? (byte)1 : (byte)0).ToArray()));
                data = node.Emit("SelectV2", [mask, node.Scalar(type, node.Real("extrapolation_value", 0)), data]);
            }
        }
        return data;
    }

    private static float[] Region(NodeReader node, int rank)
    {
        float[] given = node.KnownReals(1) ?? throw OnnxDiagnostics.Decline("a region that is not constant");
        long[] axes = node.Integers("axes") ?? [.. Enumerable.Range(0, rank).Select(axis => (long)axis)];
        float[] region = [.. Enumerable.Repeat(0f, rank), .. Enumerable.Repeat(1f, rank)];
        if (given.Length != 2 * axes.Length)
            throw OnnxDiagnostics.Broken($"the region has {given.Length} bounds for {axes.Length} axes");
        for (int i = 0; i < axes.Length; i++)
        {
            int axis = NodeReader.Axis(axes[i], rank);
            region[axis] = given[i];
            region[axis + rank] = given[i + axes.Length];
        }
        return region;
    }
}
