using System.Collections.Immutable;
using TransformFramework.Cpu.Analysis;
using TransformFramework.Cpu.Microkernels;
using TransformFramework.Cpu.Microkernels.Isa;
using TransformFramework.Graphs;

namespace TransformFramework.Cpu.Plans;

/// <summary>Collects the operators of a plan and keeps track of where each tensor is: in a buffer, in a tensor slot, or both.</summary>
internal sealed class PlanBuilder(PlanGraph graph, MicrokernelSet kernels, int threads, WeightCache weights)
{
    private readonly List<Operator> operators = [];
    private readonly Dictionary<TensorSource, PlanBuffer> buffers = [];
    private readonly Dictionary<TensorSource, int> slots = [];
    private readonly Dictionary<TensorSource, Action> deferred = [];
    private readonly HashSet<int> absorbed = [];
    private readonly List<FeedSlot> feeds = [];
    private readonly Dictionary<TensorSource, PlanBuffer> biased = [];
    private readonly Dictionary<byte, PlanBuffer> fillings = [];
    private readonly Dictionary<TensorSource, Tensor> constants = [];
    private int slotCount;

    public PlanGraph Graph { get; } = graph;

    public MicrokernelSet Kernels { get; } = kernels;

    public int Threads { get; } = threads;

    /// <summary>True when all real values must have the bits that the reference kernels give.</summary>
    public bool IsExactOnly => Graph.Analysis.Quantizes;

    /// <summary>Weights packed for earlier plans of the same graph.</summary>
    public WeightCache Weights { get; } = weights;

    /// <summary>Where an operator leaves the ranges of the 32-bit values that it computes.</summary>
    public Dictionary<TensorSource, AccumulatorRange> AccumulatorRanges { get; } = [];

    /// <summary>True when an operator of the plan is more than a reference kernel or a copy.</summary>
    public bool IsWorthwhile { get; private set; }

    /// <summary>Marks a node as done by the operator of another one.</summary>
    public void Absorb(AnalyzedNode node) => absorbed.Add(node.Index);

    public bool IsAbsorbed(AnalyzedNode node) => absorbed.Contains(node.Index);

    /// <summary>True when the tensor is constant or an earlier operator computes it.</summary>
    public bool IsComputed(TensorSource source) => Graph[source].Constant is not null || buffers.ContainsKey(source) || slots.ContainsKey(source) || deferred.ContainsKey(source);

    /// <summary>Puts off the operators that compute a tensor until a consumer reads it.</summary>
    public void Defer(TensorSource source, Action lower) => deferred.Add(source, lower);

    /// <summary>The buffer of a static tensor; brings it into the arena first where it is elsewhere.</summary>
    public PlanBuffer Read(TensorSource source)
    {
        Compute(source);
        if (buffers.TryGetValue(source, out var buffer))
            return buffer;
        PlanTensor tensor = Graph[source];
        if (tensor.Constant is { } constant)
        {
            SetConstant(source, constant);
            return buffers[source];
        }
        buffer = new(tensor.Bytes);
        Append(new ImportOperator(slots[source], tensor, buffer) { Node = Graph.Producer(source).Node });
        buffers.Add(source, buffer);
        return buffer;
    }

    /// <summary>The scalars in which a range is given.</summary>
    public RangeBuffers ReadRange(TensorSource min, TensorSource max) => new(Read(min), Read(max));

    /// <summary>New scalars for a range that the next operator computes.</summary>
    public RangeBuffers WriteRange(TensorSource min, TensorSource max) => new(Write(min), Write(max));

    /// <summary>A new buffer for a static tensor that the next operator computes.</summary>
    public PlanBuffer Write(TensorSource source)
    {
        var buffer = new PlanBuffer(Graph[source].Bytes);
        buffers.Add(source, buffer);
        return buffer;
    }

    /// <summary>Lets a tensor be another one under another shape.</summary>
    public void Alias(TensorSource source, TensorSource original) => buffers.Add(source, Read(original));

    /// <summary>The slot of a tensor as an object; takes it out of the arena first where it is only there.</summary>
    public int ReadSlot(TensorSource source)
    {
        Compute(source);
        if (slots.TryGetValue(source, out int slot))
            return slot;
        slot = slotCount++;
        Append(new ExportOperator(buffers[source], Graph[source], slot) { Node = Graph.Producer(source).Node });
        slots.Add(source, slot);
        return slot;
    }

    /// <summary>A new slot for a tensor that the next operator computes.</summary>
    public int WriteSlot(TensorSource source)
    {
        slots.Add(source, slotCount);
        return slotCount++;
    }

    /// <summary>A slot for a tensor that runs feed.</summary>
    public void Feed(TensorSource source, FeedSlot feed)
    {
        feeds.Add(feed);
        WriteSlot(source);
    }

    /// <summary>Memory that stays as it is filled, at least as long as asked for.</summary>
    public PlanBuffer Filled(long bytes, byte fill = 0)
    {
        if (!fillings.TryGetValue(fill, out var filling) || filling.Bytes < bytes)
            fillings[fill] = filling = new(bytes) { IsPermanent = true, Fill = fill };
        return filling;
    }

    /// <summary>The quantized values of a qint8 tensor plus 128.</summary>
    public PlanBuffer ReadBiased(TensorSource source, Node node)
    {
        if (biased.TryGetValue(source, out var buffer))
            return buffer;
        buffer = new(Graph[source].Bytes);
        Add(new FlipSignOperator(Read(source), buffer) { Node = node });
        biased.Add(source, buffer);
        return buffer;
    }

    /// <summary>Lets a tensor be in a buffer that another operator writes.</summary>
    public void Place(TensorSource source, PlanBuffer buffer) => buffers.Add(source, buffer);

    /// <summary>The value of a tensor that is constant in itself or by an earlier operator, or null.</summary>
    public Tensor? Constant(TensorSource source) => Graph[source].Constant ?? constants.GetValueOrDefault(source);

    /// <summary>Gives a tensor that the graph computes a constant value.</summary>
    public void SetConstant(TensorSource source, Tensor value)
    {
        constants[source] = value;
        var memory = new AlignedMemory(value.Bytes.Length);
        value.Bytes.Span.CopyTo(memory.Span<byte>());
        buffers.Add(source, new(value.Bytes.Length) { Constant = memory });
    }

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
        ImmutableArray<PlanOutput> outputs = [.. Graph.Analysis.OutputSources.Select(Output)];
        foreach (PlanOutput output in outputs.Where(output => output.Buffer is not null))
            output.Buffer!.LastOperator = int.MaxValue;
        PlanBuffer[] used = [.. operators.SelectMany(op => op.Reads.Concat(op.Writes)).Where(buffer => buffer.Constant is null).Distinct()];
        long arenaBytes = MemoryPlanner.Assign(used);
        foreach (Operator op in operators)
            op.Prepare();
        return new(signature, [.. operators], [.. feeds], outputs, arenaBytes, slotCount, [.. used.Where(buffer => buffer.IsPermanent)]);
    }

    private void Compute(TensorSource source)
    {
        if (deferred.Remove(source, out var lower))
            lower();
    }

    private PlanOutput Output(TensorSource source)
    {
        Compute(source);
        PlanTensor tensor = Graph[source];
        if (tensor.Constant is not null)
            return new(tensor.Type, tensor.Shape, null, -1, tensor.Constant);
        if (slots.TryGetValue(source, out int slot))
            return new(tensor.Type, tensor.Shape, null, slot, null);
        return new(tensor.Type, tensor.Shape, buffers[source], -1, null);
    }
}
