using TransformFramework.Cpu.Compiled.Steps;
using TransformFramework.Cpu.Kernels.Quantized;
using TransformFramework.Cpu.Planning;
using TransformFramework.Graphs;

namespace TransformFramework.Cpu.Compiled.Forms;

/// <summary>Requantize to quint8 of codes whose extents an earlier step has found, with what follows it; the node that measures the codes is not run.</summary>
internal sealed class RequantizeForm : IFastForm
{
    public bool IsExact => true;

    public bool TryLower(ProgramNode node, PlanBuilder builder)
    {
        PlanGraph graph = builder.Graph;
        if (node.Node.Op == "RequantizationRange")
            return graph.Readers(node, 0, 1) is { } readers && readers.All(reader => reader.Node.Op == "Requantize" && RescaleChain.Measure(graph, reader) == node && Takes(builder, reader));
        if (!Takes(builder, node))
            return false;
        CodeExtents extents = builder.Extents[graph.Input(node, 0)];
        Add(builder, RescaleChain.Of(graph, node, takesBias: extents.Columns > 1), extents);
        return true;
    }

    private static bool Takes(PlanBuilder builder, ProgramNode requantize)
    {
        PlanGraph graph = builder.Graph;
        TensorSource codes = graph.Input(requantize, 0);
        return PlanGraph.IsOwn(requantize) && builder.Extents.ContainsKey(codes) && graph.Input(requantize, 1) == new TensorSource(codes.Node, 1) && graph.Input(requantize, 2) == new TensorSource(codes.Node, 2)
            && graph[new(requantize.Index, 0)] is { IsStatic: true, Type: DataType.QUInt8 } && graph[graph.Input(requantize, 3)].IsStaticFloat && graph[graph.Input(requantize, 4)].IsStaticFloat;
    }

    private static void Add(PlanBuilder builder, RescaleChain chain, CodeExtents extents)
    {
        PlanGraph graph = builder.Graph;
        TensorSource source = graph.Input(chain.First, 0);
        PlanBuffer read = builder.Read(source);
        PlanRange given = builder.ReadRange(graph.Input(chain.First, 1), graph.Input(chain.First, 2));
        PlanRange? first = Requested(builder, chain.First);
        PlanRange? second = chain.Second is null ? null : Requested(builder, chain.Second);
        RescaleBias? bias = chain.Bias is null ? null : Bias(graph, chain.Bias);
        var codes = new TensorSource(chain.Last.Index, 0);
        PlanBuffer target = builder.Write(codes);
        PlanRange result = builder.WriteRange(new(chain.Last.Index, 1), new(chain.Last.Index, 2));
        var reference = ReferenceChain.Of(builder, chain.Nodes, (codes, target), (new(chain.Last.Index, 1), result.Min), (new(chain.Last.Index, 2), result.Max));
        foreach (ProgramNode node in chain.Nodes)
            builder.Absorb(node);
        builder.Add(new RescaleStep(builder.Kernels.Conversions, graph[source].Shape.ElementCount, new(read, given, extents, first, second, target, result), bias, Clamp(graph, chain.Activation), reference) { Node = chain.First.Node });
    }

    /// <summary>The range that a requantization is given, or null when it is measured.</summary>
    private static PlanRange? Requested(PlanBuilder builder, ProgramNode requantize) =>
        RescaleChain.Measure(builder.Graph, requantize) is null ? builder.ReadRange(builder.Graph.Input(requantize, 3), builder.Graph.Input(requantize, 4)) : null;

    private static RescaleBias Bias(PlanGraph graph, ProgramNode bias) =>
        new(graph[graph.Input(bias, 1)].Constant!.Bytes.ToArray(), CodeRange.Read([graph[graph.Input(bias, 4)].Constant!, graph[graph.Input(bias, 5)].Constant!], 0).Flushed);

    private static CodeClamp? Clamp(PlanGraph graph, ProgramNode? activation) => activation?.Node.Op switch
    {
        null => null,
        "QuantizedRelu" => new(null),
        "QuantizedRelu6" => new(QuantizedActivations.Six),
        _ => new(CodeRange.First([graph[graph.Input(activation, 1)].Constant!], 0)),
    };
}
