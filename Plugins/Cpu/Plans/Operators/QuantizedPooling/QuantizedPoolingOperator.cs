using System.Collections.Immutable;
using TransformFramework.Cpu.Microkernels;
using TransformFramework.Cpu.Microkernels.Gemm;
using TransformFramework.Cpu.Microkernels.Pooling;
using TransformFramework.Cpu.Plans.Operators.DepthwiseConv2D;

namespace TransformFramework.Cpu.Plans.Operators.QuantizedPooling;

/// <summary>The largest quantized value, or the mean cut to a quantized value, of each window; what is outside the image does not count. A block for each row of each output image.</summary>
internal sealed unsafe class QuantizedPoolingOperator(Int8Vectors vectors, ConvolutionShape shape, PlanBuffer source, PlanBuffer target, bool takesMaximum, bool isSigned = false) : BlockOperator
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
        byte* input = run.Pointer(source) + ((((nint)image * shape.Height.Input) + shape.Height.Position(block % shape.Height.Output, rows.First)) * rowStride);
        Int8PoolTile window = new() { RowStride = shape.Height.Dilation * rowStride, TapStride = (nint)shape.Width.Dilation * channels, TapRows = rows.Count, Channels = channels, IsSigned = isSigned };
        for (int x = 0; x < shape.Width.Output; x++)
        {
            var columns = TapRange.Of(shape.Width, x);
            window.TapColumns = columns.Count;
            window.Input = input + ((nint)shape.Width.Position(x, columns.First) * channels);
            window.Output = run.Pointer(target) + ((((nint)block * shape.Width.Output) + x) * channels);
            if (takesMaximum)
                vectors.MaxPool(&window);
            else
                vectors.MeanPool(&window);
        }
    }
}
