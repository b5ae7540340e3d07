using System.Collections.Immutable;
using TransformFramework.Cpu.Kernels.Quantized.Arithmetic;
using TransformFramework.Cpu.Kernels.Quantized.Conversions;
using TransformFramework.Cpu.Kernels.Quantized.Ranges;
using TransformFramework.Cpu.Microkernels;
using TransformFramework.Cpu.Microkernels.Requantize;

namespace TransformFramework.Cpu.Plans.Operators.Requantize;

/// <summary>What a requantization reads and writes.</summary>
/// <param name="Source">32-bit values.</param>
/// <param name="Range">Their range.</param>
/// <param name="AccumulatorRange">The quantized values that occur.</param>
/// <param name="First">The range to requantize to.</param>
/// <param name="Second">The same after the addition of a bias.</param>
/// <param name="Target">quint8 values.</param>
/// <param name="Result">Their range.</param>
internal sealed record RequantizeOperands(PlanBuffer Source, RangeBuffers Range, AccumulatorRange AccumulatorRange, RequestedRange First, RequestedRange? Second, PlanBuffer Target, RangeBuffers Result);

/// <summary>The range to requantize to.</summary>
/// <param name="Given">Where it is; null for the range that occurs.</param>
/// <param name="LeastMax">The least upper end of the range that occurs.</param>
internal sealed record RequestedRange(RangeBuffers? Given, float LeastMax)
{
    /// <summary>The range of a run in which quantized values from the lowest to the highest occur.</summary>
    public QuantizationRange In(PlanRun run, int lowest, int highest, QuantizationRange from) =>
        Given is { } given ? run.Range(given) : MeasuredRange.Apply(RequantizationRange.Used(lowest, highest, from), LeastMax);
}

/// <summary>A quint8 bias of each channel with its range, denormals flushed.</summary>
internal sealed record RequantizeBias(byte[] Quantized, QuantizationRange Range);

/// <summary>Quantized values are held between that of 0 and that of a number, if there is one.</summary>
internal sealed record QuantizedClamp(float? Highest);

/// <summary>
/// Requantization to ranges found in the run. As it keeps the order of quantized values, the ranges of the 8-bit values, and from these the range after the addition of a bias, are those of
/// the 32-bit values requantized: so one pass over the tensor does all.
/// </summary>
internal sealed unsafe class RequantizeOperator : BlockOperator
{
    private const int BlockElements = 64 << 10;
    private const int ByteValues = byte.MaxValue + 1;

    private readonly Int8Vectors vectors;
    private readonly RequantizeOperands operands;
    private readonly RequantizeBias? bias;
    private readonly QuantizedClamp? clamp;
    private readonly ReferenceChain reference;
    private readonly PlanBuffer work = new(sizeof(FixedPointRequantizeRows));
    private readonly PlanBuffer? terms;
    private readonly nint rows;
    private readonly nint columns;
    private readonly nint blockRows;

    public RequantizeOperator(Int8Vectors vectors, long elements, RequantizeOperands operands, RequantizeBias? bias, QuantizedClamp? clamp, ReferenceChain reference)
    {
        this.vectors = vectors;
        this.operands = operands;
        this.bias = bias;
        this.clamp = clamp;
        this.reference = reference;
        columns = bias?.Quantized.Length ?? (nint)Math.Min(elements, BlockElements);
        rows = (nint)((elements + columns - 1) / columns);
        blockRows = Math.Max(1, BlockElements / columns);
        terms = bias is null ? null : new(sizeof(int) * (long)columns);
        Reads = [.. new[] { operands.Source, operands.Range.Min, operands.Range.Max, operands.AccumulatorRange.Buffer, operands.First.Given?.Min, operands.First.Given?.Max, operands.Second?.Given?.Min, operands.Second?.Given?.Max }.OfType<PlanBuffer>()];
        Writes = [.. new[] { operands.Target, operands.Result.Min, operands.Result.Max, work, terms }.OfType<PlanBuffer>()];
    }

    public override ImmutableArray<PlanBuffer> Reads { get; }

    public override ImmutableArray<PlanBuffer> Writes { get; }

    public override int Blocks => (int)((rows + blockRows - 1) / blockRows);

    public override void Run(PlanRun run)
    {
        var shared = (FixedPointRequantizeRows*)run.Pointer(work);
        if (TryPlan(run, shared))
            run.RunBlocks(this);
        else
            reference.Run(run);
    }

    public override void RunBlock(PlanRun run, int block)
    {
        FixedPointRequantizeRows part = *(FixedPointRequantizeRows*)run.Pointer(work);
        nint first = block * blockRows;
        part.Quantized += first * columns;
        part.Output += first * columns;
        part.Rows = Math.Min(blockRows, rows - first);
        part.Columns = columns;
        part.Stride = columns;
        nint elements = (nint)operands.Target.Bytes;
        if (bias is null && (first + part.Rows) * columns > elements)
        {
            part.Columns = elements - (first * columns);
            part.Rows = 1;
        }
        vectors.RequantizeFixedPoint(&part);
    }

    /// <summary>Finds the ranges and conversions; false when a number is not finite, so that order might not be kept.</summary>
    private bool TryPlan(PlanRun run, FixedPointRequantizeRows* shared)
    {
        QuantizationRange from = run.Range(operands.Range);
        var (least, greatest) = operands.AccumulatorRange.Whole(run);
        QuantizationRange to = operands.First.In(run, least, greatest, from);
        var first = new FixedPointRequantization(from, to);
        if (!IsCovered(from, to, first, least, greatest))
            return false;
        *shared = new() { Quantized = run.Integers(operands.Source), Output = run.Pointer(operands.Target), First = first, High = byte.MaxValue };
        if (bias is not null && !TryPlanBias(run, shared, ref to))
            return false;
        if (clamp is not null)
        {
            var scalar = new AffineQuantizer<byte>(to);
            shared->Low = scalar.Quantize(0);
            shared->High = clamp.Highest is { } limit ? scalar.Quantize(limit) : byte.MaxValue;
        }
        run.SetRange(operands.Result, to);
        return true;
    }

    private bool TryPlanBias(PlanRun run, FixedPointRequantizeRows* shared, ref QuantizationRange range)
    {
        QuantizationRange wide = QuantizedBiasAdd.ResultRange(range.Flushed, bias!.Range);
        if (!bias.Range.IsFinite || !wide.IsFinite)
            return false;
        shared->Reals = new(range.Flushed);
        shared->Wide = new(wide);
        shared->Terms = run.Integers(terms!);
        var (least, greatest) = AddTerms(run, shared, new AffineQuantizer<int>(wide).Quantize(0));
        range = operands.Second!.In(run, least, greatest, wide);
        shared->Second = new(wide, range);
        return IsCovered(wide, range, shared->Second, least, greatest);
    }

    /// <summary>Sets the terms of the channels and gives the range of the accumulators.</summary>
    private (int Least, int Greatest) AddTerms(PlanRun run, FixedPointRequantizeRows* shared, int zero)
    {
        int* wideValues = stackalloc int[ByteValues];
        int* wideBiases = stackalloc int[ByteValues];
        var numbers = new TensorDequantization<byte>(bias!.Range);
        for (int q = 0; q < ByteValues; q++)
        {
            wideValues[q] = shared->Wide.Apply(shared->Reals.Apply((byte)q));
            wideBiases[q] = shared->Wide.Apply(numbers.Apply((byte)q)) + zero;
        }
        int* accumulatorRange = run.Integers(operands.AccumulatorRange.Buffer);
        int least = int.MaxValue;
        int greatest = int.MinValue;
        for (int c = 0; c < bias.Quantized.Length; c++)
        {
            int term = wideBiases[bias.Quantized[c]];
            shared->Terms[c] = term;
            least = Math.Min(least, wideValues[shared->First.Apply(accumulatorRange[c])] + term);
            greatest = Math.Max(greatest, wideValues[shared->First.Apply(accumulatorRange[operands.AccumulatorRange.Columns + c])] + term);
        }
        return (least, greatest);
    }

    private static bool IsCovered(QuantizationRange from, QuantizationRange to, FixedPointRequantization conversion, int least, int greatest) =>
        from.IsFinite && to.IsFinite && to.Min <= 0 && conversion.IsWithin32Bits(least, greatest);
}
