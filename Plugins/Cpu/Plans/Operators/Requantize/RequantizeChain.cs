using System.Collections.Immutable;
using TransformFramework.Cpu.Analysis;
using TransformFramework.Cpu.Kernels.Quantized.Arithmetic;
using TransformFramework.Cpu.Kernels.Quantized.Ranges;
using TransformFramework.Graphs;

namespace TransformFramework.Cpu.Plans.Operators.Requantize;

/// <summary>
/// A requantization to quint8 and what can follow it in one operator, as nothing else reads what is between: the addition of constant biases with its own requantization, and
/// QuantizedRelu and its kin.
/// </summary>
internal sealed class RequantizeChain
{
    private static readonly int[] AllPorts = [0, 1, 2];

    private readonly PlanGraph graph;
    private readonly List<AnalyzedNode> nodes = [];

    private RequantizeChain(PlanGraph graph, AnalyzedNode first)
    {
        this.graph = graph;
        First = first;
        Append(first);
    }

    /// <summary>All nodes in the order in which they run.</summary>
    public ImmutableArray<AnalyzedNode> Nodes => [.. nodes];

    public AnalyzedNode First { get; }

    /// <summary>The QuantizedBiasAdd after it, or null.</summary>
    public AnalyzedNode? Bias { get; private set; }

    /// <summary>The requantization of the accumulators with the bias.</summary>
    public AnalyzedNode? Second { get; private set; }

    /// <summary>The activation at the end, or null.</summary>
    public AnalyzedNode? Activation { get; private set; }

    /// <summary>The node whose outputs the chain computes.</summary>
    public AnalyzedNode Last => nodes[^1];

    /// <summary>The chain that starts with a node.</summary>
    /// <param name="graph">The graph.</param>
    /// <param name="first">A requantization.</param>
    /// <param name="takesBias">True when the ranges of the channels are known.</param>
    public static RequantizeChain Of(PlanGraph graph, AnalyzedNode first, bool takesBias)
    {
        var chain = new RequantizeChain(graph, first);
        if (takesBias)
            chain.TakeBias();
        chain.TakeActivation();
        return chain;
    }

    /// <summary>True for a node of this assembly's kernels that waits for nothing but its data.</summary>
    private static bool IsFree(AnalyzedNode node) => PlanGraph.IsOwn(node) && node.ControlInputs == 0;

    private void Append(AnalyzedNode requantize)
    {
        if (MeasuredRange.Of(graph, requantize) is { } range)
            nodes.AddRange(range.Floor is null ? [range.Measure] : [range.Measure, range.Floor]);
        nodes.Add(requantize);
    }

    private void TakeBias()
    {
        if (graph.Readers(Last, AllPorts) is not [{ Node.Op: "QuantizedBiasAdd" } bias] || !IsFree(bias) || !TakesQuantized(bias) || !IsConstant(bias, 1, 4, 5) || Requantization(bias) is not { } second)
            return;
        Bias = bias;
        Second = second;
        nodes.Add(bias);
        Append(second);
    }

    /// <summary>The only consumer of the accumulators but for the node that measures them.</summary>
    private AnalyzedNode? Requantization(AnalyzedNode bias)
    {
        if (graph[graph.Input(bias, 1)].Type != DataType.QUInt8 || graph.Readers(bias, AllPorts) is not { } readers)
            return null;
        AnalyzedNode? requantize = readers.FirstOrDefault(reader => reader.Node.Op == "Requantize");
        if (requantize is null || !IsFree(requantize) || graph.Input(requantize, 0) != new TensorSource(bias.Index, 0) || graph[new(requantize.Index, 0)].Type != DataType.QUInt8)
            return null;
        MeasuredRange? range = MeasuredRange.Of(graph, requantize);
        bool isAlone = readers.All(reader => reader == requantize || reader == range?.Measure) && (range is null ? IsConstant(requantize, 3, 4) : IsFree(range.Measure) && (range.Floor is null || IsFree(range.Floor)) && range.IsReadOnlyBy(graph, requantize));
        return isAlone && HasRangeOf(requantize, bias, 1) ? requantize : null;
    }

    private void TakeActivation()
    {
        bool isActivation = graph.Readers(Last, AllPorts) is [{ Node.Op: "QuantizedRelu" or "QuantizedRelu6" or "QuantizedReluX" } activation] && IsFree(activation) && graph.Input(activation, 0) == new TensorSource(Last.Index, 0)
            && HasRangeOf(activation, Last, activation.DataInputs - 2) && (activation.Node.Op != "QuantizedReluX" || IsConstant(activation, 1)) && graph[new(activation.Index, 0)].Type == DataType.QUInt8;
        if (!isActivation)
            return;
        Activation = graph.Readers(Last, AllPorts)![0];
        nodes.Add(Activation);
    }

    private bool TakesQuantized(AnalyzedNode bias) => graph.Input(bias, 0) == new TensorSource(Last.Index, 0) && HasRangeOf(bias, Last, 2);

    private bool HasRangeOf(AnalyzedNode reader, AnalyzedNode producer, int slot) =>
        graph.Input(reader, slot) == new TensorSource(producer.Index, 1) && graph.Input(reader, slot + 1) == new TensorSource(producer.Index, 2);

    private bool IsConstant(AnalyzedNode node, params ReadOnlySpan<int> slots)
    {
        foreach (int slot in slots)
        {
            if (graph[graph.Input(node, slot)].Constant is null)
                return false;
        }
        return true;
    }
}
