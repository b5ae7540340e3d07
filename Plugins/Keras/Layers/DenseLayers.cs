using System.Collections.Immutable;
using TransformFramework.Graphs;
using TransformFramework.Keras.Building;

namespace TransformFramework.Keras.Layers;

/// <summary>A matrix product over the last axis: MatMul for matrices, Tensordot's nodes for more axes.</summary>
[KerasLayer("Dense")]
internal sealed class DenseLayer : Layer
{
    private readonly long units;
    private readonly Variable kernel;
    private readonly Variable? bias;
    private readonly Activation activation;

    public DenseLayer(LayerSource source)
        : base(source)
    {
        units = Configuration.Count("units");
        if (Configuration.Has("lora_rank"))
            throw Unsupported("LoRA weights are not read; merge them before saving");
        activation = ActivationOf("activation");
        kernel = Weight("kernel");
        bias = WeightIf(Configuration.Flag("use_bias", true), "bias");
    }

    protected override ImmutableArray<Symbol> Compute(LayerCall call)
    {
        GraphBuilder graph = call.Graph;
        Symbol x = graph.Cast(call.Input, Policy.Compute);
        if (x.Rank < 1)
            throw KerasException.Configuration("its input is a scalar");
        long size = x.KnownDimension(-1);
        Symbol y = x.Rank == 2 ? graph.MatMul(x, call.Read(kernel, "MatMul/ReadVariableOp", size, units)) : Tensordot(graph, x, call.Read(kernel, "Tensordot/ReadVariableOp", size, units));
        if (bias is not null)
            y = graph.BiasAdd(y, call.Read(bias, "BiasAdd/ReadVariableOp", units));
        return [activation.Apply(graph, y)];
    }

    /// <summary>Reshape, MatMul, Reshape; TensorFlow's Tensordot without the nodes that only compute constants.</summary>
    private Symbol Tensordot(GraphBuilder graph, Symbol x, Symbol weights)
    {
        using (graph.Open("Tensordot"))
        {
            ImmutableArray<Dimension> outer = x.Rank == 1 ? [] : graph.DimensionsOf(x)[..^1];
            Symbol rows = graph.Reshape(x, [-1, x.KnownDimension(-1)]);
            return graph.Reshape(graph.MatMul(rows, weights), [.. outer, units], "Reshape_1");
        }
    }
}

/// <summary>A product by an equation.</summary>
[KerasLayer("EinsumDense")]
internal sealed class EinsumDenseLayer : Layer
{
    private readonly string equation;
    private readonly Variable kernel;
    private readonly Variable? bias;
    private readonly string biasAxes;
    private readonly Activation activation;

    public EinsumDenseLayer(LayerSource source)
        : base(source)
    {
        equation = Configuration.Text("equation").Replace(" ", "", StringComparison.Ordinal);
        biasAxes = Configuration.Text("bias_axes", "");
        activation = ActivationOf("activation");
        kernel = Weight("kernel");
        bias = WeightIf(biasAxes.Length > 0, "bias");
    }

    protected override bool PassesMask => false;

    protected override ImmutableArray<Symbol> Compute(LayerCall call)
    {
        Symbol y = EinsumProduct.Apply(call, equation, kernel, bias, biasAxes);
        return [activation.Apply(call.Graph, y)];
    }
}

/// <summary>The product that EinsumDense and the projections of attention layers share.</summary>
internal static class EinsumProduct
{
    /// <summary>Einsum of the input with the kernel, and the bias on the axes that it has.</summary>
    public static Symbol Apply(LayerCall call, string equation, Variable kernel, Variable? bias, string biasAxes)
    {
        string[] sides = equation.Split("->");
        string[] operands = sides[0].Split(',');
        if (sides.Length != 2 || operands.Length != 2)
            throw KerasException.Configuration($"the equation '{equation}' is not one of an input and a kernel");
        Symbol weights = call.Read(kernel, "einsum/Einsum/ReadVariableOp", [.. operands[1].Select(_ => -1L)]);
        Symbol y = call.Graph.Einsum(equation, [call.Input, weights]);
        if (bias is null)
            return y;
        string output = sides[1].Replace("...", "", StringComparison.Ordinal);
        long[] shape = [.. output[output.Select((label, i) => (label, i)).First(pair => biasAxes.Contains(pair.label, StringComparison.Ordinal)).i..].Select(label => biasAxes.Contains(label, StringComparison.Ordinal) ? -1L : 1L)];
        return call.Graph.Add(y, call.Read(bias, "add/ReadVariableOp", shape));
    }
}
