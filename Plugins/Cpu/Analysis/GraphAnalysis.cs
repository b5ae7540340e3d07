using System.Collections.Immutable;
using TransformFramework.Execution;
using TransformFramework.Graphs;
using TransformFramework.Toolkit.Ops;

namespace TransformFramework.Cpu.Analysis;

/// <summary>The part of a graph that some outputs need, with every reference resolved. Immutable after building.</summary>
public sealed class GraphAnalysis(ImmutableArray<AnalyzedNode> nodes, ImmutableArray<LoopFrame> frames, ImmutableArray<string> outputs, ImmutableArray<TensorSource> outputSources)
{
    public ImmutableArray<AnalyzedNode> Nodes { get; } = nodes;

    /// <summary>
    /// True when real values are turned into quantized values as the original tool has it, by ranges found in the run or by fake quantization: then the last bit of a number may decide over a quantized value, and
    /// everything is to be rounded as in the original's kernels. Fused ops with fixed ranges, which the original never writes, mark graphs that are held to no such bits.
    /// </summary>
    public bool Quantizes { get; init; } = nodes.Any(node => node.Kind == NodeKind.Kernel && OriginalQuantization.IsPart(node.Node)) && !nodes.Any(node => OpTraitTable.Has(node.Node.Op, OpTraits.RequantizesByGivenRange));

    /// <summary>True when some nodes run more or less often than once: there are loops or branches.</summary>
    public bool HasControlFlow { get; } = frames.Length > 1 || nodes.Any(node => node.Kind is not (NodeKind.Kernel or NodeKind.Constant or NodeKind.NoOp or NodeKind.Feed or NodeKind.Placeholder));

    /// <summary>True when the types of some results are known only once they are computed, since no plugin declares the op.</summary>
    public bool HasUndeclaredOps { get; } = nodes.Any(node => node.Kind == NodeKind.Kernel && node.Kernel is not IContractedKernel && OpTable.Find(node.Node.Op) is null);

    /// <summary>Loop frames; the first is the graph itself.</summary>
    public ImmutableArray<LoopFrame> Frames { get; } = frames;

    /// <summary>Outputs as they were asked for.</summary>
    public ImmutableArray<string> Outputs { get; } = outputs;

    /// <summary>Where each output comes from.</summary>
    public ImmutableArray<TensorSource> OutputSources { get; } = outputSources;
}

/// <summary>An output of a graph node.</summary>
public sealed record TensorSource(int Node, int Port);

/// <summary>A consumer of a node's output: <see cref="Slot"/> is the data input's number, or -1 for a control edge.</summary>
public sealed record AnalyzedEdge(int Port, int Consumer, int Slot)
{
    public bool IsControl => Slot < 0;
}

/// <summary>A node of a graph.</summary>
public sealed class AnalyzedNode(int index, Node node, NodeKind kind, IKernel? kernel)
{
    public int Index { get; } = index;

    public Node Node { get; } = node;

    public NodeKind Kind { get; } = kind;

    /// <summary>Set for <see cref="NodeKind.Kernel"/>.</summary>
    public IKernel? Kernel { get; internal set; } = kernel;

    /// <summary>What the op declares of its inputs.</summary>
    internal DeclaredInputs Declared { get; init; }

    /// <summary>Types of the outputs that the op declares; default where they are not known.</summary>
    internal ImmutableArray<DataType> OutputTypes { get; init; }

    /// <summary>The tensor of a constant.</summary>
    public Tensor? Constant { get; init; }

    /// <summary>The name under which a fed tensor is given to a run.</summary>
    public string? FeedName { get; init; }

    public int DataInputs { get; internal set; }

    public int ControlInputs { get; internal set; }

    /// <summary>Number of outputs that consumers or the run ask for.</summary>
    public int OutputCount { get; internal set; } = 1;

    public List<AnalyzedEdge> Edges { get; } = [];

    /// <summary>Number of the frame that the node runs in.</summary>
    public int Frame { get; internal set; }

    /// <summary>Number of the node within its frame.</summary>
    public int Local { get; internal set; }

    /// <summary>For Enter: the frame that it leads to.</summary>
    public int ChildFrame { get; internal set; } = -1;

    /// <summary>For Enter: the value is the same in every iteration.</summary>
    public bool IsLoopInvariant { get; internal set; }

    /// <summary>The node for another graph, without edges and the place in its frame.</summary>
    internal AnalyzedNode Copy(int index) => new(index, Node, Kind, Kernel)
    {
        Declared = Declared,
        OutputTypes = OutputTypes,
        Constant = Constant,
        FeedName = FeedName,
        OutputCount = OutputCount,
        Frame = Frame,
        ChildFrame = ChildFrame,
        IsLoopInvariant = IsLoopInvariant,
    };
}

/// <summary>A loop frame: the nodes that run once an iteration.</summary>
public sealed class LoopFrame(int index, int parent, string name)
{
    public int Index { get; } = index;

    /// <summary>Number of the enclosing frame; -1 for the graph itself.</summary>
    public int Parent { get; } = parent;

    public string Name { get; } = name;

    public List<int> Nodes { get; } = [];

    public List<int> Exits { get; } = [];

    /// <summary>Number of Enter nodes that lead here.</summary>
    public int Entries { get; internal set; }
}
