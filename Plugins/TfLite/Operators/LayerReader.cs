using TransformFramework.Graphs;
using TransformFramework.TfLite.Reading;
using TransformFramework.TfLite.Schema;

namespace TransformFramework.TfLite.Operators;

/// <summary>Data, weights and bias of operators that multiply weights, as their float ops read them.</summary>
internal sealed class LayerReader(OperatorReader op, int data, int weights, int bias)
{
    private TensorViews Weights => op.Input(weights) is { Constant: not null, Tensor: { Type: TensorType.Int8, Quantization: { } quantization } } && quantization.ZeroPoints.Any(zero => zero != 0)
        ? throw op.Refusal("its int8 weights have a zero point other than 0")
        : op.Input(weights).Origin ?? op.Input(weights);

    /// <summary>True for 8-bit weights of float data.</summary>
    public bool IsHybrid => op.Input(data).Tensor.Type == TensorType.Float32 && op.Input(weights).IsQuantized && Weights.Constant is not null;

    /// <summary>The weights as they are, in the file's order.</summary>
    public Value Unchanged => Weights.Constant is { } constant ? Constant(constant, Weights.Tensor.Quantization?.Dimension ?? 0) : op.Real(weights);

    /// <summary>The elements of the weights, when they are constant.</summary>
    public Tensor? Elements => Weights.Constant;

    /// <summary>True when weights have a scale for each output channel.</summary>
    public bool IsPerChannel => Weights.Tensor.Quantization is { IsPerTensor: false };

    /// <summary>Sizes of the weights' dimensions.</summary>
    public System.Collections.Immutable.ImmutableArray<int> WeightsShape => Weights.Tensor.Shape;

    /// <summary>The data; of hybrid operators rounded row by row.</summary>
    /// <param name="axes">Axes of a row.</param>
    /// <param name="isAsymmetric">How hybrid operators round.</param>
    public Value Data(int[] axes, bool isAsymmetric) => IsHybrid ? DynamicQuantization.Round(op, op.Real(data), axes, isAsymmetric) : op.Real(data);

    /// <summary>The weights with their dimensions in another order.</summary>
    public Value Ordered(params int[] order)
    {
        if (Weights.Tensor.Shape.Length != order.Length)
            throw op.Refusal($"its weights have {Weights.Tensor.Shape.Length} dimensions, not {order.Length}");
        if (Weights.Constant is not { } constant)
            return op.Node("Transpose", [op.Real(weights), op.Graph.Integers(order)]);
        return Constant(TensorLayout.Transpose(constant, order), Array.IndexOf(order, Weights.Tensor.Quantization?.Dimension ?? 0));
    }

    /// <summary>Rearranged constant weights.</summary>
    /// <param name="elements">The elements, of the file's type.</param>
    /// <param name="dimension">The dimension that scales belong to.</param>
    public Value Constant(Tensor elements, int dimension) => Weights.IsQuantized ? Weights.ConstantReal(elements, dimension, Scales)
        : elements.Type == DataType.Half ? op.Node("Cast", [op.Graph.Constant(elements, Weights.Name)], ("DstT", DataType.Float))
        : op.Graph.Constant(elements, Weights.Name);

    /// <summary>A value with the bias added, when there is one.</summary>
    public Value AddBias(Value value)
    {
        if (!op.Has(bias))
            return value;
        return op.Node("BiasAdd", [value, Bias()]);
    }

    /// <summary>The scales of weights of int16 data, where the integer kernel knows the factor from sums of 64 bits to results by 16 bits only; null for those in the file.</summary>
    private TfLiteQuantization? Scales => Weights.Tensor.Quantization is { } weightQuantization && op.Input(data).Tensor is { Type: TensorType.Int16, Quantization: { } from }
        && op.Output().Tensor is { Type: TensorType.Int16, Quantization: { } to } && !(op.Has(bias) && op.Input(bias).Tensor.Type == TensorType.Int32)
        ? weightQuantization with { Scales = [.. weightQuantization.Scales.Select(scale => Quantization16.Reduced(scale, (double)from.Scale, (double)to.Scale))] } : null;

    private Value Bias()
    {
        TensorViews input = op.Input(bias);
        if (input.Constant is not { Type: DataType.Int32 or DataType.Int64 } integers)
            return input.Real;
        if (op.Input(data).Tensor.Quantization is not { } dataQuantization || Weights.Tensor.Quantization is not { } weightQuantization)
            throw op.Refusal("its bias is of integers, but its data or weights have no scale");
        var scales = (Scales ?? weightQuantization).Scales.Select(scale => (float)((double)scale * dataQuantization.Scale));
        var quantization = new TfLiteQuantization([.. scales], [.. weightQuantization.Scales.Select(_ => 0L)], 0);
        if (integers.ElementCount % quantization.Scales.Length != 0)
            throw op.Refusal($"its bias has {integers.ElementCount} elements for {quantization.Scales.Length} channels");
        return op.Graph.Constant(RealValues.Of(integers, quantization, 0), input.Name);
    }
}
