using TransformFramework.Graphs;
using TransformFramework.TfLite.Reading;
using TransformFramework.TfLite.Schema;

namespace TransformFramework.TfLite.Operators;

/// <summary>
/// LSTM layers, step by step. Each run begins with states of zero, as a freshly loaded interpreter does.
/// <code>
/// gate = σ(Wx + Rh + P·c + b)      c = clip(f·c + i·act(…))      h = clip(projection(o·act(c)))
/// </code>
/// Quantized ones round gates to 2⁻¹², gate activations to 2⁻¹⁵, cells to their scale and outputs to theirs, as the integer kernel does. Hybrid ones round data row by row.
/// </summary>
[OperatorConverter("UNIDIRECTIONAL_SEQUENCE_LSTM", "LSTM")]
internal sealed class Lstm : OperatorConverter
{
    private const int MostSteps = 4096;

    public override void Read(OperatorReader op)
    {
        if (op.Name == "LSTM" && (op.Options.Int("kernel_type") != 0 || op.InputCount < 20))
            throw op.Refusal("the basic kernel has no counterpart");
        if (op.Name == "UNIDIRECTIONAL_SEQUENCE_LSTM" && op.Options.Flag("diagonal_recurrent_tensors"))
            throw op.Refusal("diagonal recurrent weights have no counterpart");
        var cell = new LstmCell(op);
        if (op.Name == "LSTM")
        {
            op.Result(cell.Step(op.Real(0)), op.OutputCount - 1);
            for (int i = 0; i < op.OutputCount - 1; i++)
                op.Output(i).DefineStored(op.Graph.Constant(Tensor.FromValues(op.Output(i).Tensor.Type.ToGraph(), TensorShape.Of([.. op.Output(i).Tensor.Shape.Select(size => (long)Math.Max(size, 0))]), default)));
            return;
        }
        int time = op.Options.Flag("time_major") ? 0 : 1;
        if (op.Rank(0) != 3)
            throw op.Refusal("its data must have three dimensions");
        int steps = op.Input(0).Tensor.Shape[time];
        if (steps is < 1 or > MostSteps)
            throw op.Refusal($"{steps} steps of time cannot be written one after the other");
        NodeDraft data = op.Graph.Add("Unpack", [op.Real(0)], ("num", steps), ("axis", time));
        var outputs = new Value[steps];
        for (int i = 0; i < steps; i++)
            outputs[i] = cell.Step(new(data, i));
        op.Result(op.Node("Pack", [.. outputs], ("axis", time)), isExact: false);
    }
}

/// <summary>One step of an LSTM; holds its states between steps.</summary>
internal sealed class LstmCell
{
    private const int InputGate = 0, ForgetGate = 1, CellGate = 2, OutputGate = 3;
    private const int Weights = 1, Recurrent = 5, Peephole = 9, Bias = 12, Projection = 16, ProjectionBias = 17, State = 18, Cell = 19, Norm = 20;
    private const float GateScale = 1 / 4096f;
    private const float ActivationScale = 1 / 32768f;
    private const float NormEpsilon = 1e-8f;

    private readonly OperatorReader op;
    private readonly bool isQuantized;
    private readonly bool isHybrid;
    private Value output;
    private Value cell;

    public LstmCell(OperatorReader op)
    {
        this.op = op;
        isQuantized = op.Input(0).IsQuantized;
        isHybrid = !isQuantized && op.Input(Weights + ForgetGate).IsQuantized;
        output = op.Real(State);
        cell = op.Real(Cell);
        if (isQuantized && Enumerable.Range(Norm, 4).Any(op.Has))
            throw op.Refusal("layer normalization of a quantized LSTM has no counterpart");
    }

    /// <summary>The output after a step.</summary>
    /// <param name="x">Real data [batch, inputs].</param>
    public Value Step(Value x)
    {
        Value data = isHybrid ? Round(x) : x;
        Value before = isHybrid ? Round(output) : output;
        Value forget = Sigmoid(Gate(ForgetGate, data, before));
        Value input = op.Has(Weights + InputGate) ? Sigmoid(Gate(InputGate, data, before)) : op.Node("Sub", [op.Graph.Constant(1f), forget]);
        Value update = Activate(Gate(CellGate, data, before));
        cell = op.Node("AddV2", [op.Node("Mul", [forget, cell]), op.Node("Mul", [input, update])]);
        if (op.Options.Real("cell_clip") is > 0 and var limit)
            cell = op.Clip(cell, -limit, limit);
        if (isQuantized && op.Input(Cell).Tensor.Quantization is { } quantization)
            cell = OnGrid(cell, quantization.Scale, 0, short.MinValue, short.MaxValue);
        Value gate = Sigmoid(Gate(OutputGate, data, before));
        Value hidden = op.Node("Mul", [gate, Activate(cell)]);
        if (op.Has(Projection))
            hidden = Project(isHybrid ? Round(hidden) : hidden);
        if (isQuantized && op.Input(State).Tensor.Quantization is { } state)
            hidden = OnGrid(hidden, state.Scale, state.ZeroPoint, sbyte.MinValue, sbyte.MaxValue);
        return output = hidden;
    }

    private Value Gate(int gate, Value data, Value before)
    {
        Value sum = op.Node("AddV2", [Product(data, Weights + gate), Product(before, Recurrent + gate)]);
        int peephole = gate == OutputGate ? Peephole + 2 : Peephole + gate;
        if (gate != CellGate && op.Has(peephole))
            sum = op.Node("AddV2", [sum, op.Node("Mul", [op.Real(peephole), cell])]);
        if (op.Has(Norm + gate))
            sum = op.Node("Mul", [Normalize(sum), op.Real(Norm + gate)]);
        if (op.Has(Bias + gate))
            sum = op.Node("AddV2", [sum, BiasOf(Bias + gate, 0, Weights + gate)]);
        return isQuantized ? OnGrid(sum, GateScale, 0, short.MinValue, short.MaxValue) : sum;
    }

    private Value Product(Value rows, int weights) => op.Node("MatMul", [rows, op.Real(weights)], ("transpose_b", true));

    private Value Project(Value hidden)
    {
        if (isQuantized)
            throw op.Refusal("the projection of a quantized LSTM has no counterpart");
        Value projected = Product(hidden, Projection);
        if (op.Has(ProjectionBias))
            projected = op.Node("AddV2", [projected, op.Real(ProjectionBias)]);
        return op.Options.Real("proj_clip") is > 0 and var limit ? op.Clip(projected, -limit, limit) : projected;
    }

    private Value BiasOf(int bias, int data, int weights)
    {
        if (op.Input(bias).Constant is not { Type: DataType.Int32 } integers)
            return op.Real(bias);
        var quantization = new TfLiteQuantization([op.Input(data).Tensor.Quantization!.Scale * op.Input(weights).Tensor.Quantization!.Scale], [0], 0);
        return op.Graph.Constant(RealValues.Of(integers, quantization, 0), op.Input(bias).Name);
    }

    private Value Normalize(Value sum)
    {
        Value last = op.Graph.Integers(-1);
        Value mean = op.Node("Mean", [sum, last], ("keep_dims", true));
        Value centered = op.Node("Sub", [sum, mean]);
        Value variance = op.Node("Mean", [op.Node("Square", [centered]), last], ("keep_dims", true));
        return op.Node("Mul", [centered, op.Node("Rsqrt", [op.Node("AddV2", [variance, op.Graph.Constant(NormEpsilon)])])]);
    }

    private Value Sigmoid(Value sum) => Activation(op.Node("Sigmoid", [sum]));

    private Value Activate(Value value) => Activation(op.Activate(value));

    private Value Activation(Value value) => isQuantized ? OnGrid(value, ActivationScale, 0, short.MinValue, short.MaxValue) : value;

    private Value OnGrid(Value value, float scale, int zero, int least, int most)
    {
        Value levels = op.Node("Round", [op.Node("RealDiv", [value, op.Graph.Constant(scale)])]);
        return op.Node("Mul", [op.Clip(levels, least - zero, most - zero), op.Graph.Constant(scale)]);
    }

    private Value Round(Value rows) => DynamicQuantization.Round(op, rows, [1], op.Options.Flag("asymmetric_quantize_inputs"));
}
