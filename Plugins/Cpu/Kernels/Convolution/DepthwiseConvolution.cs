using TransformFramework.Execution;
using TransformFramework.Graphs;

namespace TransformFramework.Cpu.Kernels.Convolution;

/// <summary>
/// Each input channel by its own filters: filter [height, width, in, multiplier], output channel c·multiplier + m. As in TensorFlow's CPU kernel the attribute
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
            : [ConvolutionGeometry.OutputShape(node.Shapes[0], stand => Geometry(node.Node, stand, filter), filter[2] * filter[3])];
    }

    public Tensor[] Compute(KernelCall call)
    {
        Tensor input = call.Inputs[0];
        Tensor filter = call.Inputs[1];
        var geometry = Geometry(call.Node, input.Shape, filter.Shape);
        if (filter.Shape[2] != geometry.Channels)
            throw Refuse.Invalid($"input and filter must have the same depth: {geometry.Channels} vs {filter.Shape[2]}");
        int channels = (int)geometry.Channels;
        int multiplier = (int)filter.Shape[3];
        TensorShape shape = geometry.Format.Shape(geometry.Batch, geometry.OutputSpatial, channels * multiplier);
        double[] x = geometry.Format.ToChannelsLast(Floats.ToDoubles(input), input.Shape);
        double[] w = Floats.ToDoubles(filter);
        double[] y = new double[checked((int)shape.ElementCount)];
        for (int n = 0; n < geometry.Batch && y.Length > 0; n++)
        {
            int inputStart = n * (x.Length / (int)geometry.Batch);
            int outputStart = n * (y.Length / (int)geometry.Batch);
            geometry.ForEachTap((position, tap, source) =>
            {
                for (int c = 0; c < channels; c++)
                {
                    double value = x[inputStart + (source * channels) + c];
                    int first = ((tap * channels) + c) * multiplier;
                    int target = outputStart + (((position * channels) + c) * multiplier);
                    for (int m = 0; m < multiplier; m++)
                        y[target + m] += value * w[first + m];
                }
            });
        }
        return [Floats.FromDoubles(input.Type, shape, geometry.Format.FromChannelsLast(y, geometry.Batch, channels * multiplier))];
    }

    private static ConvolutionGeometry Geometry(Node node, TensorShape input, TensorShape filter)
    {
        var geometry = ConvolutionGeometry.Of(node, input, filter, []);
        return geometry.Windows[0].Stride == geometry.Windows[1].Stride
            ? geometry
            : throw Refuse.Invalid("Current implementation only supports equal length strides in the row and column dimensions.");
    }
}
