using System.Collections.Immutable;
using TransformFramework.Cpu.Gemm;
using TransformFramework.Cpu.Vectors;

namespace TransformFramework.Cpu.Compiled.Steps;

/// <summary>A convolution of quint8 codes by packed weights; an epilogue takes the sums while they are in the cache.</summary>
internal sealed unsafe class CodeConvolutionStep(KernelSet kernels, ConvolutionShape shape, CodePanels weights, PlanBuffer source, PlanBuffer? padding, FusedEpilogue epilogue, int threads) : BlockStep
{
    private CodeProduct? product;

    public override ImmutableArray<PlanBuffer> Reads { get; } = [.. new[] { source, padding, epilogue.Summand }.OfType<PlanBuffer>()];

    public override ImmutableArray<PlanBuffer> Writes { get; } = [epilogue.Target];

    public override int Blocks => product!.Blocks;

    public override void Prepare()
    {
        RowOffsets rows = RowOffsets.Of(shape, kernels.Codes.Rows, shape.InputChannels, source.Offset, padding?.Offset ?? 0);
        bool overlaps = shape.Height.Size > shape.Height.Stride || shape.Width.Size > shape.Width.Stride;
        product = new(kernels.Codes, weights, rows, overlaps ? shape.InputChannels * 2L : shape.InputChannels, epilogue.ElementBytes, threads);
    }

    public override void RunBlock(PlanRun run, int block)
    {
        var tiles = new Tiles(run, kernels.Conversions, epilogue);
        if (!epilogue.IsForKernels)
        {
            product!.Run(run.Arena, block, ref tiles);
            return;
        }
        RequantizedTile codes = epilogue.Tile(run);
        product!.Run(run.Arena, block, ref tiles, &codes);
    }

    private readonly struct Tiles(PlanRun run, CodeVectors vectors, FusedEpilogue epilogue) : ICodeEpilogue
    {
        public void Take(byte* arena, int* sums, int stride, int row, int rows, int column, int columns)
        {
            SumRows taken = new() { Sums = sums, Stride = stride, Row = row, Rows = rows, Column = column, Columns = columns };
            epilogue.Take(run, vectors, &taken);
        }
    }
}
