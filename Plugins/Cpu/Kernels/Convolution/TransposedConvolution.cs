using TransformFramework.Execution;
using TransformFramework.Graphs;

namespace TransformFramework.Cpu.Kernels.Convolution;

/// <summary>
/// Transposed convolution, the gradient of a convolution by its input: sizes of the result, filter [spatial…, in, out], values [batch, spatial…, out]
/// → [batch, spatial…, in].
/// </summary>
[Kernel("Conv2DBackpropInput", "Conv3DBackpropInputV2")]
internal sealed class TransposedConvolution : IKernel
{
    public IReadOnlyList<TensorShape> InferShapes(ShapeInference node) =>
        [node.Constants[0] is { } sizes ? TensorShape.Of(Sizes(sizes)) : TensorShape.Unknown];

    public Tensor[] Compute(KernelCall call)
    {
        long[] sizes = Sizes(call.Inputs[0]);
        Tensor filter = call.Inputs[1];
        Tensor values = call.Inputs[2];
        TensorShape shape = TensorShape.Of(sizes);
        var geometry = ConvolutionGeometry.Of(call.Node, shape, filter.Shape);
        int columns = (int)filter.Shape[filter.Shape.Rank - 1];
        TensorShape expected = geometry.Format.Shape(geometry.Batch, geometry.OutputSpatial, columns);
        if (!values.Shape.Dimensions.SequenceEqual(expected.Dimensions))
            throw Refuse.Invalid($"the values have shape {values.Shape}, a result of {shape} needs {expected}");
        if (filter.Shape[filter.Shape.Rank - 2] != geometry.Channels)
            throw Refuse.Invalid($"input and filter must have the same depth: {geometry.Channels} vs {filter.Shape[filter.Shape.Rank - 2]}");
        int channels = (int)geometry.Channels;
        double[] dy = geometry.Format.ToChannelsLast(Floats.ToDoubles(values), values.Shape);
        double[] w = Floats.ToDoubles(filter);
        double[] dx = new double[checked((int)shape.ElementCount)];
        for (int n = 0; n < geometry.Batch && dx.Length > 0; n++)
        {
            int resultStart = n * (dx.Length / (int)geometry.Batch);
            int valueStart = n * (dy.Length / (int)geometry.Batch);
            geometry.ForEachTap((position, tap, source) =>
            {
                ReadOnlySpan<double> row = dy.AsSpan(valueStart + (position * columns), columns);
                for (int c = 0; c < channels; c++)
                    dx[resultStart + (source * channels) + c] += Dot(row, w.AsSpan(((tap * channels) + c) * columns, columns));
            });
        }
        return [Floats.FromDoubles(values.Type, shape, geometry.Format.FromChannelsLast(dx, geometry.Batch, channels))];
    }

    private static double Dot(ReadOnlySpan<double> x, ReadOnlySpan<double> y)
    {
        double sum = 0;
        for (int i = 0; i < x.Length; i++)
            sum += x[i] * y[i];
        return sum;
    }

    private static long[] Sizes(Tensor sizes) => Integers.Read(sizes);
}
