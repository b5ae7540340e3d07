using System.Numerics;
using TransformFramework.Execution;
using TransformFramework.Graphs;

namespace TransformFramework.Cpu.Kernels.Convolution;

/// <summary>
/// Each input channel by its own filters: filter [height, width, in, multiplier], output channel c·multiplier + m. Floats are summed in float, tap by tap, as TensorFlow's CPU kernel
/// does, so that values quantized from the result are its values; other types in double. As in TensorFlow's CPU kernel the attribute
/// <c>dilations</c> has no effect; graphs dilate by SpaceToBatchND around it.
/// </summary>
[Kernel("DepthwiseConv2dNative")]
internal sealed class DepthwiseConvolution : IKernel
{
    public IReadOnlyList<TensorShape> InferShapes(ShapeInference node)
    {
        TensorShape filter = node.Shapes[1];
        return !filter.IsFullyKnown || node.Shapes[0].IsUnknownRank
            ? [TensorShape.Unknown]
            : [ConvolutionGeometry.OutputShape(node.Shapes[0], stand => Geometry(node.Node, stand, filter), () => filter[2] * filter[3])];
    }

    public Tensor[] Compute(KernelCall call)
    {
        Tensor input = call.Inputs[0];
        Tensor filter = call.Inputs[1];
        var geometry = Geometry(call.Node, input.Shape, filter.Shape);
        if (filter.Shape[2] != geometry.Channels)
            throw Refuse.Invalid($"input and filter must have the same depth: {geometry.Channels} vs {filter.Shape[2]}");
        TensorShape shape = geometry.Format.Shape(geometry.Batch, geometry.OutputSpatial, geometry.Channels * filter.Shape[3]);
        return [input.Type == DataType.Float
            ? Floats.FromFloats(shape, Convolve(geometry, Floats.Flushed(input), Floats.Flushed(filter), input.Shape, shape))
            : Floats.FromDoubles(input.Type, shape, Convolve(geometry, Floats.ToDoubles(input), Floats.ToDoubles(filter), input.Shape, shape))];
    }

    private static T[] Convolve<T>(ConvolutionGeometry geometry, T[] input, T[] filter, TensorShape inputShape, TensorShape shape)
        where T : unmanaged, INumber<T>
    {
        int channels = (int)geometry.Channels;
        int columns = (int)shape[geometry.Format.Channel];
        T[] x = geometry.Format.ToChannelsLast(input, inputShape);
        T[] y = new T[checked((int)shape.ElementCount)];
        for (int n = 0; n < geometry.Batch && y.Length > 0; n++)
        {
            int inputStart = n * (x.Length / (int)geometry.Batch);
            int outputStart = n * (y.Length / (int)geometry.Batch);
            geometry.ForEachTap((position, tap, source) =>
                AddTap(x.AsSpan(inputStart + (source * channels), channels), filter.AsSpan(tap * columns, columns), y.AsSpan(outputStart + (position * columns), columns)));
        }
        return geometry.Format.FromChannelsLast(y, geometry.Batch, columns);
    }

    private static void AddTap<T>(ReadOnlySpan<T> pixel, ReadOnlySpan<T> filter, Span<T> sums)
        where T : unmanaged, INumber<T>
    {
        int multiplier = sums.Length / pixel.Length;
        for (int c = 0, i = 0; c < pixel.Length; c++)
        {
            for (int m = 0; m < multiplier; m++, i++)
                sums[i] += pixel[c] * filter[i];
        }
    }

    private static ConvolutionGeometry Geometry(Node node, TensorShape input, TensorShape filter)
    {
        var geometry = ConvolutionGeometry.Of(node, input, filter, []);
        return geometry.Windows[0].Stride == geometry.Windows[1].Stride
            ? geometry
            : throw Refuse.Invalid("Current implementation only supports equal length strides in the row and column dimensions.");
    }
}
