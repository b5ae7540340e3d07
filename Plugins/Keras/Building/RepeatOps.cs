using System.Collections.Immutable;
using TransformFramework.Graphs;

namespace TransformFramework.Keras.Building;

/// <summary>Repetition of elements.</summary>
internal static class RepeatOps
{
    /// <summary>Each element of an axis several times in a row: a new axis, Tile, Reshape.</summary>
    public static Symbol RepeatEach(GraphBuilder graph, Symbol x, int axis, long count)
    {
        ImmutableArray<Dimension> dimensions = graph.DimensionsOf(x);
        Symbol expanded = graph.ExpandDims(x, axis + 1);
        ImmutableArray<Dimension> multiples = [.. Enumerable.Range(0, x.Rank + 1).Select(i => new Dimension(i == axis + 1 ? count : 1))];
        Symbol tiled = graph.Tile(expanded, multiples);
        Dimension size = dimensions[axis].Value is { } value ? new Dimension(-1, graph.Multiply(value, count)) : Axes.Product([dimensions[axis].Size, count]);
        return graph.Reshape(tiled, dimensions.SetItem(axis, size));
    }
}

/// <summary>Resizing of images, channels last.</summary>
internal static class ResizeOps
{
    /// <summary>The nodes of <c>tf.image.resize</c> with half-pixel centers; the result is float but for nearest.</summary>
    /// <exception cref="KerasException">No such interpolation.</exception>
    public static Symbol Resize(GraphBuilder graph, Symbol x, ImmutableArray<Dimension> size, string interpolation, bool antialias)
    {
        using (graph.Open("resize"))
        {
            TensorShape shape = TensorShape.Of(x.Shape[0], size[0].Size, size[1].Size, x.Shape[3]);
            Symbol target = graph.Pack("size", size);
            bool scaled = antialias || interpolation is "lanczos3" or "lanczos5" or "gaussian" or "mitchellcubic";
            if (interpolation == "nearest")
                return graph.Add("ResizeNearestNeighbor", "ResizeNearestNeighbor", shape, [x, target], ("half_pixel_centers", true));
            if (interpolation == "area")
                return graph.Add("ResizeArea", "ResizeArea", shape, [x, target]);
            if (scaled)
                return Scale(graph, x, size, target, shape, KernelOf(interpolation), antialias);
            string op = interpolation switch
            {
                "bilinear" => "ResizeBilinear",
                "bicubic" => "ResizeBicubic",
                _ => throw KerasException.Configuration($"interpolation '{interpolation}' is not known"),
            };
            return graph.Add(op, op, shape, [x, target], ("half_pixel_centers", true));
        }
    }

    private static string KernelOf(string interpolation) => interpolation switch
    {
        "bilinear" => "triangle",
        "bicubic" => "keyscubic",
        "lanczos3" or "lanczos5" or "gaussian" or "mitchellcubic" => interpolation,
        _ => throw KerasException.Configuration($"interpolation '{interpolation}' is not known"),
    };

    private static Symbol Scale(GraphBuilder graph, Symbol x, ImmutableArray<Dimension> size, Symbol target, TensorShape shape, string kernel, bool antialias)
    {
        Symbol input = graph.Cast(x, DataType.Float);
        Symbol factors;
        if (size.All(dimension => dimension.Value is null) && x.Shape[1] > 0 && x.Shape[2] > 0)
        {
            factors = graph.Vector("scale", DataType.Float, (float)size[0].Size / x.Shape[1], (float)size[1].Size / x.Shape[2]);
        }
        else
        {
            Symbol sizes = graph.Pack("Cast_1/x", [graph.DimensionOf(x, 1), graph.DimensionOf(x, 2)]);
            factors = graph.Divide(graph.Cast(target, DataType.Float), graph.Cast(sizes, DataType.Float, "Cast_1"));
        }
        Symbol zeros = graph.Vector("zeros", DataType.Float, 0, 0);
        return graph.Add("ScaleAndTranslate", "ScaleAndTranslate", shape, [input, target, factors, zeros], ("kernel_type", kernel), ("antialias", antialias));
    }
}
