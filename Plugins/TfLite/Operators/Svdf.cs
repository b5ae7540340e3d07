using TransformFramework.Graphs;
using TransformFramework.TfLite.Reading;
using TransformFramework.TfLite.Schema;

namespace TransformFramework.TfLite.Operators;

/// <summary>
/// Recurrent layers of one step. Each run begins with a state of zero, as a freshly loaded interpreter does.
/// <code>
/// SVDF(x, features, times, b) {rank}   →   act(Σ over rank (x · featuresᵀ) · last column of times + b)
/// RNN(x, w, r, b, h)                   →   act(x · wᵀ + h · rᵀ + b);   UNIDIRECTIONAL_SEQUENCE_RNN step by step
/// </code>
/// </summary>
[OperatorConverter("SVDF", "RNN", "UNIDIRECTIONAL_SEQUENCE_RNN")]
internal sealed class Svdf : OperatorConverter
{
    private const int MostSteps = 4096;

    public override void Read(OperatorReader op)
    {
        if (op.Name == "SVDF")
            op.Result(op.Activate(Filter(op)), op.OutputCount - 1);
        else if (op.Name == "RNN")
            op.Result(Step(op, op.Real(0), op.Real(4)), op.OutputCount - 1);
        else
            op.Result(Sequence(op));
    }

    private static Value Filter(OperatorReader op)
    {
        if (op.Input(2).Tensor.Shape is not [var filters, var memory] || op.Options.Int("rank") is not (>= 1 and var rank) || filters % rank != 0 || memory < 1)
            throw op.Refusal("its weights do not fit its rank");
        bool isHybrid = !op.Input(0).IsQuantized && op.Input(1).IsQuantized;
        Value x = isHybrid ? DynamicQuantization.Round(op, op.Real(0), [1], op.Options.Flag("asymmetric_quantize_inputs")) : op.Real(0);
        Value features = op.Node("MatMul", [x, op.Real(1)], ("transpose_b", true));
        if (op.Input(4).Tensor is { Type: TensorType.Int16, Quantization: { } state })
        {
            Value levels = op.Node("Round", [op.Node("RealDiv", [features, op.Graph.Constant(state.Scale)])]);
            features = op.Node("Mul", [op.Clip(levels, short.MinValue, short.MaxValue), op.Graph.Constant(state.Scale)]);
        }
        Value last = op.Node("Slice", [op.Real(2), op.Graph.Integers(0, memory - 1), op.Graph.Integers(filters, 1)]);
        Value weighted = op.Node("Mul", [features, op.Node("Reshape", [last, op.Graph.Integers(1, filters)])]);
        Value grouped = op.Node("Reshape", [weighted, op.Graph.Integers(-1, filters / rank, rank)]);
        Value sum = op.Node("Sum", [grouped, op.Graph.Integers(2)]);
        return op.Has(3) ? op.Node("BiasAdd", [sum, Bias(op)]) : sum;
    }

    private static Value Bias(OperatorReader op)
    {
        TensorViews bias = op.Input(3);
        if (bias.Constant is not { Type: DataType.Int32 } integers || bias.Tensor.Quantization is not { } quantization)
            return bias.Real;
        return op.Graph.Constant(RealValues.Of(integers, quantization, 0), bias.Name);
    }

    private static Value Step(OperatorReader op, Value x, Value state)
    {
        Value sum = op.Node("AddV2", [op.Node("MatMul", [x, op.Real(1)], ("transpose_b", true)), op.Node("MatMul", [state, op.Real(2)], ("transpose_b", true))]);
        return op.Activate(op.Node("BiasAdd", [sum, op.Real(3)]));
    }

    private static Value Sequence(OperatorReader op)
    {
        int time = op.Options.Flag("time_major") ? 0 : 1;
        int steps = op.Rank(0) == 3 ? op.Input(0).Tensor.Shape[time] : 0;
        if (steps is < 1 or > MostSteps)
            throw op.Refusal($"{steps} steps of time cannot be written one after the other");
        NodeDraft data = op.Graph.Add("Unpack", [op.Real(0)], ("num", steps), ("axis", time));
        var outputs = new Value[steps];
        Value state = op.Real(4);
        for (int i = 0; i < steps; i++)
            outputs[i] = state = Step(op, new(data, i), state);
        return op.Node("Pack", [.. outputs], ("axis", time));
    }
}
