using System.Collections.Immutable;
using TransformFramework.Cpu.Microkernels.Gemm;
using TransformFramework.Cpu.Microkernels.Gemm.U8S8;

namespace TransformFramework.Cpu.Plans.Operators.WideProducts;

/// <summary>What a product of 16-bit data by 8-bit weights reads and writes.</summary>
/// <param name="Source">The quantized data.</param>
/// <param name="Target">The real results.</param>
/// <param name="Zeros">A pixel that represents the padding; null without padding.</param>
/// <param name="Totals">Accumulators of several parts of the inputs; null where all inputs fit into 32 bits at once.</param>
internal sealed record WideOperands(PlanBuffer Source, PlanBuffer Target, PlanBuffer? Zeros, PlanBuffer? Totals);

/// <summary>Where a part of a product's inputs comes among the parts.</summary>
/// <param name="Segment">The inputs.</param>
/// <param name="IsFirst">It starts the accumulators.</param>
/// <param name="IsLast">It makes them real.</param>
internal readonly record struct WidePart(WideSegment Segment, bool IsFirst, bool IsLast);

/// <summary>A convolution or matrix product of qint16 data by qint8 weights, or a part of its inputs, in exact integers; scale, bias and activation follow in float.</summary>
internal sealed unsafe class WideGemmOperator : BlockOperator
{
    private readonly U8S8GemmKernels tiles;
    private readonly ConvolutionShape shape;
    private readonly U8S8Panels weights;
    private readonly WideOperands operands;
    private readonly WideResults results;
    private readonly WidePart part;
    private readonly int threads;
    private U8S8Gemm? product;

    /// <param name="tiles">The kernels.</param>
    /// <param name="shape">The sizes.</param>
    /// <param name="weights">Packed weights of the part.</param>
    /// <param name="operands">What is read and written.</param>
    /// <param name="results">How accumulators become real.</param>
    /// <param name="part">Which inputs.</param>
    /// <param name="threads">Threads that share the blocks.</param>
    public WideGemmOperator(U8S8GemmKernels tiles, ConvolutionShape shape, U8S8Panels weights, WideOperands operands, WideResults results, WidePart part, int threads)
    {
        this.tiles = tiles;
        this.shape = shape;
        this.weights = weights;
        this.operands = operands;
        this.results = results;
        this.part = part;
        this.threads = threads;
        Reads = [.. new[] { operands.Source, operands.Zeros, part.IsFirst ? null : operands.Totals }.OfType<PlanBuffer>()];
        Writes = [.. new[] { operands.Totals, part.IsLast ? operands.Target : null }.OfType<PlanBuffer>()];
    }

    public override ImmutableArray<PlanBuffer> Reads { get; }

    public override ImmutableArray<PlanBuffer> Writes { get; }

    public override int Blocks => product!.Blocks;

    public override void Prepare()
    {
        int pixelBytes = shape.InputChannels * sizeof(short);
        RowOffsets rows = RowOffsets.Of(shape, tiles.Contract.Mr, pixelBytes, operands.Source.Offset + (part.Segment.First * sizeof(short)), operands.Zeros?.Offset ?? 0);
        bool overlaps = shape.Height.Size > shape.Height.Stride || shape.Width.Size > shape.Width.Stride;
        product = new(tiles, weights, rows, overlaps ? pixelBytes * 2L : pixelBytes, sizeof(float), threads);
    }

    public override void RunBlock(PlanRun run, int block)
    {
        var sink = new Sink(this, run);
        product!.Run(run.Arena, block, ref sink);
    }

    /// <summary>Makes the accumulators of a tile real, or adds them to those of other parts.</summary>
    private readonly struct Sink(WideGemmOperator owner, PlanRun run) : IAccumulatorSink
    {
        public void Take(byte* arena, int* accumulators, int stride, int row, int rows, int column, int columns)
        {
            nint at = ((nint)row * owner.shape.OutputChannels) + column;
            float* target = run.Floats(owner.operands.Target) + at;
            double* totals = owner.operands.Totals is { } buffer ? (double*)run.Pointer(buffer) + at : null;
            for (int r = 0; r < rows; r++, accumulators += stride, target += owner.shape.OutputChannels)
            {
                if (totals == null)
                {
                    owner.results.Store(accumulators, column, columns, target);
                    continue;
                }
                for (int c = 0; c < columns; c++)
                    totals[c] = owner.part.IsFirst ? accumulators[c] : totals[c] + accumulators[c];
                if (owner.part.IsLast)
                    owner.results.Store(totals, column, columns, target);
                totals += owner.shape.OutputChannels;
            }
        }
    }
}
