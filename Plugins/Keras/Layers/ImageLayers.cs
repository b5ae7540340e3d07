using System.Collections.Immutable;
using TransformFramework.Graphs;
using TransformFramework.Keras.Building;

namespace TransformFramework.Keras.Layers;

/// <summary>Images of another size, stretched, cropped or padded to its ratio.</summary>
[KerasLayer("Resizing")]
internal sealed class ResizingLayer : Layer
{
    private readonly long height;
    private readonly long width;
    private readonly string interpolation;
    private readonly bool crops;
    private readonly bool pads;
    private readonly bool antialias;
    private readonly double fill;
    private readonly bool channelsFirst;

    public ResizingLayer(LayerSource source)
        : base(source)
    {
        height = Configuration.Count("height");
        width = Configuration.Count("width");
        interpolation = Configuration.Text("interpolation", "bilinear").ToLowerInvariant();
        crops = Configuration.Flag("crop_to_aspect_ratio", false);
        pads = Configuration.Flag("pad_to_aspect_ratio", false);
        antialias = Configuration.Flag("antialias", false);
        fill = Configuration.Number("fill_value", 0);
        channelsFirst = ChannelsFirst();
    }

    protected override bool PassesMask => false;

    protected override ImmutableArray<Symbol> Compute(LayerCall call)
    {
        GraphBuilder graph = call.Graph;
        Symbol x = Model.Generation == 3 ? call.Input : graph.Cast(call.Input, call.ComputeType);
        bool isSingle = x.Rank == 3;
        if (x.Rank is not (3 or 4))
            throw KerasException.Configuration($"its input {x.Shape} is not an image or a batch of images");
        if (isSingle)
            x = graph.ExpandDims(x, 0);
        if (channelsFirst)
            x = graph.Transpose(x, [0, 2, 3, 1]);
        if (pads)
            x = ImageFrames.Pad(graph, x, height, width, fill);
        else if (crops)
            x = ImageFrames.Crop(graph, x, height, width);
        Symbol y = ResizeOps.Resize(graph, x, [height, width], interpolation, antialias);
        if (y.Type != x.Type && !x.IsFloating)
            y = graph.Clip(graph.Unary("Round", y), Lowest(x.Type), Highest(x.Type));
        y = graph.Cast(y, x.Type);
        if (channelsFirst)
            y = graph.Transpose(y, [0, 3, 1, 2], "transpose_1");
        return [isSingle ? graph.Squeeze(y, [0]) : y];
    }

    private static double Highest(DataType type) => type switch
    {
        DataType.UInt8 => byte.MaxValue,
        DataType.Int8 => sbyte.MaxValue,
        DataType.UInt16 => ushort.MaxValue,
        DataType.Int16 => short.MaxValue,
        _ => 1 << 30,
    };

    private static double Lowest(DataType type) => type is DataType.UInt8 or DataType.UInt16 or DataType.UInt32 ? 0 : -Highest(type) - 1;
}

/// <summary>The middle of images; those that are too small are resized. At inference RandomCrop always resizes up to Keras 2, and changes nothing in Keras 3.</summary>
[KerasLayer("CenterCrop", "RandomCrop")]
internal sealed class CenterCropLayer : Layer
{
    private readonly long height;
    private readonly long width;
    private readonly bool channelsFirst;

    public CenterCropLayer(LayerSource source)
        : base(source)
    {
        height = Configuration.Count("height");
        width = Configuration.Count("width");
        channelsFirst = ChannelsFirst();
    }

    protected override bool PassesMask => false;

    protected override ImmutableArray<Symbol> Compute(LayerCall call)
    {
        GraphBuilder graph = call.Graph;
        if (ClassName == "RandomCrop" && Model.Generation == 3)
            return [graph.Unary("Identity", call.Input)];
        Symbol x = graph.Cast(call.Input, call.ComputeType);
        if (x.Rank is not (3 or 4))
            throw KerasException.Configuration($"its input {x.Shape} is not an image or a batch of images");
        bool isSingle = x.Rank == 3;
        if (isSingle)
            x = graph.ExpandDims(x, 0);
        if (channelsFirst)
            x = graph.Transpose(x, [0, 2, 3, 1]);
        long down = x.KnownDimension(1) - height;
        long right = x.KnownDimension(2) - width;
        Symbol y;
        if (down >= 0 && right >= 0 && ClassName == "CenterCrop")
            y = graph.SliceAxis(graph.SliceAxis(x, 1, down / 2, (down / 2) + height), 2, right / 2, (right / 2) + width, "strided_slice_1");
        else
            y = graph.Cast(ResizeOps.Resize(graph, ImageFrames.Crop(graph, x, height, width), [height, width], "bilinear", antialias: false), x.Type);
        if (channelsFirst)
            y = graph.Transpose(y, [0, 3, 1, 2], "transpose_1");
        return [isSingle ? graph.Squeeze(y, [0]) : y];
    }
}

/// <summary>Images cut or padded to a ratio of height and width.</summary>
internal static class ImageFrames
{
    /// <summary>The largest middle part of a ratio.</summary>
    public static Symbol Crop(GraphBuilder graph, Symbol x, long height, long width)
    {
        (long rows, long columns) = (x.KnownDimension(1), x.KnownDimension(2));
        long keptRows = Math.Max(1, Math.Min(rows, (long)((float)(columns * height) / width)));
        long keptColumns = Math.Max(1, Math.Min(columns, (long)((float)(rows * width) / height)));
        long top = (rows - keptRows) / 2;
        long left = (columns - keptColumns) / 2;
        return graph.SliceAxis(graph.SliceAxis(x, 1, top, top + keptRows, "crop"), 2, left, left + keptColumns, "crop_1");
    }

    /// <summary>The image in the middle of the smallest frame of a ratio.</summary>
    public static Symbol Pad(GraphBuilder graph, Symbol x, long height, long width, double fill)
    {
        (long rows, long columns) = (x.KnownDimension(1), x.KnownDimension(2));
        long top = (Math.Max(rows, (long)((float)(columns * height) / width)) - rows) / 2;
        long left = (Math.Max(columns, (long)((float)(rows * width) / height)) - columns) / 2;
        return graph.Pad(x, [(0, 0), (top, top), (left, left), (0, 0)], value: graph.Scalar("Pad/constant_values", x.Type, fill));
    }
}

/// <summary>Each channel of each image stretched over the range of values.</summary>
[KerasLayer("AutoContrast")]
internal sealed class AutoContrastLayer : Layer
{
    private readonly ImmutableArray<double> range;
    private readonly bool channelsFirst;

    public AutoContrastLayer(LayerSource source)
        : base(source)
    {
        range = Configuration.Has("value_range") ? Configuration.Numbers("value_range") : [0, 255];
        channelsFirst = ChannelsFirst();
        if (range.Length != 2)
            throw Configuration.Wrong("value_range", "two numbers");
    }

    protected override ImmutableArray<Symbol> Compute(LayerCall call)
    {
        GraphBuilder graph = call.Graph;
        Symbol original = call.Input;
        Symbol x = Transform(graph, graph.Cast(original, call.ComputeType), range[0], range[1], 0, 255);
        ImmutableArray<int> spatial = channelsFirst ? [x.Rank - 2, x.Rank - 1] : [x.Rank - 3, x.Rank - 2];
        Symbol low = graph.Reduce("Min", x, spatial, keep: true);
        Symbol high = graph.Reduce("Max", x, spatial, keep: true);
        Symbol scale = graph.Divide(graph.Scalar("scale/x", x.Type, 255), graph.Subtract(high, low));
        Symbol offset = graph.Multiply(graph.Unary("Neg", low), scale);
        Symbol y = graph.Clip(graph.Add(graph.Multiply(x, scale), offset), 0, 255);
        y = Transform(graph, y, 0, 255, range[0], range[1]);
        y = graph.Select(graph.Add("IsNan", "IsNan", y.Shape, [y]), graph.Cast(original, y.Type), y);
        return [original.IsFloating ? y : graph.Cast(graph.Unary("Round", y), original.Type)];
    }

    private static Symbol Transform(GraphBuilder graph, Symbol x, double fromLow, double fromHigh, double toLow, double toHigh)
    {
        if (fromLow == toLow && fromHigh == toHigh)
            return x;
        Symbol unit = graph.Divide(graph.Subtract(x, fromLow), fromHigh - fromLow);
        return graph.Add(graph.Multiply(unit, toHigh - toLow), toLow);
    }
}

/// <summary>Values above a threshold mirrored in their range, which only training does.</summary>
[KerasLayer("Solarization")]
internal sealed class SolarizationLayer(LayerSource source) : Layer(source)
{
    protected override ImmutableArray<Symbol> Compute(LayerCall call) => [call.Graph.Unary("Identity", call.Input)];
}
