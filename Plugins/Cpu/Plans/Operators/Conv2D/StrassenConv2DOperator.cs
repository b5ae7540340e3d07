using System.Collections.Immutable;
using TransformFramework.Cpu.Microkernels;
using TransformFramework.Cpu.Microkernels.Gemm;
using TransformFramework.Cpu.Microkernels.Gemm.Strassen;
using TransformFramework.Cpu.Plans.Operators.Gemm;

namespace TransformFramework.Cpu.Plans.Operators.Conv2D;

/// <summary>A 1 × 1 convolution of floats by Strassen's product: an eighth fewer products. A layer whose columns differ too much in size, or a run whose numbers are too large for it, convolves directly.</summary>
internal sealed unsafe class StrassenConv2DOperator : BlockOperator
{
    private const int FewestChannels = 128;
    private const int FewestRows = 96;
    private const int MostChannels = 1 << 16;

    private readonly StrassenGemm product;
    private readonly GemmOperands operands;
    private readonly Lazy<GemmOperator> direct;
    private readonly PlanBuffer isDirect = new(sizeof(int));

    /// <param name="kernels">The kernels.</param>
    /// <param name="shape">The sizes.</param>
    /// <param name="weights">Packed quarters.</param>
    /// <param name="operands">What is read and written; the result takes no operand's place.</param>
    /// <param name="threads">Threads that share the blocks.</param>
    /// <param name="direct">Makes the direct convolution, when a run first needs it.</param>
    public StrassenConv2DOperator(MicrokernelSet kernels, ConvolutionShape shape, StrassenWeights weights, GemmOperands operands, int threads, Func<GemmOperator> direct)
    {
        product = new(kernels.FloatGemm, kernels.FloatVectors, weights, shape.Rows / 2, threads);
        this.operands = operands;
        this.direct = new(() => Prepared(direct()));
        Reads = [.. new[] { operands.Source, operands.Residual }.OfType<PlanBuffer>()];
        Writes = [operands.Target, isDirect];
    }

    public override ImmutableArray<PlanBuffer> Reads { get; }

    public override ImmutableArray<PlanBuffer> Writes { get; }

    public override int Blocks => product.Blocks;

    /// <summary>True for convolutions that this is faster for. An image has an even number of pixels, so that no pair is of two images.</summary>
    public static bool Fits(ConvolutionShape shape) =>
        shape is { Groups: 1, IsPadded: false, InputChannels: >= FewestChannels and <= MostChannels, OutputChannels: >= FewestChannels and <= MostChannels, Rows: >= FewestRows }
        && shape.InputChannels % 2 == 0 && shape.OutputChannels % StrassenGemm.ColumnMultiple == 0
        && IsPoint(shape.Height) && IsPoint(shape.Width) && shape.Height.Output * shape.Width.Output % 2 == 0;

    public override long OutputBytes(PlanRun run) => operands.Target.Bytes;

    public override void Run(PlanRun run)
    {
        *run.Integers(isDirect) = product.AreWeightsSuited ? 0 : 1;
        if (product.AreWeightsSuited)
            base.Run(run);
        if (*run.Integers(isDirect) != 0)
            direct.Value.Run(run);
    }

    public override void RunBlock(PlanRun run, int block)
    {
        float* residual = operands.Residual is { } added ? run.Floats(added) : null;
        if (!product.Run(run.Floats(operands.Source), run.Floats(operands.Target), residual, operands.Low, operands.High, block))
            *run.Integers(isDirect) = 1;
    }

    private static GemmOperator Prepared(GemmOperator direct)
    {
        direct.Prepare();
        return direct;
    }

    private static bool IsPoint(SpatialDimension dimension) => dimension is { Size: 1, Stride: 1, Before: 0 } && dimension.Input == dimension.Output;
}
