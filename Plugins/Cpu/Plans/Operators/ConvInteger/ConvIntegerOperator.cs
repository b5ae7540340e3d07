using System.Collections.Immutable;
using TransformFramework.Cpu.Kernels.Quantized.Conversions;
using TransformFramework.Cpu.Microkernels;
using TransformFramework.Cpu.Microkernels.Gemm;
using TransformFramework.Cpu.Microkernels.Gemm.U8S8;
using TransformFramework.Cpu.Microkernels.Isa;
using TransformFramework.Cpu.Microkernels.Requantize;

namespace TransformFramework.Cpu.Plans.Operators.ConvInteger;

/// <summary>quint8 weights less 128, packed, with what their zero point adds.</summary>
/// <param name="Panels">The packed weights.</param>
/// <param name="Range">The range of the quantized values.</param>
/// <param name="Zero">The zero point less 128.</param>
/// <param name="ColumnSums">The sum of each column's weights less the zero point.</param>
internal sealed record ConvIntegerWeights(U8S8Panels Panels, QuantizationRange Range, int Zero, int[] ColumnSums)
{
    private const int Shift = 128;

    /// <summary>Packs quantized values [taps…, in, out].</summary>
    public static ConvIntegerWeights Of(U8S8GemmKernels tiles, ReadOnlySpan<byte> quantized, ConvolutionShape shape, QuantizationRange range)
    {
        var (taps, depth) = shape.WithRowTaps ?? (shape.Height.Size * shape.Width.Size, shape.InputChannels);
        int zero = new AffineQuantizer<byte>(range).ZeroPoint - Shift;
        sbyte[] shifted = new sbyte[quantized.Length];
        int[] accumulators = new int[shape.OutputChannels];
        for (int row = 0; row < shifted.Length; row += accumulators.Length)
        {
            for (int c = 0; c < accumulators.Length; c++)
            {
                shifted[row + c] = (sbyte)(quantized[row + c] - Shift);
                accumulators[c] += shifted[row + c] - zero;
            }
        }
        return new(U8S8Panels.Pack(tiles, shifted, taps, depth, shape.OutputChannels, []), range, zero, accumulators);
    }
}

/// <summary>What a product of quantized values reads and writes.</summary>
internal sealed record ConvIntegerOperands(PlanBuffer Source, RangeBuffers Range, PlanBuffer Target, RangeBuffers Result, AccumulatorRange AccumulatorRange);

/// <summary>
/// A product of quint8 values with ranges found in the run: Σ (x − x₀)·(w − w₀) = Σ x·w − w₀·Σ x − x₀·Σ (w − w₀), the second term by rows, the third by columns. Padding is the quantized value x₀.
/// </summary>
internal sealed unsafe class ConvIntegerOperator : BlockOperator
{
    private readonly MicrokernelSet kernels;
    private readonly ConvolutionShape shape;
    private readonly ConvIntegerWeights weights;
    private readonly ConvIntegerOperands operands;
    private readonly ReferenceChain reference;
    private readonly int threads;
    private readonly PlanBuffer padding;
    private readonly PlanBuffer rowTerms;
    private readonly PlanBuffer columnTerms;
    private readonly int depth;
    private U8S8Gemm? product;
    private RowOffsets? rows;

    public ConvIntegerOperator(MicrokernelSet kernels, ConvolutionShape shape, ConvIntegerWeights weights, ConvIntegerOperands operands, ReferenceChain reference, int threads)
    {
        this.kernels = kernels;
        this.shape = shape;
        this.weights = weights;
        this.operands = operands;
        this.reference = reference;
        this.threads = threads;
        depth = shape.WithRowTaps?.Depth ?? shape.InputChannels;
        padding = new(shape.InputChannels);
        rowTerms = new(sizeof(int) * (long)shape.Rows);
        columnTerms = new(sizeof(int) * (long)shape.OutputChannels);
        Reads = [operands.Source, operands.Range.Min, operands.Range.Max];
        Writes = [operands.Target, operands.Result.Min, operands.Result.Max, operands.AccumulatorRange.Buffer, padding, rowTerms, columnTerms];
    }

    public override ImmutableArray<PlanBuffer> Reads { get; }

    public override ImmutableArray<PlanBuffer> Writes { get; }

    public override int Blocks => product!.Blocks;

    public override void Prepare()
    {
        rows = RowOffsets.Of(shape, kernels.Int8Gemm.Contract.Mr, shape.InputChannels, operands.Source.Offset, padding.Offset);
        bool overlaps = shape.Height.Size > shape.Height.Stride || shape.Width.Size > shape.Width.Stride;
        product = new(kernels.Int8Gemm, weights.Panels, rows, overlaps ? shape.InputChannels * 2L : shape.InputChannels, sizeof(int), threads);
    }

    public override void Run(PlanRun run)
    {
        QuantizationRange range = run.Range(operands.Range);
        int zero = new AffineQuantizer<byte>(range).ZeroPoint;
        operands.AccumulatorRange.Clear(run);
        if (!range.IsFinite || !weights.Range.IsFinite || zero is < 0 or > byte.MaxValue)
        {
            reference.Run(run);
            GatherRange(run);
            return;
        }
        run.Bytes(padding).Fill((byte)zero);
        int* terms = run.Integers(columnTerms);
        for (int c = 0; c < weights.ColumnSums.Length; c++)
            terms[c] = -zero * weights.ColumnSums[c];
        run.SetRange(operands.Result, GemmResultRange.Of(range, weights.Range));
        run.RunBlocks(this);
    }

    public override void RunBlock(PlanRun run, int block)
    {
        int* accumulatorRange = stackalloc int[2 * Compensation.MostColumns];
        var corrections = new Compensation(this, run, accumulatorRange);
        product!.Run(run.Arena, block, ref corrections);
        corrections.Flush();
    }

    private void GatherRange(PlanRun run)
    {
        int* accumulators = run.Integers(operands.Target);
        int* least = run.Integers(operands.AccumulatorRange.Buffer);
        int columns = shape.OutputChannels;
        for (nint i = 0; i < (nint)shape.Rows * columns; i++)
        {
            least[i % columns] = Math.Min(least[i % columns], accumulators[i]);
            least[columns + (i % columns)] = Math.Max(least[columns + (i % columns)], accumulators[i]);
        }
    }

    /// <summary>Corrects the tiles of a block by the zero points, stores them, and gathers the ranges of the columns, those of a panel at a time.</summary>
    private struct Compensation(ConvIntegerOperator owner, PlanRun run, int* accumulatorRange) : IAccumulatorSink
    {
        public const int MostColumns = 64;

        private int firstColumn = -1;
        private int width;
        private int firstPanel = -1;

        public void Take(byte* arena, int* accumulators, int stride, int row, int rows, int column, int columns)
        {
            if (column != firstColumn)
                Begin(column, columns);
            int* terms = run.Integers(owner.rowTerms) + row;
            if (column == firstPanel)
                AccumulatorRows(arena, row, rows, terms);
            ZeroPointCompensationRows work = new()
            {
                Accumulators = accumulators,
                AccumulatorStride = stride,
                RowTerms = terms,
                ColumnTerms = run.Integers(owner.columnTerms) + column,
                Output = run.Integers(owner.operands.Target) + ((nint)row * owner.shape.OutputChannels) + column,
                OutputStride = owner.shape.OutputChannels,
                Least = accumulatorRange,
                Greatest = accumulatorRange + MostColumns,
                Rows = rows,
                Columns = columns,
            };
            owner.kernels.Int8Vectors.CompensateZeroPoints(&work);
        }

        /// <summary>Adds the ranges of the panel to those of the other blocks.</summary>
        public readonly void Flush()
        {
            if (firstColumn < 0)
                return;
            int* least = run.Integers(owner.operands.AccumulatorRange.Buffer) + firstColumn;
            int* greatest = least + owner.shape.OutputChannels;
            lock (run.Gate)
            {
                for (int c = 0; c < width; c++)
                {
                    least[c] = Math.Min(least[c], accumulatorRange[c]);
                    greatest[c] = Math.Max(greatest[c], accumulatorRange[MostColumns + c]);
                }
            }
        }

        private void Begin(int column, int columns)
        {
            Flush();
            firstPanel = firstPanel < 0 ? column : firstPanel;
            firstColumn = column;
            width = columns;
            new Span<int>(accumulatorRange, columns).Fill(int.MaxValue);
            new Span<int>(accumulatorRange + MostColumns, columns).Fill(int.MinValue);
        }

        /// <summary>Blocks that share rows write the same terms.</summary>
        private readonly void AccumulatorRows(byte* arena, int row, int rows, int* terms)
        {
            int* scratch = stackalloc int[rows];
            int* offsets = owner.rows!.Tile(row, scratch);
            for (int r = 0; r < rows; r++)
            {
                int sum = 0;
                for (int tap = 0; tap < owner.rows.Taps; tap++)
                    sum += owner.kernels.Int8Vectors.Sum(arena + offsets[(tap * rows) + r], owner.depth);
                terms[r] = -owner.weights.Zero * sum;
            }
        }
    }
}
