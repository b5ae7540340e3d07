using System.Collections.Immutable;
using TransformFramework.Cpu.Microkernels;
using TransformFramework.Cpu.Microkernels.Gemm;
using TransformFramework.Cpu.Microkernels.Gemm.U8S8;
using TransformFramework.Cpu.Microkernels.Isa;
using TransformFramework.Cpu.Microkernels.Requantize;

namespace TransformFramework.Cpu.Plans.Operators.UniformQuantizedDot;

/// <summary>A product of quantized rows and packed weights, as floats, with what follows it.</summary>
internal sealed unsafe class UniformQuantizedDotOperator : BlockOperator
{
    private readonly MicrokernelSet kernels;
    private readonly ConvolutionShape shape;
    private readonly DynamicWeights weights;
    private readonly DynamicRowBuffers source;
    private readonly PlanBuffer target;
    private readonly PostOps post;
    private readonly int threads;
    private readonly AlignedMemory scales;
    private readonly AlignedMemory? offset;
    private U8S8Gemm? product;

    public UniformQuantizedDotOperator(MicrokernelSet kernels, ConvolutionShape shape, DynamicWeights weights, DynamicRowBuffers source, PlanBuffer target, PostOps post, int threads)
    {
        this.kernels = kernels;
        this.shape = shape;
        this.weights = weights;
        this.source = source;
        this.target = target;
        this.post = post;
        this.threads = threads;
        scales = AlignedMemory.Of<float>(post.Scale is null ? weights.Scales : [.. weights.Scales.Select((scale, c) => (float)(scale * post.Scale[c]))]);
        offset = post.Offset is null ? null : AlignedMemory.Of<float>(PostOps.ToSingles(post.Offset));
        Reads = [source.Quantized, source.Scales, source.ZeroPoints];
        Writes = [target];
    }

    public override ImmutableArray<PlanBuffer> Reads { get; }

    public override ImmutableArray<PlanBuffer> Writes { get; }

    public override int Blocks => product!.Blocks;

    public override void Prepare()
    {
        RowOffsets rows = RowOffsets.Of(shape, kernels.Int8Gemm.Contract.Mr, source.Length, source.Quantized.Offset, 0);
        product = new(kernels.Int8Gemm, weights.Panels, rows, source.Length, sizeof(float), threads);
    }

    public override void RunBlock(PlanRun run, int block)
    {
        DynamicRows rows = source.Of(run);
        var tiles = new DynamicTiles(kernels.Int8Vectors, new()
        {
            ColumnSums = (int*)weights.ColumnSums.Pointer,
            ColumnScales = (float*)scales.Pointer,
            Offset = offset is null ? null : (float*)offset.Pointer,
            RowScales = rows.Scales,
            RowZeroPoints = rows.ZeroPoints,
            Output = run.Floats(target),
            OutputStride = weights.Columns,
            Low = post.Low,
            High = post.High,
        });
        product!.Run(run.Arena, block, ref tiles);
    }
}
