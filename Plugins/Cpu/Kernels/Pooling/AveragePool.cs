using TransformFramework.Execution;
using TransformFramework.Graphs;

namespace TransformFramework.Cpu.Kernels.Pooling;

/// <summary>Mean over each window; positions in the padding do not count.</summary>
[Kernel("AvgPool", "AvgPool3D")]
internal sealed class AveragePool : IKernel
{
    public IReadOnlyList<TensorShape> InferShapes(ShapeInference node) => [PoolingGeometry.Infer(node.Node, node.Shapes[0])];

    public Tensor[] Compute(KernelCall call)
    {
        Tensor input = call.Inputs[0];
        var geometry = PoolingGeometry.Of(call.Node, input.Shape);
        int channels = (int)geometry.Channels;
        int positions = geometry.OutputPositions;
        double[] x = geometry.Format.ToChannelsLast(Floats.ToDoubles(input), input.Shape);
        double[] y = new double[checked((int)geometry.OutputShape.ElementCount)];
        for (int n = 0; n < geometry.Batch && y.Length > 0; n++)
        {
            int inputStart = n * geometry.InputPositions * channels;
            int outputStart = n * positions * channels;
            int[] counts = new int[positions];
            WindowTaps.ForEach(geometry.Windows, (position, _, source) =>
            {
                counts[position]++;
                Accumulate.AddScaled(y.AsSpan(outputStart + (position * channels), channels), 1, x.AsSpan(inputStart + (source * channels), channels));
            });
            for (int i = 0; i < positions * channels; i++)
                y[outputStart + i] /= counts[i / channels];
        }
        return [Floats.FromDoubles(input.Type, geometry.OutputShape, geometry.Format.FromChannelsLast(y, geometry.Batch, channels))];
    }
}
