using System.Numerics;
using TransformFramework.Execution;
using TransformFramework.Graphs;

namespace TransformFramework.Cpu.Kernels.Pooling;

/// <summary>Mean over each window; positions in the padding do not count. Floats are summed in float, other types in double.</summary>
[Kernel("AvgPool", "AvgPool3D")]
internal sealed class AveragePool : IKernel
{
    public IReadOnlyList<TensorShape> InferShapes(ShapeInference node) => [PoolingGeometry.Infer(node.Node, node.Shapes[0])];

    public Tensor[] Compute(KernelCall call)
    {
        Tensor input = call.Inputs[0];
        var geometry = PoolingGeometry.Of(call.Node, input.Shape);
        return [input.Type == DataType.Float
            ? Floats.FromFloats(geometry.OutputShape, Means(geometry, Floats.Flushed(input), input.Shape))
            : Floats.FromDoubles(input.Type, geometry.OutputShape, Means(geometry, Floats.ToDoubles(input), input.Shape))];
    }

    private static T[] Means<T>(PoolingGeometry geometry, T[] input, TensorShape shape)
        where T : unmanaged, INumber<T>
    {
        int channels = (int)geometry.Channels;
        int positions = geometry.OutputPositions;
        T[] x = geometry.Format.ToChannelsLast(input, shape);
        T[] y = new T[checked((int)geometry.OutputShape.ElementCount)];
        for (int n = 0; n < geometry.Batch && y.Length > 0; n++)
        {
            int inputStart = n * geometry.InputPositions * channels;
            int outputStart = n * positions * channels;
            int[] counts = new int[positions];
            WindowTaps.ForEach(geometry.Windows, (position, _, source) =>
            {
                counts[position]++;
                Accumulate.AddScaled(y.AsSpan(outputStart + (position * channels), channels), T.One, x.AsSpan(inputStart + (source * channels), channels));
            });
            for (int i = 0; i < positions * channels; i++)
                y[outputStart + i] /= T.CreateTruncating(counts[i / channels]);
        }
        return geometry.Format.FromChannelsLast(y, geometry.Batch, channels);
    }
}
