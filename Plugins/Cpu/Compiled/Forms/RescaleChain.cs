using System.Collections.Immutable;
using TransformFramework.Cpu.Kernels.Quantized;
using TransformFramework.Cpu.Planning;
using TransformFramework.Graphs;

namespace TransformFramework.Cpu.Compiled.Forms;

/// <summary>
/// A requantization to quint8 and what can follow it in one step, as nothing else reads what is between: the addition of constant biases with its own requantization, and
/// QuantizedRelu and its kin.
/// </summary>
internal sealed class RescaleChain
{
    private static readonly int[] AllPorts = [0, 1, 2];

    private readonly PlanGraph graph;
    private readonly List<ProgramNode> nodes = [];

    private RescaleChain(PlanGraph graph, ProgramNode first)
    {
        this.graph = graph;
        First = first;
        Append(first);
    }

    /// <summary>All nodes in the order in which they run.</summary>
    public ImmutableArray<ProgramNode> Nodes => [.. nodes];

    public ProgramNode First { get; }

    /// <summary>The QuantizedBiasAdd after it, or null.</summary>
    public ProgramNode? Bias { get; private set; }

    /// <summary>The requantization of the sums with the bias.</summary>
    public ProgramNode? Second { get; private set; }

    /// <summary>The activation at the end, or null.</summary>
    public ProgramNode? Activation { get; private set; }

    /// <summary>The node whose outputs the chain computes.</summary>
    public ProgramNode Last => nodes[^1];

    /// <summary>The chain that starts with a node.</summary>
    /// <param name="graph">The program.</param>
    /// <param name="first">A requantization.</param>
    /// <param name="takesBias">True when the extents of the channels are known.</param>
    public static RescaleChain Of(PlanGraph graph, ProgramNode first, bool takesBias)
    {
        var chain = new RescaleChain(graph, first);
        if (takesBias)
            chain.TakeBias();
        chain.TakeActivation();
        return chain;
    }

    /// <summary>The RequantizationRange node of the same codes that gives a requantization its range, or null when the range comes from elsewhere.</summary>
    public static ProgramNode? Measure(PlanGraph graph, ProgramNode requantize)
    {
        ReadOnlySpan<TensorSource> inputs = graph.Inputs(requantize);
        ProgramNode producer = graph.Producer(inputs[3]);
        bool isMeasured = producer.Node.Op == "RequantizationRange" && PlanGraph.IsOwn(producer) && inputs[3] == new TensorSource(producer.Index, 0) && inputs[4] == new TensorSource(producer.Index, 1)
            && graph.Inputs(producer).SequenceEqual(inputs[..3]);
        return isMeasured ? producer : null;
    }

    /// <summary>True for a node of this assembly's kernels that waits for nothing but its data.</summary>
    private static bool IsFree(ProgramNode node) => PlanGraph.IsOwn(node) && node.ControlInputs == 0;

    private void Append(ProgramNode requantize)
    {
        if (Measure(graph, requantize) is { } measure)
            nodes.Add(measure);
        nodes.Add(requantize);
    }

    private void TakeBias()
    {
        if (graph.Readers(Last, AllPorts) is not [{ Node.Op: "QuantizedBiasAdd" } bias] || !IsFree(bias) || !TakesCodes(bias) || !IsConstant(bias, 1, 4, 5) || Requantization(bias) is not { } second)
            return;
        Bias = bias;
        Second = second;
        nodes.Add(bias);
        Append(second);
    }

    /// <summary>The only reader of the sums but for the node that measures them.</summary>
    private ProgramNode? Requantization(ProgramNode bias)
    {
        if (graph[graph.Input(bias, 1)].Type != DataType.QUInt8 || graph.Readers(bias, AllPorts) is not { } readers)
            return null;
        ProgramNode? requantize = readers.FirstOrDefault(reader => reader.Node.Op == "Requantize");
        if (requantize is null || !IsFree(requantize) || graph.Input(requantize, 0) != new TensorSource(bias.Index, 0) || graph[new(requantize.Index, 0)].Type != DataType.QUInt8)
            return null;
        ProgramNode? measure = Measure(graph, requantize);
        bool isAlone = readers.All(reader => reader == requantize || reader == measure) && (measure is null ? IsConstant(requantize, 3, 4) : IsFree(measure) && graph.Readers(measure, 0, 1) is [var reader] && reader == requantize);
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

    private bool TakesCodes(ProgramNode bias) => graph.Input(bias, 0) == new TensorSource(Last.Index, 0) && HasRangeOf(bias, Last, 2);

    private bool HasRangeOf(ProgramNode reader, ProgramNode producer, int slot) =>
        graph.Input(reader, slot) == new TensorSource(producer.Index, 1) && graph.Input(reader, slot + 1) == new TensorSource(producer.Index, 2);

    private bool IsConstant(ProgramNode node, params ReadOnlySpan<int> slots)
    {
        foreach (int slot in slots)
        {
            if (graph[graph.Input(node, slot)].Constant is null)
                return false;
        }
        return true;
    }
}
