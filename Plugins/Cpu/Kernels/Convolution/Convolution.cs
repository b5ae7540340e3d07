using TransformFramework.Cpu.Kernels.MatrixProduct;
using TransformFramework.Execution;
using TransformFramework.Graphs;

namespace TransformFramework.Cpu.Kernels.Convolution;

/// <summary>Convolution over two or three spatial dimensions: input [batch, spatial…, in], filter [spatial…, in, out]. Floats as <see cref="SingleProduct"/> has them; other types summed in double.</summary>
[Kernel("Conv2D", "Conv3D")]
internal sealed class Convolution : IKernel
{
    public IReadOnlyList<TensorShape> InferShapes(ShapeInference node)
    {
        TensorShape filter = node.Shapes[1];
        return !filter.IsFullyKnown || node.Shapes[0].IsUnknownRank
            ? [TensorShape.Unknown]
            : [ConvolutionGeometry.OutputShape(node.Shapes[0], stand => ConvolutionGeometry.Of(node.Node, stand, filter), () => filter[filter.Rank - 1])];
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
        return [input.Type == DataType.Float
            ? Floats.FromFloats(shape, MultiplySingles(geometry, Floats.Flushed(input), Floats.Flushed(filter), input.Shape, shape, call.Cancellation))
            : Floats.FromDoubles(input.Type, shape, Multiply(geometry, Floats.ToDoubles(input), Floats.ToDoubles(filter), input.Shape, shape, call.Cancellation))];
    }

    /// <summary>Sums in double, tap by tap.</summary>
    private static double[] Multiply(ConvolutionGeometry geometry, double[] input, double[] filter, TensorShape inputShape, TensorShape shape, CancellationToken cancellation)
    {
        int channels = (int)geometry.Channels;
        int columns = (int)shape[geometry.Format.Channel];
        double[] x = geometry.Format.ToChannelsLast(input, inputShape);
        double[] y = new double[checked((int)shape.ElementCount)];
        for (int n = 0; n < geometry.Batch && y.Length > 0; n++)
        {
            cancellation.ThrowIfCancellationRequested();
            int inputStart = n * (x.Length / (int)geometry.Batch);
            int outputStart = n * (y.Length / (int)geometry.Batch);
            geometry.ForEachTap((position, tap, source) =>
            {
                Span<double> sums = y.AsSpan(outputStart + (position * columns), columns);
                ReadOnlySpan<double> pixel = x.AsSpan(inputStart + (source * channels), channels);
                for (int c = 0; c < channels; c++)
                    Accumulate.AddScaled(sums, pixel[c], filter.AsSpan(((tap * channels) + c) * columns, columns));
            });
        }
        return geometry.Format.FromChannelsLast(y, geometry.Batch, columns);
    }

    /// <summary>Rows of the product of the patches under the window and the filter.</summary>
    private static float[] MultiplySingles(ConvolutionGeometry geometry, float[] input, float[] filter, TensorShape inputShape, TensorShape shape, CancellationToken cancellation)
    {
        int channels = (int)geometry.Channels;
        int columns = (int)shape[geometry.Format.Channel];
        float[] x = geometry.Format.ToChannelsLast(input, inputShape);
        float[] y = new float[checked((int)shape.ElementCount)];
        float[] patch = new float[columns == 0 ? 0 : filter.Length / columns];
        for (int n = 0; n < geometry.Batch && y.Length > 0; n++)
        {
            int inputStart = n * (x.Length / (int)geometry.Batch);
            int outputStart = n * (y.Length / (int)geometry.Batch);
            int current = -1;
            geometry.ForEachTap((position, tap, source) =>
            {
                if (position != current)
                    Finish(position);
                x.AsSpan(inputStart + (source * channels), channels).CopyTo(patch.AsSpan(tap * channels));
            });
            Finish(-1);

            void Finish(int next)
            {
                cancellation.ThrowIfCancellationRequested();
                if (current >= 0)
                    SingleProduct.Row(patch, filter, y.AsSpan(outputStart + (current * columns), columns), isVector: y.Length == columns);
                Array.Clear(patch);
                current = next;
            }
        }
        return geometry.Format.FromChannelsLast(y, geometry.Batch, columns);
    }
}
