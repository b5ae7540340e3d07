using System.Collections.Immutable;
using System.Text.Json;
using TransformFramework.Graphs;
using TransformFramework.Keras.Building;
using TransformFramework.Keras.Configuration;

namespace TransformFramework.Keras.Layers;

/// <summary>All axes but the first in one.</summary>
[KerasLayer("Flatten")]
internal sealed class FlattenLayer : Layer
{
    private readonly bool channelsFirst;

    public FlattenLayer(LayerSource source)
        : base(source) => channelsFirst = ChannelsFirst();

    protected override bool PassesMask => false;

    protected override ImmutableArray<Symbol> Compute(LayerCall call)
    {
        GraphBuilder graph = call.Graph;
        Symbol x = call.Input;
        if (channelsFirst && x.Rank > 2)
            x = graph.Transpose(x, [0, .. Enumerable.Range(2, x.Rank - 2), 1]);
        if (x.Rank == 1)
            return [graph.ExpandDims(x, 1)];
        long size = x.Rank == 0 ? 1 : Axes.Product(x.Shape.Dimensions[1..]);
        return [size >= 0 ? graph.Reshape(x, [-1, size]) : graph.Reshape(x, [graph.DimensionOf(x, 0), -1])];
    }
}

/// <summary>Another shape behind the batch axis.</summary>
[KerasLayer("Reshape")]
internal sealed class ReshapeLayer : Layer
{
    private readonly ImmutableArray<long> target;

    public ReshapeLayer(LayerSource source)
        : base(source) => target = Configuration.Get("target_shape") is { ValueKind: JsonValueKind.Number } ? Configuration.Integers("target_shape") : TargetOf();

    protected override bool PassesMask => false;

    protected override ImmutableArray<Symbol> Compute(LayerCall call)
    {
        Symbol x = call.Input;
        if (x.Rank < 1)
            throw KerasException.Configuration("its input has no batch axis");
        long rest = Axes.Product(x.Shape.Dimensions[1..]);
        ImmutableArray<Dimension> behind = [.. target.Select(size => new Dimension(size))];
        int open = target.IndexOf(-1);
        if (open >= 0 && rest >= 0)
        {
            long others = Axes.Product(target.RemoveAt(open));
            if (others <= 0 || rest % others != 0)
                throw KerasException.Configuration($"{x.Shape} cannot be reshaped to [{string.Join(", ", target)}]");
            behind = behind.SetItem(open, rest / others);
        }
        else if (rest >= 0 && Axes.Product(target) != rest)
        {
            throw KerasException.Configuration($"{x.Shape} cannot be reshaped to [{string.Join(", ", target)}]");
        }
        return [call.Graph.Reshape(x, [call.Graph.DimensionOf(x, 0), .. behind])];
    }

    private ImmutableArray<long> TargetOf() => Configuration.Get("target_shape") is { ValueKind: JsonValueKind.Array } list
        ? [.. list.EnumerateArray().Select(item => item.ValueKind == JsonValueKind.Null ? -1 : item.TryGetInt64(out long size) && size is >= -1 and < 1 << 28 ? size : throw Configuration.Wrong("target_shape", "a shape"))]
        : throw Configuration.Wrong("target_shape", "a shape");
}

/// <summary>The axes behind the first in another order.</summary>
[KerasLayer("Permute")]
internal sealed class PermuteLayer : Layer
{
    private readonly ImmutableArray<long> order;

    public PermuteLayer(LayerSource source)
        : base(source) => order = Configuration.Integers("dims");

    protected override bool PassesMask => false;

    protected override ImmutableArray<Symbol> Compute(LayerCall call) => [call.Graph.Transpose(call.Input, [0, .. order.Select(axis => (int)axis)])];
}

/// <summary>A vector repeated along a new time axis.</summary>
[KerasLayer("RepeatVector")]
internal sealed class RepeatVectorLayer : Layer
{
    private readonly long count;

    public RepeatVectorLayer(LayerSource source)
        : base(source) => count = Configuration.Count("n");

    protected override bool PassesMask => false;

    protected override ImmutableArray<Symbol> Compute(LayerCall call)
    {
        if (call.Input.Rank != 2)
            throw KerasException.Configuration($"its input {call.Input.Shape} must have 2 dimensions");
        return [call.Graph.Tile(call.Graph.ExpandDims(call.Input, 1), [1, count, 1])];
    }
}

/// <summary>Elements cut off at both ends of the spatial axes.</summary>
[KerasLayer("Cropping1D", "Cropping2D", "Cropping3D")]
internal sealed class CroppingLayer : Layer
{
    private readonly ImmutableArray<(long Before, long After)> crops;
    private readonly bool channelsFirst;

    public CroppingLayer(LayerSource source)
        : base(source)
    {
        crops = Pairs.Of(Configuration, "cropping", ClassName[^2] - '0');
        channelsFirst = ChannelsFirst();
    }

    protected override bool PassesMask => false;

    protected override ImmutableArray<Symbol> Compute(LayerCall call)
    {
        Symbol x = call.Input;
        if (x.Rank != crops.Length + 2)
            throw KerasException.Configuration($"its input {x.Shape} must have {crops.Length + 2} dimensions");
        for (int i = 0; i < crops.Length; i++)
        {
            int axis = i + (channelsFirst ? 2 : 1);
            (long before, long after) = crops[i];
            if (x.Shape[axis] >= 0 && x.Shape[axis] <= before + after)
                throw KerasException.Configuration($"cropping {before} + {after} leaves nothing of {x.Shape[axis]}");
            if (before != 0 || after != 0)
                x = call.Graph.SliceAxis(x, axis, before, after == 0 ? null : -after);
        }
        return [ReferenceEquals(x, call.Input) ? call.Graph.Unary("Identity", x) : x];
    }
}

/// <summary>Zeros around the spatial axes.</summary>
[KerasLayer("ZeroPadding1D", "ZeroPadding2D", "ZeroPadding3D")]
internal sealed class ZeroPaddingLayer : Layer
{
    private readonly ImmutableArray<(long Before, long After)> paddings;
    private readonly bool channelsFirst;

    public ZeroPaddingLayer(LayerSource source)
        : base(source)
    {
        paddings = Pairs.Of(Configuration, "padding", ClassName[^2] - '0');
        channelsFirst = ChannelsFirst();
    }

    protected override bool PassesMask => false;

    protected override ImmutableArray<Symbol> Compute(LayerCall call)
    {
        if (call.Input.Rank != paddings.Length + 2)
            throw KerasException.Configuration($"its input {call.Input.Shape} must have {paddings.Length + 2} dimensions");
        return [call.Graph.Pad(call.Input, channelsFirst ? [(0, 0), (0, 0), .. paddings] : [(0, 0), .. paddings, (0, 0)])];
    }
}

/// <summary>Pairs of numbers, one an axis.</summary>
internal static class Pairs
{
    /// <summary>A number for all, one number an axis, or a pair an axis; of one axis a pair alone.</summary>
    public static ImmutableArray<(long Before, long After)> Of(ConfigurationObject configuration, string key, int axes)
    {
        JsonElement value = configuration.Get(key);
        if (value.ValueKind != JsonValueKind.Array)
            return [.. Enumerable.Repeat((Check(configuration.Integer(key)), configuration.Integer(key)), axes)];
        JsonElement[] items = [.. value.EnumerateArray()];
        if (axes == 1 && items.Length == 2 && items.All(item => item.ValueKind == JsonValueKind.Number))
            return [(Check(Number(items[0])), Check(Number(items[1])))];
        if (items.Length != axes)
            throw configuration.Wrong(key, $"{axes} numbers or pairs");
        return [.. items.Select(Pair)];

        (long Before, long After) Pair(JsonElement item)
        {
            if (item.ValueKind == JsonValueKind.Number)
                return (Check(Number(item)), Number(item));
            JsonElement[] both = item.ValueKind == JsonValueKind.Array ? [.. item.EnumerateArray()] : [];
            return both.Length == 2 ? (Check(Number(both[0])), Check(Number(both[1]))) : throw configuration.Wrong(key, "pairs of numbers");
        }

        long Number(JsonElement item) => item.ValueKind == JsonValueKind.Number && item.TryGetInt64(out long number) && number < 1 << 28 ? number : throw configuration.Wrong(key, "numbers");

        long Check(long number) => number >= 0 ? number : throw configuration.Wrong(key, "numbers from 0 on");
    }
}

/// <summary>Elements repeated along the spatial axes, or images resized.</summary>
[KerasLayer("UpSampling1D", "UpSampling2D", "UpSampling3D")]
internal sealed class UpSamplingLayer : Layer
{
    private readonly ImmutableArray<long> factors;
    private readonly bool channelsFirst;
    private readonly string interpolation;

    public UpSamplingLayer(LayerSource source)
        : base(source)
    {
        factors = Configuration.Counts("size", ClassName[^2] - '0', 2);
        channelsFirst = ChannelsFirst();
        interpolation = Configuration.Text("interpolation", "nearest");
    }

    protected override bool PassesMask => false;

    protected override ImmutableArray<Symbol> Compute(LayerCall call)
    {
        GraphBuilder graph = call.Graph;
        Symbol x = call.Input;
        if (x.Rank != factors.Length + 2)
            throw KerasException.Configuration($"its input {x.Shape} must have {factors.Length + 2} dimensions");
        if (factors.Length == 2)
            return [Resize(graph, x)];
        int first = channelsFirst ? 2 : 1;
        for (int i = 0; i < factors.Length; i++)
            x = RepeatOps.RepeatEach(graph, x, first + i, factors[i]);
        return [x];
    }

    private Symbol Resize(GraphBuilder graph, Symbol x)
    {
        if (channelsFirst)
            x = graph.Transpose(x, [0, 2, 3, 1]);
        ImmutableArray<Dimension> size = [.. Enumerable.Range(0, 2).Select(i => Scaled(graph, x, i))];
        Symbol y = ResizeOps.Resize(graph, x, size, interpolation, antialias: false);
        y = graph.Cast(y, x.Type);
        return channelsFirst ? graph.Transpose(y, [0, 3, 1, 2], "transpose_1") : y;
    }

    private Dimension Scaled(GraphBuilder graph, Symbol x, int axis)
    {
        Dimension dimension = graph.DimensionOf(x, axis + 1);
        return dimension.Value is { } value ? new Dimension(-1, graph.Multiply(value, factors[axis])) : Axes.Product([dimension.Size, factors[axis]]);
    }
}
