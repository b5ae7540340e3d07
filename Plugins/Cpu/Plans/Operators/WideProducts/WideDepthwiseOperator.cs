using System.Collections.Immutable;
using TransformFramework.Cpu.Microkernels.Depthwise;
using TransformFramework.Cpu.Microkernels.Gemm;
using TransformFramework.Cpu.Microkernels.Isa;

namespace TransformFramework.Cpu.Plans.Operators.WideProducts;

/// <summary>A depthwise convolution of qint16 data by qint8 weights in exact integers, a block for each row of each output image; scale, bias and activation follow in float.</summary>
/// <param name="set">The kernel set's name.</param>
/// <param name="shape">The sizes.</param>
/// <param name="weights">Packed for the kernel.</param>
/// <param name="operands">What is read and written.</param>
/// <param name="results">How accumulators become real.</param>
internal sealed unsafe class WideDepthwiseOperator(string set, ConvolutionShape shape, AlignedMemory weights, WideOperands operands, WideResults results) : BlockOperator
{
    private readonly delegate*<byte**, int, nint, int, short*, int*, void> kernel = S16S8DepthwiseKernel.Of(set);
    /// <summary>Channels whose accumulators are kept at a time.</summary>
    private const int MostChannels = 1024;

    private readonly int taps = shape.Height.Size * shape.Width.Size;

    public override ImmutableArray<PlanBuffer> Reads { get; } = [operands.Source, operands.Zeros!];

    public override ImmutableArray<PlanBuffer> Writes { get; } = [operands.Target];

    public override int Blocks => shape.Batch * shape.Height.Output;

    public override void RunBlock(PlanRun run, int block)
    {
        int pairs = (taps + 1) / 2;
        byte** pointers = stackalloc byte*[2 * pairs];
        int* accumulators = stackalloc int[MostChannels];
        float* target = run.Floats(operands.Target) + ((nint)block * shape.Width.Output * shape.InputChannels);
        for (int x = 0; x < shape.Width.Output; x++, target += shape.InputChannels)
        {
            for (int tap = 0; tap < 2 * pairs; tap++)
                pointers[tap] = PointerOf(run, block / shape.Height.Output, block % shape.Height.Output, x, tap);
            for (int c = 0; c < shape.InputChannels; c += MostChannels)
            {
                int count = Math.Min(MostChannels, shape.InputChannels - c);
                int groups = (count + S16S8DepthwiseKernel.Channels - 1) / S16S8DepthwiseKernel.Channels;
                kernel(pointers, pairs, c * sizeof(short), groups, (short*)weights.Pointer + (c * 2 * pairs), accumulators);
                results.Store(accumulators, c, count, target + c);
            }
        }
    }

    /// <summary>The pixel that a tap of a window reads; zeros outside of the image, and for the tap that an odd number lacks.</summary>
    private byte* PointerOf(PlanRun run, int image, int row, int column, int tap)
    {
        int y = shape.Height.Position(row, tap / shape.Width.Size);
        int x = shape.Width.Position(column, tap % shape.Width.Size);
        bool isOutside = tap >= taps || (uint)y >= (uint)shape.Height.Input || (uint)x >= (uint)shape.Width.Input;
        return isOutside ? run.Pointer(operands.Zeros!) : run.Pointer(operands.Source) + ((((((nint)image * shape.Height.Input) + y) * shape.Width.Input) + x) * shape.InputChannels * sizeof(short));
    }
}
