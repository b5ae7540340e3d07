using System.Collections.Immutable;
using TransformFramework.Cpu.Gemm;
using TransformFramework.Cpu.Kernels.Quantized;
using TransformFramework.Cpu.Vectors;

namespace TransformFramework.Cpu.Compiled.Steps;

/// <summary>quint8 weights less 128, packed, with what their zero point adds.</summary>
/// <param name="Panels">The packed weights.</param>
/// <param name="Range">The range of the codes.</param>
/// <param name="Zero">The zero point less 128.</param>
/// <param name="ColumnSums">The sum of each column's weights less the zero point.</param>
internal sealed record CodeWeights(CodePanels Panels, CodeRange Range, int Zero, int[] ColumnSums)
{
    private const int Shift = 128;

    /// <summary>Packs codes [taps…, in, out].</summary>
    public static CodeWeights Of(CodeTiles tiles, ReadOnlySpan<byte> codes, ConvolutionShape shape, CodeRange range)
    {
        var (taps, depth) = shape.WithRowTaps ?? (shape.Height.Size * shape.Width.Size, shape.InputChannels);
        int zero = new ScalarCodes<byte>(range).ZeroPoint - Shift;
        sbyte[] shifted = new sbyte[codes.Length];
        int[] sums = new int[shape.OutputChannels];
        for (int row = 0; row < shifted.Length; row += sums.Length)
        {
            for (int c = 0; c < sums.Length; c++)
            {
                shifted[row + c] = (sbyte)(codes[row + c] - Shift);
                sums[c] += shifted[row + c] - zero;
            }
        }
        return new(CodePanels.Pack(tiles, shifted, taps, depth, shape.OutputChannels, []), range, zero, sums);
    }
}

/// <summary>What a product of codes reads and writes.</summary>
internal sealed record CodeOperands(PlanBuffer Source, PlanRange Range, PlanBuffer Target, PlanRange Result, CodeExtents Extents);

/// <summary>
/// A product of quint8 codes with ranges found in the run: Σ (x − x₀)·(w − w₀) = Σ x·w − w₀·Σ x − x₀·Σ (w − w₀), the second term by rows, the third by columns. Padding is the code x₀.
/// </summary>
internal sealed unsafe class CodeSumsStep : BlockStep
{
    private readonly KernelSet kernels;
    private readonly ConvolutionShape shape;
    private readonly CodeWeights weights;
    private readonly CodeOperands operands;
    private readonly ReferenceChain reference;
    private readonly int threads;
    private readonly PlanBuffer padding;
    private readonly PlanBuffer rowTerms;
    private readonly PlanBuffer columnTerms;
    private readonly int depth;
    private CodeProduct? product;
    private RowOffsets? rows;

    public CodeSumsStep(KernelSet kernels, ConvolutionShape shape, CodeWeights weights, CodeOperands operands, ReferenceChain reference, int threads)
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
        Writes = [operands.Target, operands.Result.Min, operands.Result.Max, operands.Extents.Buffer, padding, rowTerms, columnTerms];
    }

    public override ImmutableArray<PlanBuffer> Reads { get; }

    public override ImmutableArray<PlanBuffer> Writes { get; }

    public override int Blocks => product!.Blocks;

    public override void Prepare()
    {
        rows = RowOffsets.Of(shape, kernels.Codes.Rows, shape.InputChannels, operands.Source.Offset, padding.Offset);
        bool overlaps = shape.Height.Size > shape.Height.Stride || shape.Width.Size > shape.Width.Stride;
        product = new(kernels.Codes, weights.Panels, rows, overlaps ? shape.InputChannels * 2L : shape.InputChannels, sizeof(int), threads);
    }

    public override void Run(PlanRun run)
    {
        CodeRange range = run.Range(operands.Range);
        int zero = new ScalarCodes<byte>(range).ZeroPoint;
        operands.Extents.Clear(run);
        if (!range.IsOrdinary || !weights.Range.IsOrdinary || zero is < 0 or > byte.MaxValue)
        {
            reference.Run(run);
            GatherExtents(run);
            return;
        }
        run.Bytes(padding).Fill((byte)zero);
        int* terms = run.Integers(columnTerms);
        for (int c = 0; c < weights.ColumnSums.Length; c++)
            terms[c] = -zero * weights.ColumnSums[c];
        run.SetRange(operands.Result, ProductRange.Of(range, weights.Range));
        run.RunBlocks(this);
    }

    public override void RunBlock(PlanRun run, int block)
    {
        int* extents = stackalloc int[2 * Corrections.MostColumns];
        var corrections = new Corrections(this, run, extents);
        product!.Run(run.Arena, block, ref corrections);
        corrections.Flush();
    }

    private void GatherExtents(PlanRun run)
    {
        int* sums = run.Integers(operands.Target);
        int* least = run.Integers(operands.Extents.Buffer);
        int columns = shape.OutputChannels;
        for (nint i = 0; i < (nint)shape.Rows * columns; i++)
        {
            least[i % columns] = Math.Min(least[i % columns], sums[i]);
            least[columns + (i % columns)] = Math.Max(least[columns + (i % columns)], sums[i]);
        }
    }

    /// <summary>Corrects the tiles of a block by the zero points, stores them, and gathers the extents of the columns, those of a panel at a time.</summary>
    private struct Corrections(CodeSumsStep step, PlanRun run, int* extents) : ICodeEpilogue
    {
        public const int MostColumns = 64;

        private int firstColumn = -1;
        private int width;
        private int firstPanel = -1;

        public void Take(byte* arena, int* sums, int stride, int row, int rows, int column, int columns)
        {
            if (column != firstColumn)
                Begin(column, columns);
            int* terms = run.Integers(step.rowTerms) + row;
            if (column == firstPanel)
                SumRows(arena, row, rows, terms);
            CorrectRows work = new()
            {
                Sums = sums,
                SumStride = stride,
                RowTerms = terms,
                ColumnTerms = run.Integers(step.columnTerms) + column,
                Output = run.Integers(step.operands.Target) + ((nint)row * step.shape.OutputChannels) + column,
                OutputStride = step.shape.OutputChannels,
                Least = extents,
                Greatest = extents + MostColumns,
                Rows = rows,
                Columns = columns,
            };
            step.kernels.Conversions.Correct(&work);
        }

        /// <summary>Adds the extents of the panel to those of the other blocks.</summary>
        public readonly void Flush()
        {
            if (firstColumn < 0)
                return;
            int* least = run.Integers(step.operands.Extents.Buffer) + firstColumn;
            int* greatest = least + step.shape.OutputChannels;
            lock (run.Gate)
            {
                for (int c = 0; c < width; c++)
                {
                    least[c] = Math.Min(least[c], extents[c]);
                    greatest[c] = Math.Max(greatest[c], extents[MostColumns + c]);
                }
            }
        }

        private void Begin(int column, int columns)
        {
            Flush();
            firstPanel = firstPanel < 0 ? column : firstPanel;
            firstColumn = column;
            width = columns;
            new Span<int>(extents, columns).Fill(int.MaxValue);
            new Span<int>(extents + MostColumns, columns).Fill(int.MinValue);
        }

        /// <summary>Blocks that share rows write the same terms.</summary>
        private readonly void SumRows(byte* arena, int row, int rows, int* terms)
        {
            int* scratch = stackalloc int[rows];
            int* offsets = step.rows!.Tile(row, scratch);
            for (int r = 0; r < rows; r++)
            {
                int sum = 0;
                for (int tap = 0; tap < step.rows.Taps; tap++)
                    sum += step.kernels.Conversions.Sum(arena + offsets[(tap * rows) + r], step.depth);
                terms[r] = -step.weights.Zero * sum;
            }
        }
    }
}
