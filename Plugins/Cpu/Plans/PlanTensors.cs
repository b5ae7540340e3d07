using TransformFramework.Cpu.Analysis;
using TransformFramework.Cpu.Microkernels.Isa;
using TransformFramework.Graphs;

namespace TransformFramework.Cpu.Plans;

/// <summary>Where each tensor of a plan is: in a buffer of the arena, in a slot as an object, in both, or known beforehand. Adds the copies between them to the plan.</summary>
internal sealed class PlanTensors(PlanGraph graph, PlanBuilder plan)
{
    private const int ScalarBytes = 1 << 13;

    private readonly Dictionary<TensorSource, PlanBuffer> buffers = [];
    private readonly Dictionary<TensorSource, int> slots = [];
    private readonly Dictionary<TensorSource, Action> deferred = [];
    private readonly Dictionary<TensorSource, PlanBuffer> biased = [];
    private readonly Dictionary<PlanBuffer, PlanBuffer> rounded = [];
    private readonly Dictionary<byte, PlanBuffer> fillings = [];
    private readonly Dictionary<TensorSource, Tensor> constants = [];
    private AlignedMemory? scalars;
    private int usedOfScalars;

    /// <summary>Number of slots.</summary>
    public int SlotCount { get; private set; }

    /// <summary>True when the tensor is constant or an earlier operator computes it.</summary>
    public bool IsComputed(TensorSource source) => graph[source].Constant is not null || buffers.ContainsKey(source) || slots.ContainsKey(source) || deferred.ContainsKey(source);

    /// <summary>Puts off the operators that compute a tensor until a consumer reads it.</summary>
    public void Defer(TensorSource source, Action lower) => deferred.Add(source, lower);

    /// <summary>The buffer of a static tensor; brings it into the arena first where it is elsewhere.</summary>
    public PlanBuffer Read(TensorSource source)
    {
        Compute(source);
        if (buffers.TryGetValue(source, out var buffer))
            return buffer;
        PlanTensor tensor = graph[source];
        if (tensor.Constant is { } constant)
        {
            SetConstant(source, constant);
            return buffers[source];
        }
        buffer = new(tensor.Bytes);
        plan.Append(new ImportOperator(slots[source], tensor, buffer) { Node = graph.Producer(source).Node });
        buffers.Add(source, buffer);
        return buffer;
    }

    /// <summary>The same for an operator that takes pointers: a fed tensor stays where it is. It reads not a byte more than the tensor has.</summary>
    public PlanBuffer ReadInPlace(TensorSource source)
    {
        Compute(source);
        bool isFedOnly = graph[source].Constant is null && !buffers.ContainsKey(source) && plan.IsFed(slots[source]);
        return isFedOnly ? new(graph[source].Bytes) { FedSlot = slots[source] } : Read(source);
    }

    /// <summary>The scalars in which a range is given.</summary>
    public RangeBuffers ReadRange(TensorSource min, TensorSource max) => new(Read(min), Read(max));

    /// <summary>New scalars for a range that the next operator computes.</summary>
    public RangeBuffers WriteRange(TensorSource min, TensorSource max) => new(Write(min), Write(max));

    /// <summary>A new buffer for a static tensor that the next operator computes.</summary>
    public PlanBuffer Write(TensorSource source)
    {
        var buffer = new PlanBuffer(graph[source].Bytes);
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
        slot = SlotCount++;
        plan.Append(new ExportOperator(buffers[source], graph[source], slot) { Node = graph.Producer(source).Node });
        slots.Add(source, slot);
        return slot;
    }

    /// <summary>A new slot for a tensor that the next operator computes.</summary>
    public int WriteSlot(TensorSource source)
    {
        slots.Add(source, SlotCount);
        return SlotCount++;
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
        buffer = new(graph[source].Bytes);
        plan.Add(new FlipSignOperator(Read(source), buffer) { Node = node });
        biased.Add(source, buffer);
        return buffer;
    }

    /// <summary>A buffer of floats rounded to bfloat16.</summary>
    public PlanBuffer ReadRounded(PlanBuffer source, Node node)
    {
        if (rounded.TryGetValue(source, out var buffer))
            return buffer;
        buffer = new(source.Bytes / sizeof(float) * plan.Kernels.Bf16.ElementBytes);
        plan.Add(new RoundOperator(plan.Kernels.Bf16, source, buffer) { Node = node });
        rounded.Add(source, buffer);
        return buffer;
    }

    /// <summary>Lets a tensor be in a buffer that another operator writes.</summary>
    public void Place(TensorSource source, PlanBuffer buffer) => buffers.Add(source, buffer);

    /// <summary>The value of a tensor that is constant in itself or by an earlier operator, or null.</summary>
    public Tensor? Constant(TensorSource source) => graph[source].Constant ?? constants.GetValueOrDefault(source);

    /// <summary>Gives a tensor that the graph computes a constant value.</summary>
    public void SetConstant(TensorSource source, Tensor value)
    {
        constants[source] = value;
        AlignedMemory memory = ConstantMemory(value.Bytes.Length);
        value.Bytes.Span.CopyTo(memory.Span<byte>());
        buffers.Add(source, new(value.Bytes.Length) { Constant = memory });
    }

    /// <summary>Where a run finds an output when the operators are done.</summary>
    public PlanOutput Output(TensorSource source)
    {
        Compute(source);
        PlanTensor tensor = graph[source];
        if (tensor.Constant is not null)
            return new(tensor.Type, tensor.Shape, null, -1, tensor.Constant);
        if (slots.TryGetValue(source, out int slot))
            return new(tensor.Type, tensor.Shape, null, slot, null);
        return new(tensor.Type, tensor.Shape, buffers[source], -1, null);
    }

    /// <summary>Memory of a constant; a graph of quantized values has hundreds of scalars, which share some.</summary>
    private AlignedMemory ConstantMemory(int bytes)
    {
        if (bytes > MicrokernelContract.CacheLine)
            return new(bytes);
        if (scalars is null || usedOfScalars + MicrokernelContract.CacheLine > scalars.Length)
            (scalars, usedOfScalars) = (new(ScalarBytes), 0);
        usedOfScalars += MicrokernelContract.CacheLine;
        return scalars.Part(usedOfScalars - MicrokernelContract.CacheLine, bytes);
    }

    private void Compute(TensorSource source)
    {
        if (deferred.Remove(source, out var lower))
            lower();
    }
}
