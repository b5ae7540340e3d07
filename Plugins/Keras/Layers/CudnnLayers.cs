using System.Collections.Immutable;
using System.Globalization;
using TransformFramework.Graphs;
using TransformFramework.Keras.Building;
using TransformFramework.Keras.Configuration;

namespace TransformFramework.Keras.Layers;

/// <summary>
/// LSTM and GRU for GPUs alone, as TensorFlow 1 has them. They compute what LSTM and GRU do with tanh, sigmoid and a reset after the product; only their weights are stored otherwise: each gate's matrix in the
/// memory order of cuDNN, which keeps outputs × inputs, and two biases a gate.
/// </summary>
[KerasLayer("CuDNNLSTM", "CuDNNGRU")]
internal sealed class CudnnRecurrentLayer : RecurrentLayer
{
    private readonly int gates;
    private readonly long units;
    private readonly Variable kernel;
    private readonly Variable recurrent;
    private readonly Variable bias;

    public CudnnRecurrentLayer(LayerSource source)
        : base(source)
    {
        bool isLstm = ClassName == "CuDNNLSTM";
        gates = isLstm ? 4 : 3;
        units = Configuration.Count("units");
        kernel = Weight("kernel");
        recurrent = Weight("recurrent_kernel");
        bias = Weight("bias");
        string options = string.Create(CultureInfo.InvariantCulture, $$"""{"name": "cell", "units": {{units}}, "recurrent_activation": "sigmoid", "reset_after": true}""");
        var cell = new LayerSource(ClassName, new(JsonText.Parse(options, ClassName), Configuration.Owner), Model);
        Cell = isLstm ? new LstmCell(cell) : new GruCell(cell);
    }

    protected override RecurrentCell Cell { get; }

    protected override ImmutableArray<Symbol> Compute(LayerCall call)
    {
        if (call.Mask is not null)
            throw KerasException.Option("its kernels take no mask");
        if (call.Input.Rank != 3)
            throw KerasException.Configuration($"its input {call.Input.Shape} must have a time axis");
        long inputs = call.Input.KnownDimension(-1);
        Cell.Variables[0].Value = Turned(LayerCall.Check(kernel, [inputs, gates * units]));
        Cell.Variables[1].Value = Turned(LayerCall.Check(recurrent, [units, gates * units]));
        Cell.Variables[2].Value = Joined(LayerCall.Check(bias, [2 * gates * units]));
        return base.Compute(call);
    }

    /// <summary>Each gate's columns, whose elements in memory order are a matrix of units × rows, as one of rows × units.</summary>
    private Tensor Turned(Tensor stored)
    {
        double[] from = Tensors.Doubles(stored);
        double[] to = new double[from.Length];
        int rows = (int)stored.Shape[0];
        int size = (int)units;
        int columns = gates * size;
        for (int i = 0; i < to.Length; i++)
        {
            int column = i % columns;
            int place = (column % size * rows) + (i / columns);
            to[i] = from[(place / size * columns) + (column / size * size) + (place % size)];
        }
        return Tensors.Of(DataType.Float, stored.Shape, to);
    }

    /// <summary>The biases of input and state: their sum for LSTM, one row each for GRU.</summary>
    private Tensor Joined(Tensor stored)
    {
        int count = gates * (int)units;
        double[] values = Tensors.Doubles(stored);
        return gates == 3
            ? Tensors.Of(DataType.Float, TensorShape.Of(2, count), values)
            : Tensors.Of(DataType.Float, TensorShape.Of(count), [.. values.Take(count).Zip(values.Skip(count), (input, state) => input + state)]);
    }
}
