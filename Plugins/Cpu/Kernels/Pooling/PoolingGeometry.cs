using TransformFramework.Graphs;

namespace TransformFramework.Cpu.Kernels.Pooling;

/// <summary>Windows of a pooling op over an activation of rank 4 or 5.</summary>
internal sealed record PoolingGeometry(DataFormat Format, long Batch, long Channels, Window[] Windows)
{
    /// <summary>Shape of the pooled activation.</summary>
    public TensorShape OutputShape => Format.Shape(Batch, [.. Windows.Select(window => window.Output)], Channels);

    /// <summary>Number of spatial positions of one image before pooling.</summary>
    public int InputPositions => checked((int)Windows.Aggregate(1L, (product, window) => checked(product * window.Input)));

    /// <summary>Number of spatial positions of one image after pooling.</summary>
    public int OutputPositions => checked((int)Windows.Aggregate(1L, (product, window) => checked(product * window.Output)));

    /// <summary>Geometry by the attributes <c>ksize</c>, <c>strides</c>, <c>padding</c> and <c>data_format</c>.</summary>
    public static PoolingGeometry Of(Node node, TensorShape input) => Of(node, input, node.Longs("ksize"), node.Longs("strides"));

    /// <summary>Geometry with sizes and strides given apart.</summary>
    public static PoolingGeometry Of(Node node, TensorShape input, long[] sizes, long[] strides)
    {
        if (input.Rank is not (4 or 5))
            throw Refuse.Invalid($"tensor_in must be {(sizes.Length == 5 ? 5 : 4)}-dimensional");
        if (sizes.Length != input.Rank || strides.Length != input.Rank)
            throw Refuse.Invalid($"Sliding window ksize and strides fields must specify {input.Rank} dimensions");
        var format = DataFormat.Of(node, input.Rank);
        if (sizes[0] != 1 || strides[0] != 1)
            throw Refuse.Unimplemented("Pooling is not yet supported on the batch dimension.");
        if (sizes[format.Channel] != 1 || strides[format.Channel] != 1)
            throw Refuse.Unimplemented("Non-spatial pooling is not yet supported.");
        if (sizes.Any(size => size <= 0))
            throw Refuse.Invalid("Sliding window ksize must be positive");
        string padding = node.Text("padding");
        long[] around = padding == "EXPLICIT" ? node.Longs("explicit_paddings") : new long[2 * input.Rank];
        if (around.Length != 2 * input.Rank)
            throw Refuse.Invalid($"explicit_paddings attribute must contain {2 * input.Rank} values, but got: {around.Length}");
        var windows = new Window[format.Spatial];
        for (int i = 0; i < windows.Length; i++)
        {
            int axis = format.SpatialAxis(i);
            windows[i] = Window.Of(padding, input[axis], sizes[axis], strides[axis], 1, around[2 * axis], around[(2 * axis) + 1]);
        }
        return new(format, input[0], input[format.Channel], windows);
    }

    /// <summary>Shape of the result as far as it is known.</summary>
    public static TensorShape Infer(Node node, TensorShape input) => Infer(node, input, node.Longs("ksize"), node.Longs("strides"));

    /// <summary>Shape of the result as far as it is known, with sizes and strides given apart.</summary>
    public static TensorShape Infer(Node node, TensorShape input, long[] sizes, long[] strides)
    {
        if (input.IsUnknownRank)
            return TensorShape.Unknown;
        TensorShape stand = Window.WithStandIns(input);
        PoolingGeometry geometry = Of(node, stand, sizes, strides);
        return geometry.Format.Shape(input[0], Window.Outputs(geometry.Windows, geometry.Format, input), input[geometry.Format.Channel]);
    }
}
