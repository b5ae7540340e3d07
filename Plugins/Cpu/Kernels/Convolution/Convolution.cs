using TransformFramework.Execution;
using TransformFramework.Graphs;

namespace TransformFramework.Cpu.Kernels.Convolution;

/// <summary>Convolution over two or three spatial dimensions: input [batch, spatial…, in], filter [spatial…, in, out]; sums in double, rounded once.</summary>
[Kernel("Conv2D", "Conv3D")]
internal sealed class Convolution : IKernel
{
    public IReadOnlyList<TensorShape> InferShapes(ShapeInference node)
    {
        TensorShape input = node.Shapes[0];
        TensorShape filter = node.Shapes[1];
        if (!filter.IsFullyKnown || input.IsUnknownRank)
            return [TensorShape.Unknown];
        if (!input.IsFullyKnown)
            return [PartlyKnown(node.Node, input, filter)];
        var geometry = ConvolutionGeometry.Of(node.Node, input, filter);
        return [geometry.Format.Shape(geometry.Batch, geometry.OutputSpatial, filter[filter.Rank - 1])];
    }

    public Tensor[] Compute(KernelCall call)
    {
        Tensor input = call.Inputs[0];
        Tensor filter = call.Inputs[1];
        var geometry = ConvolutionGeometry.Of(call.Node, input.Shape, filter.Shape);
        long columns = filter.Shape[filter.Shape.Rank - 1];
        long filterChannels = filter.Shape[filter.Shape.Rank - 2];
        if (filterChannels != geometry.Channels)
            throw Refuse.Invalid($"input depth must be evenly divisible by filter depth: {geometry.Channels} vs {filterChannels}");
        TensorShape shape = geometry.Format.Shape(geometry.Batch, geometry.OutputSpatial, columns);
        double[] x = geometry.Format.ToChannelsLast(Floats.ToDoubles(input), input.Shape);
        double[] w = Floats.ToDoubles(filter);
        double[] y = new double[checked((int)shape.ElementCount)];
        if (y.Length > 0)
            Multiply(geometry, x, w, y, (int)columns, call.Cancellation);
        return [Floats.FromDoubles(input.Type, shape, geometry.Format.FromChannelsLast(y, geometry.Batch, columns))];
    }

    private static void Multiply(ConvolutionGeometry geometry, double[] x, double[] w, double[] y, int columns, CancellationToken cancellation)
    {
        int channels = (int)geometry.Channels;
        int inputs = x.Length / (int)geometry.Batch;
        int outputs = y.Length / (int)geometry.Batch;
        for (int n = 0; n < geometry.Batch; n++)
        {
            cancellation.ThrowIfCancellationRequested();
            int inputStart = n * inputs;
            int outputStart = n * outputs;
            geometry.ForEachTap((position, tap, source) =>
            {
                Span<double> sums = y.AsSpan(outputStart + (position * columns), columns);
                ReadOnlySpan<double> pixel = x.AsSpan(inputStart + (source * channels), channels);
                for (int c = 0; c < channels; c++)
                    Accumulate.AddScaled(sums, pixel[c], w.AsSpan(((tap * channels) + c) * columns, columns));
            });
        }
    }

    private static TensorShape PartlyKnown(Node node, TensorShape input, TensorShape filter)
    {
        var format = DataFormat.Of(node, input.Rank);
        long[] known = [.. input.Dimensions.Select(dimension => Math.Max(dimension, filter.Dimensions.Max()))];
        var geometry = ConvolutionGeometry.Of(node, TensorShape.Of(known), filter);
        long[] spatial = [.. geometry.Windows.Select((window, i) => input[format.SpatialAxis(i)] < 0 ? -1 : window.Output)];
        return format.Shape(input[0], spatial, filter[filter.Rank - 1]);
    }
}
