using System.Collections.Immutable;
using TransformFramework.Cpu.Analysis;
using TransformFramework.Cpu.Kernels;
using TransformFramework.Cpu.Kernels.Quantized.Gemm;
using TransformFramework.Graphs;

namespace TransformFramework.Cpu.Plans.Operators.QuantizedConv2D;

/// <summary>
/// What alone reads the accumulators of a convolution: Bitcast, Cast and Mul by a constant of each channel, which make them real values, then perhaps the addition of a tensor and Relu or Relu6; or
/// RequantizePerChannel of constant ranges.
/// </summary>
/// <param name="Nodes">The nodes, in order.</param>
/// <param name="PostOps">What they do together.</param>
internal sealed record AccumulatorChain(ImmutableArray<AnalyzedNode> Nodes, PostOps PostOps)
{
    private const float AccumulatorSteps = 2147483648;
    private const float Levels = 127;
    private const float Six = 6;

    /// <summary>Products of smaller units could be denormal.</summary>
    private const float SmallestUnit = 1e-30f;

    /// <summary>The chain after a convolution; null when something else follows.</summary>
    public static AccumulatorChain? Of(PlanBuilder builder, AnalyzedNode convolution)
    {
        PlanGraph graph = builder.Graph;
        var accumulators = new TensorSource(convolution.Index, 0);
        return Next(graph, accumulators) is not { } first ? null
            : first.Node.Op == "RequantizePerChannel" ? Requantized(graph, first, accumulators)
            : first.Node.Op == "Bitcast" ? RealValues(builder, first)
            : null;
    }

    private static AnalyzedNode? Next(PlanGraph graph, TensorSource source) => graph.OnlyReader(source) is { ControlInputs: 0 } reader && PlanGraph.IsOwn(reader) ? reader : null;

    private static AccumulatorChain? RealValues(PlanBuilder builder, AnalyzedNode bitcast)
    {
        PlanGraph graph = builder.Graph;
        if (graph[new(bitcast.Index, 0)].Type != DataType.Int32 || Next(graph, new(bitcast.Index, 0)) is not { Node.Op: "Cast" } cast || !graph[new(cast.Index, 0)].IsStaticFloat
            || Next(graph, new(cast.Index, 0)) is not { Node.Op: "Mul" } product || UnitsOf(graph, product, new(cast.Index, 0)) is not { } units)
            return null;
        var output = new TensorSource(product.Index, 0);
        return new AccumulatorChain([bitcast, cast, product], new PostOps(output, units.Length).Multiply(units.Map(unit => (double)unit))).WithResidual(builder).WithActivation(graph);
    }

    private static float[]? UnitsOf(PlanGraph graph, AnalyzedNode product, TensorSource values)
    {
        TensorShape shape = graph[values].Shape;
        int channels = (int)shape[shape.Rank - 1];
        TensorSource other = graph.Input(product, graph.Input(product, 0) == values ? 1 : 0);
        if (graph[other].Constant is not { Type: DataType.Float } constant || constant.Shape.Rank > shape.Rank || !constant.ToSingles().AllAre(unit => float.IsFinite(unit) && Math.Abs(unit) >= SmallestUnit))
            return null;
        float[] units = constant.ToSingles();
        return units.Length == 1 ? [.. Enumerable.Repeat(units[0], channels)]
            : units.Length == channels && constant.Shape[constant.Shape.Rank - 1] == channels ? units
            : null;
    }

    private AccumulatorChain WithResidual(PlanBuilder builder)
    {
        PlanGraph graph = builder.Graph;
        TensorSource output = PostOps.Output;
        if (Next(graph, output) is not { Node.Op: "Add" or "AddV2" } sum)
            return this;
        TensorSource other = graph.Input(sum, graph.Input(sum, 0) == output ? 1 : 0);
        bool fits = graph[other] is { IsStaticFloat: true, Constant: null } && graph[other].Shape.Equals(graph[output].Shape) && builder.Tensors.IsComputed(other);
        return fits ? With(sum, PostOps.AddTensor(other)) : this;
    }

    private AccumulatorChain WithActivation(PlanGraph graph) => Next(graph, PostOps.Output) switch
    {
        { Node.Op: "Relu" } relu => With(relu, PostOps.Clamp(0, float.PositiveInfinity)),
        { Node.Op: "Relu6" } relu => With(relu, PostOps.Clamp(0, Six)),
        _ => this,
    };

    private AccumulatorChain With(AnalyzedNode node, PostOps post) => new(Nodes.Add(node), post with { Output = new(node.Index, 0) });

    private static AccumulatorChain? Requantized(PlanGraph graph, AnalyzedNode node, TensorSource accumulators)
    {
        TensorSource[] inputs = graph.Inputs(node).ToArray();
        bool fits = inputs[0] == accumulators && graph[new(node.Index, 0)] is { IsStatic: true, Type: DataType.QInt8 } && inputs[1..].All(source => graph[source].Constant is { Type: DataType.Float })
            && !graph.IsWanted(new(node.Index, 1)) && !graph.IsWanted(new(node.Index, 2));
        TensorShape shape = graph[accumulators].Shape;
        int channels = (int)shape[shape.Rank - 1];
        if (!fits || graph[inputs[1]].Constant!.ElementCount != channels || graph[inputs[2]].Constant!.ElementCount != channels || graph[inputs[3]].Constant!.ElementCount != 1 || graph[inputs[4]].Constant!.ElementCount != 1)
            return null;
        float result = Magnitudes(graph, inputs, 3)[0];
        float[] scales = Magnitudes(graph, inputs, 1).Map(end => Levels * (end / result) / AccumulatorSteps);
        return scales.AllAre(float.IsNormal) ? new([node], PostOps.OfRequantization(new(node.Index, 0), new(scales, 0, sbyte.MinValue, sbyte.MaxValue))) : null;
    }

    private static float[] Magnitudes(PlanGraph graph, TensorSource[] inputs, int slot) =>
        [.. graph[inputs[slot]].Constant!.ToSingles().Zip(graph[inputs[slot + 1]].Constant!.ToSingles(), (min, max) => Math.Max(Math.Abs(min), Math.Abs(max)))];
}
