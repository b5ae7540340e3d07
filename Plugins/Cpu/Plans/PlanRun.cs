using System.Buffers;
using TransformFramework.Cpu.Kernels.Quantized.Conversions;
using TransformFramework.Cpu.Microkernels.Isa;
using TransformFramework.Cpu.Threading;
using TransformFramework.Execution;
using TransformFramework.Graphs;

namespace TransformFramework.Cpu.Plans;

/// <summary>What one run of a plan needs for itself: an arena, tensors outside of it, the feeds. Used by one run at a time, then by the next.</summary>
internal sealed unsafe class PlanRun : WorkerPool.Job
{
    private readonly AlignedMemory arena;
    private readonly int threads;
    private readonly MemoryHandle[] fed;
    private BlockOperator? op;

    public PlanRun(ExecutionPlan plan, int threads)
    {
        this.threads = threads;
        arena = new(plan.ArenaBytes);
        Tensors = new Tensor?[plan.TensorSlots];
        fed = new MemoryHandle[plan.FedTensors.Length];
        foreach (PlanBuffer buffer in plan.Permanent)
            new Span<byte>(Pointer(buffer), (int)buffer.Bytes).Fill(buffer.Fill);
    }

    /// <summary>Guards what the blocks of an operator gather together.</summary>
    public Lock Gate { get; } = new();

    /// <summary>Tensors by slot: results of reference kernels, feeds.</summary>
    public Tensor?[] Tensors { get; }

    /// <summary>What the reference kernels of this run share; made when one first asks.</summary>
    public RunState State => StateOfRun ??= new RunState(Print);

    public RunState? StateOfRun { get; set; }

    public Action<string>? Print { get; set; }

    public CancellationToken Cancellation { get; set; }

    /// <summary>Start of the arena, which offsets count from.</summary>
    public byte* Arena => arena.Pointer;

    public byte* Pointer(PlanBuffer buffer) => buffer.Constant is { } constant ? constant.Pointer : buffer.FedSlot >= 0 ? (byte*)fed[buffer.FedSlot].Pointer : arena.Pointer + buffer.Offset;

    public float* Floats(PlanBuffer buffer) => (float*)Pointer(buffer);

    public int* Integers(PlanBuffer buffer) => (int*)Pointer(buffer);

    /// <summary>The range in two scalars.</summary>
    public QuantizationRange Range(RangeBuffers range) => new(*Floats(range.Min), *Floats(range.Max));

    public void SetRange(RangeBuffers range, QuantizationRange value)
    {
        *Floats(range.Min) = value.Min;
        *Floats(range.Max) = value.Max;
    }

    public Span<byte> Bytes(PlanBuffer buffer) => new(Pointer(buffer), (int)buffer.Bytes);

    /// <summary>The first bytes of a buffer of the arena, without a copy.</summary>
    public ReadOnlyMemory<byte> Memory(PlanBuffer buffer, int length) => arena.Slice(buffer.Offset, length);

    /// <summary>Takes what the caller feeds; tensors that are read in place stay pinned until <see cref="Clear"/>.</summary>
    public void Feed(ExecutionPlan plan, IReadOnlyDictionary<string, Tensor> feeds)
    {
        for (int slot = 0; slot < plan.FedTensors.Length; slot++)
            Tensors[slot] = plan.FedTensors[slot].Find(feeds);
        foreach (int slot in plan.FedInPlace)
            fed[slot] = Tensors[slot]!.Bytes.Pin();
    }

    /// <summary>Runs the blocks of an operator on the threads that the plan may use.</summary>
    public void RunBlocks(BlockOperator work)
    {
        op = work;
        WorkerPool.Shared.Run(this, work.Blocks, threads);
    }

    public override void Run(int block) => op!.RunBlock(this, block);

    /// <summary>Lets go of what belonged to a run.</summary>
    public void Clear()
    {
        Array.Clear(Tensors);
        foreach (ref MemoryHandle handle in fed.AsSpan())
            handle.Dispose();
        StateOfRun = null;
        Print = null;
        Cancellation = default;
    }
}
