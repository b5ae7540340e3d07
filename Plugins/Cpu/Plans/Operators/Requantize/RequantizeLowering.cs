using TransformFramework.Cpu.Analysis;
using TransformFramework.Cpu.Kernels.Quantized.Arithmetic;
using TransformFramework.Cpu.Kernels.Quantized.Conversions;
using TransformFramework.Cpu.Kernels.Quantized.Ranges;
using TransformFramework.Graphs;

namespace TransformFramework.Cpu.Plans.Operators.Requantize;

/// <summary>Requantize to quint8 of quantized values whose ranges an earlier operator has found, with what follows it; the node that measures the quantized values is not run.</summary>
[Fusion("RequantizationRange", "Maximum", "Requantize")]
internal sealed class RequantizeLowering : ILowering
{
    public bool IsExact => true;

    public bool TryLower(AnalyzedNode node, PlanBuilder builder)
    {
        PlanGraph graph = builder.Graph;
        if (node.Node.Op == "RequantizationRange")
            return graph.Readers(node, 0, 1) is { } readers && readers.All(reader => reader.Node.Op == "Requantize" ? IsFoundBy(builder, reader, node) : IsFloor(builder, reader));
        if (node.Node.Op == "Maximum")
            return IsFloor(builder, node);
        if (!Takes(builder, node))
            return false;
        AccumulatorRange accumulatorRange = builder.AccumulatorRanges[graph.Input(node, 0)];
        Add(builder, RequantizeChain.Of(graph, node, takesBias: accumulatorRange.Columns > 1), accumulatorRange);
        return true;
    }

    /// <summary>True for a Maximum that only bounds the ranges of requantizations that find them themselves.</summary>
    private static bool IsFloor(PlanBuilder builder, AnalyzedNode node) =>
        node.Node.Op == "Maximum" && builder.Graph.Readers(node, 0) is { Length: > 0 } readers && readers.All(reader => reader.Node.Op == "Requantize" && IsFoundBy(builder, reader, node));

    /// <summary>True when a requantization needs no run of a node, since it finds its range itself.</summary>
    private static bool IsFoundBy(PlanBuilder builder, AnalyzedNode requantize, AnalyzedNode node) =>
        MeasuredRange.Of(builder.Graph, requantize) is { } range && (range.Measure == node || range.Floor == node) && Takes(builder, requantize);

    private static bool Takes(PlanBuilder builder, AnalyzedNode requantize)
    {
        PlanGraph graph = builder.Graph;
        TensorSource quantized = graph.Input(requantize, 0);
        return PlanGraph.IsOwn(requantize) && builder.AccumulatorRanges.ContainsKey(quantized) && graph.Input(requantize, 1) == new TensorSource(quantized.Node, 1) && graph.Input(requantize, 2) == new TensorSource(quantized.Node, 2)
            && graph[new(requantize.Index, 0)] is { IsStatic: true, Type: DataType.QUInt8 } && graph[graph.Input(requantize, 3)].IsStaticFloat && graph[graph.Input(requantize, 4)].IsStaticFloat;
    }

    private static void Add(PlanBuilder builder, RequantizeChain chain, AccumulatorRange accumulatorRange)
    {
        PlanGraph graph = builder.Graph;
        TensorSource source = graph.Input(chain.First, 0);
        PlanBuffer read = builder.Tensors.Read(source);
        RangeBuffers given = builder.Tensors.ReadRange(graph.Input(chain.First, 1), graph.Input(chain.First, 2));
        RequestedRange first = Requested(builder, chain.First);
        RequestedRange? second = chain.Second is null ? null : Requested(builder, chain.Second);
        RequantizeBias? bias = chain.Bias is null ? null : Bias(graph, chain.Bias);
        var quantized = new TensorSource(chain.Last.Index, 0);
        PlanBuffer target = builder.Tensors.Write(quantized);
        RangeBuffers result = builder.Tensors.WriteRange(new(chain.Last.Index, 1), new(chain.Last.Index, 2));
        var reference = ReferenceChain.Of(builder, chain.Nodes, (quantized, target), (new(chain.Last.Index, 1), result.Min), (new(chain.Last.Index, 2), result.Max));
        foreach (AnalyzedNode node in chain.Nodes)
            builder.Absorb(node);
        builder.Add(new RequantizeOperator(builder.Kernels.Int8Vectors, graph[source].Shape.ElementCount, new(read, given, accumulatorRange, first, second, target, result), bias, Clamp(graph, chain.Activation), reference) { Node = chain.First.Node });
    }

    private static RequestedRange Requested(PlanBuilder builder, AnalyzedNode requantize) => MeasuredRange.Of(builder.Graph, requantize) is { } range
        ? new(null, range.LeastMax)
        : new(builder.Tensors.ReadRange(builder.Graph.Input(requantize, 3), builder.Graph.Input(requantize, 4)), float.NegativeInfinity);

    private static RequantizeBias Bias(PlanGraph graph, AnalyzedNode bias) =>
        new(graph[graph.Input(bias, 1)].Constant!.Bytes.ToArray(), QuantizationRange.Read([graph[graph.Input(bias, 4)].Constant!, graph[graph.Input(bias, 5)].Constant!], 0).Flushed);

    private static QuantizedClamp? Clamp(PlanGraph graph, AnalyzedNode? activation) => activation?.Node.Op switch
    {
        null => null,
        "QuantizedRelu" => new(null),
        "QuantizedRelu6" => new(QuantizedActivations.Six),
        _ => new(QuantizationRange.First([graph[graph.Input(activation, 1)].Constant!], 0)),
    };
}
