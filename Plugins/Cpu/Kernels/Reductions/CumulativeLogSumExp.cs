using TransformFramework.Execution;
using TransformFramework.Graphs;

namespace TransformFramework.Cpu.Kernels.Reductions;

/// <summary>log Σ exp of all elements up to each one along an axis.</summary>
[Kernel("CumulativeLogsumexp")]
internal sealed class CumulativeLogSumExp : IKernel
{
    public IReadOnlyList<TensorShape> InferShapes(ShapeInference node) => [node.Shapes[0]];

    public Tensor[] Compute(KernelCall call)
    {
        Tensor x = call.Inputs[0];
        int axis = Integers.Axis(Integers.Scalar(call.Inputs[1], "axis"), x.Shape.Rank);
        bool isExclusive = call.Node.Bool("exclusive");
        bool isReverse = call.Node.Bool("reverse");
        double[] values = Floats.ToDoubles(x);
        double[] results = new double[values.Length];
        int length = (int)x.Shape[axis];
        int inner = 1;
        for (int d = axis + 1; d < x.Shape.Rank; d++)
            inner *= (int)x.Shape[d];
        for (int start = 0; start < (length == 0 ? 0 : values.Length / length); start++)
        {
            int first = (start / inner * length * inner) + (start % inner);
            double sum = double.NegativeInfinity;
            for (int i = 0; i < length; i++)
            {
                int at = first + ((isReverse ? length - 1 - i : i) * inner);
                double next = Add(sum, values[at]);
                results[at] = isExclusive ? Math.Max(sum, x.Type == DataType.Double ? double.MinValue : float.MinValue) : next;
                sum = next;
            }
        }
        return [Floats.FromDoubles(x.Type, x.Shape, results)];
    }

    private static double Add(double x, double y)
    {
        double greatest = Math.Max(x, y);
        return double.IsInfinity(greatest) ? greatest : greatest + Math.Log(Math.Exp(x - greatest) + Math.Exp(y - greatest));
    }
}
