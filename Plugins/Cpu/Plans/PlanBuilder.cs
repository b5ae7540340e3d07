using System.Collections.Immutable;
using TransformFramework.Cpu.Analysis;
using TransformFramework.Cpu.Microkernels;

namespace TransformFramework.Cpu.Plans;

/// <summary>Collects the operators of a plan.</summary>
internal sealed class PlanBuilder
{
    private readonly List<Operator> operators = [];
    private readonly HashSet<int> absorbed = [];
    private readonly List<FeedSlot> feeds = [];

    public PlanBuilder(PlanGraph graph, MicrokernelSet kernels, PlanOptions options, WeightCache weights)
    {
        Graph = graph;
        Kernels = kernels;
        Options = options;
        Weights = weights;
        Tensors = new(graph, this);
    }

    public PlanGraph Graph { get; }

    public MicrokernelSet Kernels { get; }

    public PlanOptions Options { get; }

    public int Threads => Options.Threads;

    /// <summary>Where each tensor is.</summary>
    public PlanTensors Tensors { get; }

    /// <summary>True when all real values must have the bits that the reference kernels give.</summary>
    public bool IsExactOnly => Graph.Analysis.Quantizes;

    /// <summary>Weights packed for earlier plans of the same graph.</summary>
    public WeightCache Weights { get; }

    /// <summary>Where an operator leaves the ranges of the 32-bit values that it computes.</summary>
    public Dictionary<TensorSource, AccumulatorRange> AccumulatorRanges { get; } = [];

    /// <summary>Real values that are quantized values of 16 bits times a step, by the tensor that holds them.</summary>
    public Dictionary<TensorSource, WideTensor> WideTensors { get; } = [];

    /// <summary>True when an operator of the plan is more than a reference kernel or a copy.</summary>
    public bool IsWorthwhile { get; private set; }

    /// <summary>Marks a node as done by the operator of another one.</summary>
    public void Absorb(AnalyzedNode node) => absorbed.Add(node.Index);

    public bool IsAbsorbed(AnalyzedNode node) => absorbed.Contains(node.Index);

    /// <summary>Adds a tensor that runs feed.</summary>
    public void Feed(TensorSource source, FeedSlot feed)
    {
        feeds.Add(feed);
        Tensors.WriteSlot(source);
    }

    /// <summary>True for the slot of a tensor that runs feed.</summary>
    public bool IsFed(int slot) => slot < feeds.Count;

    /// <summary>Adds an operator that is faster than the reference kernels of its nodes.</summary>
    public void Add(Operator op)
    {
        IsWorthwhile = true;
        Append(op);
    }

    /// <summary>Adds an operator.</summary>
    public void Append(Operator op)
    {
        foreach (PlanBuffer buffer in op.Reads.Concat(op.Writes))
        {
            buffer.FirstOperator = Math.Min(buffer.FirstOperator, operators.Count);
            buffer.LastOperator = operators.Count;
        }
        operators.Add(op);
    }

    /// <summary>Assigns memory and finishes the plan.</summary>
    public ExecutionPlan Build(FeedSignature signature)
    {
        ImmutableArray<PlanOutput> outputs = [.. Graph.Analysis.OutputSources.Select(Tensors.Output)];
        foreach (PlanOutput output in outputs.Where(output => output.Buffer is not null && !Options.HandsOutputsOver))
            output.Buffer!.LastOperator = int.MaxValue;
        PlanBuffer[] used = [.. operators.SelectMany(op => op.Reads.Concat(op.Writes)).Where(buffer => buffer is { Constant: null, FedSlot: < 0 }).Distinct()];
        long arenaBytes = MemoryPlanner.Assign(used);
        foreach (Operator op in operators)
            op.Prepare();
        return new(signature, [.. operators], ShapesOfOperators(), [.. feeds], outputs, arenaBytes, Tensors.SlotCount, [.. used.Where(buffer => buffer.IsPermanent)]) { FedInPlace = FedInPlace(), HandsOutputsOver = Options.HandsOutputsOver };
    }

    /// <summary>Slots of feeds that operators read where the caller has them.</summary>
    private ImmutableArray<int> FedInPlace()
    {
        var slots = new List<int>();
        foreach (Operator op in operators)
        {
            foreach (PlanBuffer buffer in op.Reads)
            {
                if (buffer.FedSlot >= 0 && !slots.Contains(buffer.FedSlot))
                    slots.Add(buffer.FedSlot);
            }
        }
        return [.. slots];
    }

    private ImmutableArray<NodeShapes> ShapesOfOperators()
    {
        var finished = new HashSet<string>(StringComparer.Ordinal);
        var shapes = new NodeShapes[operators.Count];
        for (int i = shapes.Length - 1; i >= 0; i--)
            shapes[i] = finished.Add(operators[i].Node.Name) ? Graph.ShapesOf(operators[i].Node) : NodeShapes.None;
        return [.. shapes];
    }
}
