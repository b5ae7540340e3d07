using System.Collections.Immutable;
using TransformFramework.Graphs;
using TransformFramework.Keras.Building;

namespace TransformFramework.Keras.Layers;

/// <summary>A matrix product with the signs of the weights whose magnitude is above a threshold; without one, half the mean magnitude, and the product is multiplied by that mean.</summary>
[KerasLayer("TernaryDense")]
internal sealed class TernaryDenseLayer : Layer
{
    private readonly long units;
    private readonly double? threshold;
    private readonly Variable kernel;
    private readonly Variable? bias;
    private readonly Activation activation;

    public TernaryDenseLayer(LayerSource source)
        : base(source)
    {
        units = Configuration.Count("units");
        threshold = Configuration.Optional("threshold");
        activation = ActivationOf("activation");
        kernel = Weight("kernel");
        bias = WeightIf(Configuration.Flag("use_bias", true), "bias");
    }

    protected override ImmutableArray<Symbol> Compute(LayerCall call)
    {
        GraphBuilder graph = call.Graph;
        Symbol x = call.Input;
        long size = x.KnownDimension(-1);
        double[] weights = Tensors.Doubles(LayerCall.Check(kernel, [size, units]));
        double mean = weights.Select(Math.Abs).DefaultIfEmpty(0).Average();
        double limit = threshold ?? 0.5 * mean;
        Symbol signs = graph.Constant("mul", Tensors.Of(x.Type, TensorShape.Of(size, units), [.. weights.Select(weight => Math.Abs(weight) > limit ? Math.Sign(weight) : 0.0)]));
        ImmutableArray<Dimension> outer = graph.DimensionsOf(x)[..^1];
        Symbol y = x.Rank == 2 ? graph.MatMul(x, signs) : graph.Reshape(graph.MatMul(graph.Reshape(x, [-1, size]), signs), [.. outer, units], "Reshape_1");
        if (threshold is null)
            y = graph.Multiply(y, mean);
        if (bias is not null)
            y = graph.BiasAdd(y, call.Read(bias, "BiasAdd/ReadVariableOp", units));
        return [activation.Apply(graph, y)];
    }
}
