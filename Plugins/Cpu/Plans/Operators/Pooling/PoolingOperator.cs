using System.Collections.Immutable;
using TransformFramework.Cpu.Microkernels;
using TransformFramework.Cpu.Microkernels.Gemm;
using TransformFramework.Cpu.Microkernels.Pooling;
using TransformFramework.Cpu.Plans.Operators.DepthwiseConv2D;

namespace TransformFramework.Cpu.Plans.Operators.Pooling;

/// <summary>Maximum or mean over windows, a block for each row of each output image; what is outside the image does not count.</summary>
internal sealed unsafe class PoolingOperator(FloatVectors vectors, ConvolutionShape shape, PlanBuffer source, PlanBuffer target, bool takesMaximum) : BlockOperator
{
    public override ImmutableArray<PlanBuffer> Reads { get; } = [source];

    public override ImmutableArray<PlanBuffer> Writes { get; } = [target];

    public override int Blocks => shape.Batch * shape.Height.Output;

    public override void RunBlock(PlanRun run, int block)
    {
        int channels = shape.InputChannels;
        int image = block / shape.Height.Output;
        var rows = TapRange.Of(shape.Height, block % shape.Height.Output);
        nint rowStride = (nint)shape.Width.Input * channels;
        float* input = run.Floats(source) + ((((nint)image * shape.Height.Input) + shape.Height.Position(block % shape.Height.Output, rows.First)) * rowStride);
        PoolTile tile = new() { RowStride = shape.Height.Dilation * rowStride, TapStride = (nint)shape.Width.Dilation * channels, TapRows = rows.Count, Channels = channels };
        for (int x = 0; x < shape.Width.Output; x++)
        {
            var columns = TapRange.Of(shape.Width, x);
            tile.TapColumns = columns.Count;
            tile.Input = input + ((nint)shape.Width.Position(x, columns.First) * channels);
            tile.Output = run.Floats(target) + ((((nint)block * shape.Width.Output) + x) * channels);
            tile.Factor = 1f / (rows.Count * columns.Count);
            if (takesMaximum)
                vectors.MaxPool(&tile);
            else
                vectors.SumPool(&tile);
        }
    }
}
