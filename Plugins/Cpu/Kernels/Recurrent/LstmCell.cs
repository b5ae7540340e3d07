using TransformFramework.Cpu.Kernels.MatrixProduct;
using TransformFramework.Execution;
using TransformFramework.Graphs;

namespace TransformFramework.Cpu.Kernels.Recurrent;

/// <summary>
/// One step of long short-term memory (Hochreiter and Schmidhuber 1997) over a batch, with optional peepholes. The columns of the weights are, four times the units: input gate, cell input,
/// forget gate, output gate.
/// </summary>
internal sealed class LstmCell
{
    private readonly int units;
    private readonly double[] weights;
    private readonly double[] bias;
    private readonly double[][] peepholes;
    private readonly double forgetBias;
    private readonly double clip;

    /// <param name="node">The node with the attributes forget_bias, cell_clip and use_peephole.</param>
    /// <param name="parameters">Weights [inputs + units, 4·units], peephole weights of input, forget and output gate [units], bias [4·units].</param>
    public LstmCell(Node node, IReadOnlyList<Tensor> parameters)
    {
        weights = Floats.ToDoubles(parameters[0]);
        bias = Floats.ToDoubles(parameters[4]);
        units = bias.Length / 4;
        peepholes = node.Bool("use_peephole") ? [.. parameters.Skip(1).Take(3).Select(Floats.ToDoubles)] : [];
        forgetBias = node.Float("forget_bias");
        clip = node.Float("cell_clip");
    }

    /// <summary>Names of the results of a step, in the order of the ops' outputs.</summary>
    public const int ResultCount = 7;

    /// <summary>The results i, cs, f, o, ci, co, h, each [batch, units], of inputs [batch, size] and the state before.</summary>
    public double[][] Step(ReadOnlySpan<double> x, double[] cellBefore, double[] outputBefore, int batch)
    {
        int inputs = batch == 0 ? 0 : x.Length / batch;
        double[] joined = new double[batch * (inputs + units)];
        double[] gates = new double[batch * 4 * units];
        for (int b = 0; b < batch; b++)
        {
            x.Slice(b * inputs, inputs).CopyTo(joined.AsSpan(b * (inputs + units)));
            outputBefore.AsSpan(b * units, units).CopyTo(joined.AsSpan((b * (inputs + units)) + inputs));
            bias.CopyTo(gates.AsSpan(b * 4 * units));
        }
        ReferenceGemm.Add<double>(joined, weights, gates, batch, inputs + units, 4 * units);
        double[][] results = [.. Enumerable.Range(0, ResultCount).Select(_ => new double[batch * units])];
        for (int k = 0; k < batch * units; k++)
            Activate(gates.AsSpan(k / units * 4 * units, 4 * units), k, cellBefore[k], results);
        return results;
    }

    private void Activate(ReadOnlySpan<double> gates, int k, double before, double[][] results)
    {
        int unit = k % units;
        double input = Sigmoid(gates[unit] + Peephole(0, unit, before));
        double candidate = Math.Tanh(gates[units + unit]);
        double forget = Sigmoid(gates[(2 * units) + unit] + forgetBias + Peephole(1, unit, before));
        double cell = (candidate * input) + (before * forget);
        if (clip > 0)
            cell = Math.Clamp(cell, -clip, clip);
        double output = Sigmoid(gates[(3 * units) + unit] + Peephole(2, unit, cell));
        double squashed = Math.Tanh(cell);
        double[] values = [input, cell, forget, output, candidate, squashed, squashed * output];
        for (int r = 0; r < ResultCount; r++)
            results[r][k] = values[r];
    }

    private double Peephole(int gate, int unit, double cell) => peepholes.Length == 0 ? 0 : peepholes[gate][unit] * cell;

    private static double Sigmoid(double x) => 1 / (1 + Math.Exp(-x));
}
