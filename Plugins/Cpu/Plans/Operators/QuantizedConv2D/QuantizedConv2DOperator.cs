using System.Collections.Immutable;
using TransformFramework.Cpu.Microkernels;
using TransformFramework.Cpu.Microkernels.Gemm;
using TransformFramework.Cpu.Microkernels.Gemm.U8S8;

namespace TransformFramework.Cpu.Plans.Operators.QuantizedConv2D;

/// <summary>A convolution of quint8 values by packed weights; a writer takes the accumulators while they are in the cache.</summary>
internal sealed unsafe class QuantizedConv2DOperator(MicrokernelSet kernels, ConvolutionShape shape, U8S8Panels weights, PlanBuffer source, PlanBuffer? padding, AccumulatorWriter writer, int threads) : BlockOperator
{
    private U8S8Gemm? product;

    public override ImmutableArray<PlanBuffer> Reads { get; } = [.. new[] { source, padding, writer.Residual }.OfType<PlanBuffer>()];

    public override ImmutableArray<PlanBuffer> Writes { get; } = [writer.Target];

    public override int Blocks => product!.Blocks;

    public override void Prepare()
    {
        RowOffsets rows = RowOffsets.Of(shape, kernels.Int8Gemm.Contract.Mr, shape.InputChannels, source.Offset, padding?.Offset ?? 0);
        bool overlaps = shape.Height.Size > shape.Height.Stride || shape.Width.Size > shape.Width.Stride;
        product = new(kernels.Int8Gemm, weights, rows, overlaps ? shape.InputChannels * 2L : shape.InputChannels, writer.ElementBytes, threads);
    }

    public override void RunBlock(PlanRun run, int block)
    {
        var tiles = new Tiles(run, kernels.Int8Vectors, writer);
        if (!writer.IsForKernels)
        {
            product!.Run(run.Arena, block, ref tiles);
            return;
        }
        U8S8RequantizedTile quantized = writer.Tile(run);
        product!.Run(run.Arena, block, ref tiles, &quantized);
    }

    private readonly struct Tiles(PlanRun run, Int8Vectors vectors, AccumulatorWriter writer) : IAccumulatorSink
    {
        public void Take(byte* arena, int* accumulators, int stride, int row, int rows, int column, int columns)
        {
            AccumulatorRows taken = new() { Accumulators = accumulators, Stride = stride, Row = row, Rows = rows, Column = column, Columns = columns };
            writer.Take(run, vectors, &taken);
        }
    }
}
