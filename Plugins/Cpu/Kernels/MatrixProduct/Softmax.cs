using TransformFramework.Cpu.Kernels.Elementwise;
using TransformFramework.Execution;
using TransformFramework.Graphs;

namespace TransformFramework.Cpu.Kernels.MatrixProduct;

/// <summary>eˣ over the sum of the row's, or its logarithm; along the last dimension.</summary>
[Kernel("Softmax", "LogSoftmax")]
internal sealed class Softmax : IKernel
{
    public IReadOnlyList<TensorShape> InferShapes(ShapeInference node) => [node.Shapes[0]];

    public Tensor[] Compute(KernelCall call)
    {
        Tensor logits = call.Inputs[0];
        if (logits.Shape.Rank < 1)
            throw Refuse.Invalid($"logits must have >= 1 dimension, got {logits.Shape}");
        int columns = (int)logits.Shape[logits.Shape.Rank - 1];
        if (logits.Type == DataType.Float && call.Node.Op == "Softmax")
            return [Floats.FromFloats(logits.Shape, Singles(Floats.Flushed(logits), columns))];
        double[] values = Floats.ToDoubles(logits);
        for (int start = 0; start < values.Length; start += columns)
            Apply(values.AsSpan(start, columns), call.Node.Op == "LogSoftmax");
        return [Floats.FromDoubles(logits.Type, logits.Shape, values)];
    }

    /// <summary>In float, with the exponentials in packets over all rows and the sums multiplied as reciprocals.</summary>
    private static float[] Singles(float[] values, int columns)
    {
        for (int start = 0; start < values.Length; start += columns)
        {
            Span<float> row = values.AsSpan(start, columns);
            float max = float.NegativeInfinity;
            foreach (float value in row)
                max = value > max ? value : max;
            for (int i = 0; i < columns; i++)
                row[i] -= max;
        }
        int packed = PacketMath.Packed(values.Length);
        for (int i = 0; i < values.Length; i++)
            values[i] = i < packed ? PacketMath.Exp(values[i]) : LibraryMath.Exp(values[i]);
        for (int start = 0; start < values.Length; start += columns)
        {
            Span<float> row = values.AsSpan(start, columns);
            float factor = 1 / PacketMath.Sum(row);
            for (int i = 0; i < columns; i++)
                row[i] *= factor;
        }
        return values;
    }

    /// <summary>Softmax of one row, in place.</summary>
    internal static void Apply(Span<double> row, bool logarithmic)
    {
        double max = double.NegativeInfinity;
        foreach (double value in row)
            max = value > max ? value : max;
        double sum = 0;
        foreach (double value in row)
            sum += Math.Exp(value - max);
        double logarithm = Math.Log(sum);
        for (int i = 0; i < row.Length; i++)
            row[i] = logarithmic ? row[i] - max - logarithm : Math.Exp(row[i] - max) / sum;
    }
}
