using TransformFramework.Execution;
using TransformFramework.Graphs;

namespace TransformFramework.Cpu.Kernels.Pooling;

/// <summary>Largest value of each window, for every real type. Along the channels windows must be side by side.</summary>
[Kernel("MaxPool", "MaxPoolV2", "MaxPool3D")]
internal sealed class MaxPool : IKernel
{
    public IReadOnlyList<TensorShape> InferShapes(ShapeInference node)
    {
        TensorShape input = node.Shapes[0];
        if (input.IsUnknownRank || (node.Shapes.Count > 1 && (node.Constants[1] is null || node.Constants[2] is null)))
            return [TensorShape.Unknown];
        var (sizes, strides) = Windows(node.Node, node.Constants);
        if (!IsOverChannels(node.Node, input, sizes))
            return [PoolingGeometry.Infer(node.Node, input, sizes, strides)];
        return [input.IsFullyKnown ? ChannelShape(node.Node, input, sizes, strides) : TensorShape.Unknown];
    }

    public Tensor[] Compute(KernelCall call)
    {
        Tensor input = call.Inputs[0];
        var (sizes, strides) = Windows(call.Node, call.Inputs);
        double[] values = RealValues.ToDoubles(input);
        if (IsOverChannels(call.Node, input.Shape, sizes))
            return [RealValues.FromDoubles(input.Type, ChannelShape(call.Node, input.Shape, sizes, strides), OverChannels(values, (int)sizes[^1]))];
        var geometry = PoolingGeometry.Of(call.Node, input.Shape, sizes, strides);
        return [RealValues.FromDoubles(input.Type, geometry.OutputShape, OverSpace(geometry, values, input.Shape, RealValues.Lowest(input.Type)))];
    }

    private static (long[] Sizes, long[] Strides) Windows(Node node, IReadOnlyList<Tensor?> inputs) =>
        inputs.Count == 1 ? (node.Longs("ksize"), node.Longs("strides")) : (Integers.Read(inputs[1]!), Integers.Read(inputs[2]!));

    private static bool IsOverChannels(Node node, TensorShape input, long[] sizes) =>
        input.Rank == 4 && sizes.Length == 4 && node.Text("data_format") == "NHWC" && sizes[3] > 1;

    private static TensorShape ChannelShape(Node node, TensorShape input, long[] sizes, long[] strides)
    {
        if (sizes[0] != 1)
            throw Refuse.Unimplemented("Pooling is not yet supported on the batch dimension.");
        if (sizes[1] != 1 || sizes[2] != 1)
            throw Refuse.Unimplemented("MaxPooling supports exactly one of pooling across depth or pooling across width/height.");
        if (input[3] % sizes[3] != 0)
            throw Refuse.Unimplemented("Depthwise max pooling requires the depth window to evenly divide the input depth");
        if (sizes[3] != strides[3])
            throw Refuse.Unimplemented("Depthwise max pooling requires the depth window to equal the depth stride");
        return node.Text("padding") == "EXPLICIT"
            ? throw Refuse.Unimplemented("Depthwise max pooling has no explicit padding")
            : TensorShape.Of(input[0], input[1], input[2], input[3] / sizes[3]);
    }

    private static double[] OverChannels(double[] values, int size)
    {
        double[] result = new double[values.Length / size];
        for (int i = 0; i < result.Length; i++)
        {
            double best = values[i * size];
            for (int k = 1; k < size; k++)
                best = Math.Max(best, values[(i * size) + k]);
            result[i] = best;
        }
        return result;
    }

    private static double[] OverSpace(PoolingGeometry geometry, double[] values, TensorShape shape, double lowest)
    {
        int channels = (int)geometry.Channels;
        double[] x = geometry.Format.ToChannelsLast(values, shape);
        double[] y = new double[checked((int)geometry.OutputShape.ElementCount)];
        Array.Fill(y, lowest);
        for (int n = 0; n < geometry.Batch && y.Length > 0; n++)
        {
            int inputStart = n * geometry.InputPositions * channels;
            int outputStart = n * geometry.OutputPositions * channels;
            WindowTaps.ForEach(geometry.Windows, (position, _, source) =>
            {
                Span<double> best = y.AsSpan(outputStart + (position * channels), channels);
                ReadOnlySpan<double> pixel = x.AsSpan(inputStart + (source * channels), channels);
                for (int c = 0; c < best.Length; c++)
                {
                    if (best[c] < pixel[c])
                        best[c] = pixel[c];
                }
            });
        }
        return geometry.Format.FromChannelsLast(y, geometry.Batch, channels);
    }
}
