using System.Collections.Immutable;
using TransformFramework.Cpu.Kernels.Quantized;
using TransformFramework.Cpu.Vectors;

namespace TransformFramework.Cpu.Compiled.Steps;

/// <summary>What a requantization reads and writes.</summary>
/// <param name="Source">32-bit codes.</param>
/// <param name="Range">Their range.</param>
/// <param name="Extents">The codes that occur.</param>
/// <param name="First">The range to requantize to; null for the one that occurs.</param>
/// <param name="Second">The same after the addition of a bias.</param>
/// <param name="Target">quint8 codes.</param>
/// <param name="Result">Their range.</param>
internal sealed record RescaleOperands(PlanBuffer Source, PlanRange Range, CodeExtents Extents, PlanRange? First, PlanRange? Second, PlanBuffer Target, PlanRange Result);

/// <summary>A quint8 bias of each channel with its range, denormals flushed.</summary>
internal sealed record RescaleBias(byte[] Codes, CodeRange Range);

/// <summary>Codes are held between that of 0 and that of a number, if there is one.</summary>
internal sealed record CodeClamp(float? Highest);

/// <summary>
/// Requantization to ranges found in the run. As it keeps the order of codes, the extents of the 8-bit codes, and from these the range after the addition of a bias, are those of
/// the 32-bit codes requantized: so one pass over the tensor does all.
/// </summary>
internal sealed unsafe class RescaleStep : BlockStep
{
    private const int BlockElements = 64 << 10;
    private const int ByteCodes = byte.MaxValue + 1;

    private readonly CodeVectors vectors;
    private readonly RescaleOperands operands;
    private readonly RescaleBias? bias;
    private readonly CodeClamp? clamp;
    private readonly ReferenceChain reference;
    private readonly PlanBuffer work = new(sizeof(RescaleRows));
    private readonly PlanBuffer? terms;
    private readonly nint rows;
    private readonly nint columns;
    private readonly nint blockRows;

    public RescaleStep(CodeVectors vectors, long elements, RescaleOperands operands, RescaleBias? bias, CodeClamp? clamp, ReferenceChain reference)
    {
        this.vectors = vectors;
        this.operands = operands;
        this.bias = bias;
        this.clamp = clamp;
        this.reference = reference;
        columns = bias?.Codes.Length ?? (nint)Math.Min(elements, BlockElements);
        rows = (nint)((elements + columns - 1) / columns);
        blockRows = Math.Max(1, BlockElements / columns);
        terms = bias is null ? null : new(sizeof(int) * (long)columns);
        Reads = [.. new[] { operands.Source, operands.Range.Min, operands.Range.Max, operands.Extents.Buffer, operands.First?.Min, operands.First?.Max, operands.Second?.Min, operands.Second?.Max }.OfType<PlanBuffer>()];
        Writes = [.. new[] { operands.Target, operands.Result.Min, operands.Result.Max, work, terms }.OfType<PlanBuffer>()];
    }

    public override ImmutableArray<PlanBuffer> Reads { get; }

    public override ImmutableArray<PlanBuffer> Writes { get; }

    public override int Blocks => (int)((rows + blockRows - 1) / blockRows);

    public override void Run(PlanRun run)
    {
        var shared = (RescaleRows*)run.Pointer(work);
        if (TryPlan(run, shared))
            run.RunBlocks(this);
        else
            reference.Run(run);
    }

    public override void RunBlock(PlanRun run, int block)
    {
        RescaleRows part = *(RescaleRows*)run.Pointer(work);
        nint first = block * blockRows;
        part.Codes += first * columns;
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
        vectors.Rescale(&part);
    }

    /// <summary>Finds the ranges and conversions; false when a number is out of the ordinary, so that order might not be kept.</summary>
    private bool TryPlan(PlanRun run, RescaleRows* shared)
    {
        CodeRange from = run.Range(operands.Range);
        var (least, greatest) = operands.Extents.Whole(run);
        CodeRange to = operands.First is { } requested ? run.Range(requested) : RequantizationRange.Used(least, greatest, from);
        var first = new FixedPointRequantization(from, to);
        if (!IsCovered(from, to, first, least, greatest))
            return false;
        *shared = new() { Codes = run.Integers(operands.Source), Output = run.Pointer(operands.Target), First = first, High = byte.MaxValue };
        if (bias is not null && !TryPlanBias(run, shared, ref to))
            return false;
        if (clamp is not null)
        {
            var scalar = new ScalarCodes<byte>(to);
            shared->Low = scalar.Quantize(0);
            shared->High = clamp.Highest is { } limit ? scalar.Quantize(limit) : byte.MaxValue;
        }
        run.SetRange(operands.Result, to);
        return true;
    }

    private bool TryPlanBias(PlanRun run, RescaleRows* shared, ref CodeRange range)
    {
        CodeRange wide = QuantizedBiasAdd.ResultRange(range.Flushed, bias!.Range);
        if (!bias.Range.IsOrdinary || !wide.IsOrdinary)
            return false;
        shared->Numbers = new(range.Flushed);
        shared->Wide = new(wide);
        shared->Terms = run.Integers(terms!);
        var (least, greatest) = AddTerms(run, shared, new ScalarCodes<int>(wide).Quantize(0));
        range = operands.Second is { } requested ? run.Range(requested) : RequantizationRange.Used(least, greatest, wide);
        shared->Second = new(wide, range);
        return IsCovered(wide, range, shared->Second, least, greatest);
    }

    /// <summary>Sets the terms of the channels and gives the extent of the sums.</summary>
    private (int Least, int Greatest) AddTerms(PlanRun run, RescaleRows* shared, int zero)
    {
        int* wideCodes = stackalloc int[ByteCodes];
        int* wideBiases = stackalloc int[ByteCodes];
        var numbers = new TensorDequantization<byte>(bias!.Range);
        for (int code = 0; code < ByteCodes; code++)
        {
            wideCodes[code] = shared->Wide.Apply(shared->Numbers.Apply((byte)code));
            wideBiases[code] = shared->Wide.Apply(numbers.Apply((byte)code)) + zero;
        }
        int* extents = run.Integers(operands.Extents.Buffer);
        int least = int.MaxValue;
        int greatest = int.MinValue;
        for (int c = 0; c < bias.Codes.Length; c++)
        {
            int term = wideBiases[bias.Codes[c]];
            shared->Terms[c] = term;
            least = Math.Min(least, wideCodes[shared->First.Apply(extents[c])] + term);
            greatest = Math.Max(greatest, wideCodes[shared->First.Apply(extents[operands.Extents.Columns + c])] + term);
        }
        return (least, greatest);
    }

    private static bool IsCovered(CodeRange from, CodeRange to, FixedPointRequantization conversion, int least, int greatest) =>
        from.IsOrdinary && to.IsOrdinary && to.Min <= 0 && conversion.IsWithin32Bits(least, greatest);
}
