using TransformFramework.Execution;
using TransformFramework.Graphs;

namespace TransformFramework.Cpu.Kernels.Pooling;

/// <summary>Largest value of each window and its flattened position ((b·height + y)·width + x)·channels + c; b is left out unless <c>include_batch_in_index</c>.</summary>
[Kernel("MaxPoolWithArgmax")]
internal sealed class MaxPoolWithArgmax : IKernel
{
    public IReadOnlyList<TensorShape> InferShapes(ShapeInference node)
    {
        TensorShape shape = PoolingGeometry.Infer(node.Node, node.Shapes[0]);
        return [shape, shape];
    }

    public Tensor[] Compute(KernelCall call)
    {
        Tensor input = call.Inputs[0];
        var geometry = PoolingGeometry.Of(call.Node, input.Shape);
        int channels = (int)geometry.Channels;
        double[] x = RealValues.ToDoubles(input);
        double[] best = new double[checked((int)geometry.OutputShape.ElementCount)];
        long[] places = new long[best.Length];
        Array.Fill(places, -1);
        for (int n = 0; n < geometry.Batch && best.Length > 0; n++)
        {
            int inputStart = n * geometry.InputPositions * channels;
            int outputStart = n * geometry.OutputPositions * channels;
            WindowTaps.ForEach(geometry.Windows, (position, _, source) =>
            {
                for (int c = 0; c < channels; c++)
                {
                    int target = outputStart + (position * channels) + c;
                    double value = x[inputStart + (source * channels) + c];
                    if (places[target] >= 0 && !(best[target] < value))
                        continue;
                    best[target] = value;
                    places[target] = (source * channels) + c + (call.Node.Bool("include_batch_in_index") ? inputStart : 0);
                }
            });
        }
        return [RealValues.FromDoubles(input.Type, geometry.OutputShape, best), Integers.Write(call.Node.Type("Targmax"), geometry.OutputShape, places)];
    }
}
