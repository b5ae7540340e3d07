using System.Collections.Immutable;
using TransformFramework.Cpu.Microkernels;
using TransformFramework.Cpu.Microkernels.Gemm;
using TransformFramework.Cpu.Microkernels.Gemm.U8S8;
using TransformFramework.Cpu.Microkernels.Isa;
using TransformFramework.Cpu.Microkernels.Requantize;

namespace TransformFramework.Cpu.Plans.Operators.UniformQuantizedDot;

/// <summary>A product of quantized rows and packed weights, as floats: Σ (x − x₀)·w = Σ x·w − x₀·Σ w, times both scales.</summary>
internal sealed unsafe class UniformQuantizedDotOperator : BlockOperator
{
    private readonly MicrokernelSet kernels;
    private readonly ConvolutionShape shape;
    private readonly DynamicWeights weights;
    private readonly DynamicRows source;
    private readonly PlanBuffer target;
    private readonly PostOps post;
    private readonly int threads;
    private readonly AlignedMemory sums;
    private readonly AlignedMemory scales;
    private readonly AlignedMemory? offset;
    private U8S8Gemm? product;

    public UniformQuantizedDotOperator(MicrokernelSet kernels, ConvolutionShape shape, DynamicWeights weights, DynamicRows source, PlanBuffer target, PostOps post, int threads)
    {
        this.kernels = kernels;
        this.shape = shape;
        this.weights = weights;
        this.source = source;
        this.target = target;
        this.post = post;
        this.threads = threads;
        sums = AlignedMemory.Of<int>(weights.ColumnSums);
        scales = AlignedMemory.Of<float>(post.Scale is null ? weights.Scales : [.. weights.Scales.Select((scale, c) => (float)(scale * post.Scale[c]))]);
        offset = post.Offset is null ? null : AlignedMemory.Of<float>(PostOps.ToSingles(post.Offset));
        Reads = [source.Values, source.Scales, source.ZeroPoints];
        Writes = [target];
    }

    public override ImmutableArray<PlanBuffer> Reads { get; }

    public override ImmutableArray<PlanBuffer> Writes { get; }

    public override int Blocks => product!.Blocks;

    public override void Prepare()
    {
        RowOffsets rows = RowOffsets.Of(shape, kernels.Int8Gemm.Contract.Mr, source.Length, source.Values.Offset, 0);
        product = new(kernels.Int8Gemm, weights.Panels, rows, source.Length, sizeof(float), threads);
    }

    public override void RunBlock(PlanRun run, int block)
    {
        var tiles = new Tiles(this, run);
        product!.Run(run.Arena, block, ref tiles);
    }

    private readonly struct Tiles(UniformQuantizedDotOperator step, PlanRun run) : IAccumulatorSink
    {
        public void Take(byte* arena, int* accumulators, int stride, int row, int rows, int column, int columns)
        {
            DequantizeDynamicRows work = new()
            {
                Accumulators = accumulators,
                AccumulatorStride = stride,
                ColumnSums = (int*)step.sums.Pointer + column,
                ColumnScales = (float*)step.scales.Pointer + column,
                Offset = step.offset is null ? null : (float*)step.offset.Pointer + column,
                RowScales = run.Floats(step.source.Scales) + row,
                RowZeroPoints = run.Integers(step.source.ZeroPoints) + row,
                Output = run.Floats(step.target) + ((nint)row * step.shape.OutputChannels) + column,
                OutputStride = step.shape.OutputChannels,
                Rows = rows,
                Columns = columns,
                Low = step.post.Low,
                High = step.post.High,
            };
            step.kernels.Int8Vectors.DequantizeDynamic(&work);
        }
    }
}
