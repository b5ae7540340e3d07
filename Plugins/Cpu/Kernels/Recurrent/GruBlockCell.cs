using TransformFramework.Cpu.Kernels.MatrixProduct;
using TransformFramework.Execution;
using TransformFramework.Graphs;

namespace TransformFramework.Cpu.Kernels.Recurrent;

/// <summary>One step of a gated recurrent unit: r, u = σ([x, h]·w_ru + b_ru), c = tanh([x, r·h]·w_c + b_c), h' = u·h + (1 - u)·c.</summary>
[Kernel("GRUBlockCell")]
internal sealed class GruBlockCell : IKernel
{
    public IReadOnlyList<TensorShape> InferShapes(ShapeInference node) => [.. Enumerable.Repeat(node.Shapes[1], 4)];

    public Tensor[] Compute(KernelCall call)
    {
        Tensor x = call.Inputs[0];
        Tensor before = call.Inputs[1];
        if (x.Shape.Rank != 2 || before.Shape.Rank != 2 || x.Shape[0] != before.Shape[0])
            throw Refuse.Invalid($"h_prev.dims(0) != batch_size: {before.Shape} vs. {x.Shape}");
        int batch = (int)x.Shape[0];
        int inputs = (int)x.Shape[1];
        int units = (int)before.Shape[1];
        if (!call.Inputs[2].Shape.Dimensions.SequenceEqual([inputs + units, 2 * units]) || !call.Inputs[3].Shape.Dimensions.SequenceEqual([inputs + units, units]))
            throw Refuse.Invalid($"w_ru.dim_size(0) != input_size + cell_size: {call.Inputs[2].Shape}, {call.Inputs[3].Shape}");
        double[] values = Floats.ToDoubles(x);
        double[] state = Floats.ToDoubles(before);
        double[] gates = Product(values, state, call.Inputs[2], call.Inputs[4], batch, inputs, units);
        double[] reset = new double[state.Length];
        double[] update = new double[state.Length];
        double[] gated = new double[state.Length];
        for (int k = 0; k < state.Length; k++)
        {
            int row = k / units * 2 * units;
            reset[k] = Sigmoid(gates[row + (k % units)]);
            update[k] = Sigmoid(gates[row + units + (k % units)]);
            gated[k] = state[k] * reset[k];
        }
        double[] candidate = [.. Product(values, gated, call.Inputs[3], call.Inputs[5], batch, inputs, units).Select(Math.Tanh)];
        double[] after = [.. state.Select((h, k) => (update[k] * h) + ((1 - update[k]) * candidate[k]))];
        return [.. new[] { reset, update, candidate, after }.Select(result => Floats.FromDoubles(x.Type, before.Shape, result))];
    }

    private static double[] Product(double[] x, double[] h, Tensor weights, Tensor bias, int batch, int inputs, int units)
    {
        int columns = (int)bias.ElementCount;
        double[] joined = new double[batch * (inputs + units)];
        double[] result = new double[batch * columns];
        for (int b = 0; b < batch; b++)
        {
            x.AsSpan(b * inputs, inputs).CopyTo(joined.AsSpan(b * (inputs + units)));
            h.AsSpan(b * units, units).CopyTo(joined.AsSpan((b * (inputs + units)) + inputs));
            Floats.ToDoubles(bias).CopyTo(result, b * columns);
        }
        ReferenceGemm.Add<double>(joined, Floats.ToDoubles(weights), result, batch, inputs + units, columns);
        return result;
    }

    private static double Sigmoid(double x) => 1 / (1 + Math.Exp(-x));
}
