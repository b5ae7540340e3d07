using TransformFramework.Execution;
using TransformFramework.Graphs;

namespace TransformFramework.Cpu.Kernels.Recurrent;

/// <summary>One step of an LSTM: x, cell and output before, weights, peephole weights, bias.</summary>
[Kernel("LSTMBlockCell")]
internal sealed class LstmBlockCell : IKernel
{
    public IReadOnlyList<TensorShape> InferShapes(ShapeInference node) => [.. Enumerable.Repeat(node.Shapes[1], LstmCell.ResultCount)];

    public Tensor[] Compute(KernelCall call)
    {
        Tensor x = call.Inputs[0];
        Tensor cellBefore = call.Inputs[1];
        if (x.Shape.Rank != 2 || cellBefore.Shape.Rank != 2 || x.Shape[0] != cellBefore.Shape[0])
            throw Refuse.Invalid($"cs_prev.dims(0) != batch_size: {cellBefore.Shape} vs. {x.Shape}");
        LstmShapes.Check(call.Inputs[3].Shape, call.Inputs[7].Shape, x.Shape[1], cellBefore.Shape[1]);
        if (!call.Inputs[2].Shape.Dimensions.SequenceEqual(cellBefore.Shape.Dimensions))
            throw Refuse.Invalid($"h_prev.dims(0) != batch_size: {call.Inputs[2].Shape} vs. {cellBefore.Shape}");
        var cell = new LstmCell(call.Node, [.. call.Inputs.Skip(3)]);
        var results = cell.Step(Floats.ToDoubles(x), Floats.ToDoubles(cellBefore), Floats.ToDoubles(call.Inputs[2]), (int)x.Shape[0]);
        return [.. results.Select(values => Floats.FromDoubles(x.Type, cellBefore.Shape, values))];
    }
}

/// <summary>An LSTM over time: x [time, batch, inputs]; every result [time, batch, units], zeros after seq_len_max.</summary>
[Kernel("BlockLSTM")]
internal sealed class BlockLstm : IKernel
{
    public IReadOnlyList<TensorShape> InferShapes(ShapeInference node)
    {
        TensorShape shape = node.Shapes[1].Rank == 3 && node.Shapes[8].Rank == 1
            ? TensorShape.Of(node.Shapes[1][0], node.Shapes[1][1], node.Shapes[8][0] < 0 ? -1 : node.Shapes[8][0] / 4)
            : TensorShape.Unknown;
        return [.. Enumerable.Repeat(shape, LstmCell.ResultCount)];
    }

    public Tensor[] Compute(KernelCall call)
    {
        Tensor x = call.Inputs[1];
        Tensor cellBefore = call.Inputs[2];
        if (x.Shape.Rank != 3)
            throw Refuse.Invalid($"x must be 3D{x.Shape}");
        int batch = (int)x.Shape[1];
        int inputs = (int)x.Shape[2];
        long units = cellBefore.Shape.Rank == 2 ? cellBefore.Shape[1] : throw Refuse.Invalid($"cs_prev must be 2-dimensional{cellBefore.Shape}");
        LstmShapes.Check(call.Inputs[4].Shape, call.Inputs[8].Shape, inputs, units);
        long steps = Math.Min(Integers.Scalar(call.Inputs[0], "seq_len_max"), x.Shape[0]);
        TensorShape shape = TensorShape.Of(x.Shape[0], batch, units);
        var cell = new LstmCell(call.Node, [.. call.Inputs.Skip(4)]);
        double[] values = Floats.ToDoubles(x);
        double[][] all = [.. Enumerable.Range(0, LstmCell.ResultCount).Select(_ => new double[checked((int)shape.ElementCount)])];
        double[] state = Floats.ToDoubles(cellBefore);
        double[] output = Floats.ToDoubles(call.Inputs[3]);
        for (int t = 0; t < steps; t++)
        {
            call.Cancellation.ThrowIfCancellationRequested();
            var results = cell.Step(values.AsSpan(t * batch * inputs, batch * inputs), state, output, batch);
            for (int r = 0; r < all.Length; r++)
                results[r].CopyTo(all[r], t * state.Length);
            (state, output) = (results[1], results[6]);
        }
        return [.. all.Select(result => Floats.FromDoubles(x.Type, shape, result))];
    }
}

internal static class LstmShapes
{
    /// <summary>Refuses weights or a bias that do not fit the sizes.</summary>
    public static void Check(TensorShape weights, TensorShape bias, long inputs, long units)
    {
        if (weights.Rank != 2 || weights[0] != inputs + units)
            throw Refuse.Invalid($"w.dim_size(0) != input_size + cell_size: {weights} vs. {inputs + units}");
        if (weights[1] != 4 * units)
            throw Refuse.Invalid($"w.dim_size(1) != cell_size * 4: {weights} vs. {4 * units}");
        if (bias.Rank != 1 || bias[0] != 4 * units)
            throw Refuse.Invalid($"b.dim_size(0) != cell_size * 4: {bias} vs. {4 * units}");
    }
}
