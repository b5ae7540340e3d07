using TransformFramework.Execution;
using TransformFramework.Graphs;

namespace TransformFramework.Cpu.Kernels.Convolution;

/// <summary>Convolution over two or three spatial dimensions: input [batch, spatial…, in], filter [spatial…, in, out]; sums in double, rounded once.</summary>
[Kernel("Conv2D", "Conv3D")]
internal sealed class Convolution : IKernel
{
    public IReadOnlyList<TensorShape> InferShapes(ShapeInference node)
    {
        TensorShape filter = node.Shapes[1];
        return !filter.IsFullyKnown || node.Shapes[0].IsUnknownRank
            ? [TensorShape.Unknown]
            : [ConvolutionGeometry.OutputShape(node.Shapes[0], stand => ConvolutionGeometry.Of(node.Node, stand, filter), filter[filter.Rank - 1])];
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
}
