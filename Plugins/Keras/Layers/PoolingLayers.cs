using System.Collections.Immutable;
using TransformFramework.Graphs;
using TransformFramework.Keras.Building;
using TransformFramework.Keras.Configuration;

namespace TransformFramework.Keras.Layers;

/// <summary>Maximum or mean of windows over one to three axes.</summary>
[KerasLayer(
    "MaxPooling1D", "MaxPooling2D", "MaxPooling3D", "AveragePooling1D", "AveragePooling2D", "AveragePooling3D",
    "MaxPool1D", "MaxPool2D", "MaxPool3D", "AvgPool1D", "AvgPool2D", "AvgPool3D")]
internal sealed class PoolingLayer : Layer
{
    private readonly ConvolutionSettings settings;

    public PoolingLayer(LayerSource source)
        : base(source)
    {
        int axes = ClassName[^2] - '0';
        ImmutableArray<long> size = Configuration.Counts("pool_size", axes, 2);
        ImmutableArray<long> strides = Configuration.Has("strides") ? Configuration.Counts("strides", axes) : size;
        string padding = Configuration.Word("padding", "valid", "valid", "same");
        settings = new(Window.Plain(size, strides, padding == "same" ? "SAME" : "VALID", ChannelsFirst()), IsCausal: false);
    }

    protected override bool PassesMask => false;

    protected override ImmutableArray<Symbol> Compute(LayerCall call)
    {
        GraphBuilder graph = call.Graph;
        string op = (ClassName[0] == 'M' ? "MaxPool" : "AvgPool") + (settings.Axes == 3 ? "3D" : "");
        Symbol x = settings.Prepare(graph, call.Input);
        return settings.Axes == 1
            ? [settings.Collapse(graph, graph.Pool(op, settings.Expand(graph, x, "ExpandDims"), settings.Flat), "Squeeze")]
            : [graph.Pool(op, x, settings.Window)];
    }
}

/// <summary>Maximum or mean over all spatial axes; the mean of one axis counts only what the mask lets through.</summary>
[KerasLayer(
    "GlobalMaxPooling1D", "GlobalMaxPooling2D", "GlobalMaxPooling3D", "GlobalAveragePooling1D", "GlobalAveragePooling2D", "GlobalAveragePooling3D",
    "GlobalMaxPool1D", "GlobalMaxPool2D", "GlobalMaxPool3D", "GlobalAvgPool1D", "GlobalAvgPool2D", "GlobalAvgPool3D")]
internal sealed class GlobalPoolingLayer : Layer
{
    private readonly int axes;
    private readonly bool channelsFirst;
    private readonly bool keep;

    public GlobalPoolingLayer(LayerSource source)
        : base(source)
    {
        axes = ClassName[^2] - '0';
        channelsFirst = ChannelsFirst();
        keep = Configuration.Flag("keepdims", false);
    }

    protected override bool PassesMask => false;

    protected override ImmutableArray<Symbol> Compute(LayerCall call)
    {
        GraphBuilder graph = call.Graph;
        Symbol x = call.Input;
        if (x.Rank != axes + 2)
            throw KerasException.Configuration($"its input {x.Shape} must have {axes + 2} dimensions");
        ImmutableArray<int> spatial = [.. Enumerable.Range(channelsFirst ? 2 : 1, axes)];
        bool isMaximum = ClassName.Contains("Max", StringComparison.Ordinal);
        if (!isMaximum && axes == 1 && call.Mask is { } mask)
        {
            Symbol weights = graph.ExpandDims(graph.Cast(mask, x.Type), channelsFirst ? 1 : 2);
            Symbol total = graph.Reduce("Sum", graph.Multiply(x, weights), spatial, keep);
            return [graph.Divide(total, graph.Reduce("Sum", weights, spatial, keep, "Sum_1"))];
        }
        return [graph.Reduce(isMaximum ? "Max" : "Mean", x, spatial, keep)];
    }
}

/// <summary>Pools to a given size: window i of n covers the elements from ⌊i·size/n⌋ to ⌈(i+1)·size/n⌉.</summary>
[KerasLayer(
    "AdaptiveAveragePooling1D", "AdaptiveAveragePooling2D", "AdaptiveAveragePooling3D", "AdaptiveMaxPooling1D", "AdaptiveMaxPooling2D", "AdaptiveMaxPooling3D")]
internal sealed class AdaptivePoolingLayer : Layer
{
    private const int MostWindows = 4096;

    private readonly ImmutableArray<long> sizes;
    private readonly bool channelsFirst;

    public AdaptivePoolingLayer(LayerSource source)
        : base(source)
    {
        sizes = Configuration.Counts("output_size", ClassName[^2] - '0');
        channelsFirst = ChannelsFirst();
    }

    protected override bool PassesMask => false;

    protected override ImmutableArray<Symbol> Compute(LayerCall call)
    {
        string op = ClassName.Contains("Max", StringComparison.Ordinal) ? "Max" : "Mean";
        Symbol x = call.Input;
        if (x.Rank != sizes.Length + 2)
            throw KerasException.Configuration($"its input {x.Shape} must have {sizes.Length + 2} dimensions");
        for (int i = 0; i < sizes.Length; i++)
            x = Pool(call.Graph, x, op, i + (channelsFirst ? 2 : 1), sizes[i]);
        return [x];
    }

    private static Symbol Pool(GraphBuilder graph, Symbol x, string op, int axis, long count)
    {
        long size = x.KnownDimension(axis);
        if (count > MostWindows)
            throw KerasException.Configuration($"output_size {count} is above {MostWindows}");
        var parts = ImmutableArray.CreateBuilder<Symbol>();
        for (long i = 0; i < count; i++)
        {
            long start = i * size / count;
            long end = (((i + 1) * size) + count - 1) / count;
            parts.Add(graph.Reduce(op, graph.SliceAxis(x, axis, start, end), [axis], keep: true));
        }
        return parts.Count == 1 ? parts[0] : graph.Concat(parts.ToImmutable(), axis);
    }
}
