using System.Buffers;
using System.Collections.Immutable;
using TransformFramework.Cpu.Analysis;
using TransformFramework.Cpu.Microkernels;
using TransformFramework.Cpu.Microkernels.Gemm;
using TransformFramework.Cpu.Microkernels.Gemm.U8S8;
using TransformFramework.Cpu.Microkernels.Isa;
using TransformFramework.Cpu.Microkernels.Requantize;
using TransformFramework.Graphs;

namespace TransformFramework.Cpu.Plans.Operators.UniformQuantizedDot;

/// <summary>The same product of rows whose number is only known in the run, as those that a loop takes from a list, on tensors outside the arena.</summary>
/// <param name="node">The node.</param>
/// <param name="kernels">The kernels.</param>
/// <param name="weights">The packed weights.</param>
/// <param name="source">Slot of the float matrix.</param>
/// <param name="constants">The node's other inputs.</param>
/// <param name="target">Slot of the result.</param>
internal sealed unsafe class UnshapedDotOperator(AnalyzedNode node, MicrokernelSet kernels, DynamicWeights weights, int source, Tensor[] constants, int target) : Operator
{
    private readonly AlignedMemory scales = AlignedMemory.Of<float>(weights.Scales);

    public override ImmutableArray<PlanBuffer> Reads => [];

    public override ImmutableArray<PlanBuffer> Writes => [];

    public override long OutputBytes(PlanRun run) => ProfileClock.BytesOf([run.Tensors[target]]);

    public override void Run(PlanRun run)
    {
        Tensor left = run.Tensors[source]!;
        bool fits = left is { Type: DataType.Float, Shape.Rank: 2 } && left.Shape[1] == weights.Inner && left.Shape[0] > 0;
        run.Tensors[target] = fits ? Product(left, (int)left.Shape[0]) : KernelRun.Compute(node, [left, .. constants], run.State, run.Cancellation)[0];
    }

    private Tensor Product(Tensor left, int count)
    {
        Tensor result = Tensor.Allocate<float>(DataType.Float, TensorShape.Of(count, weights.Columns), out var elements);
        byte[] quantized = ArrayPool<byte>.Shared.Rent(checked((count * weights.Inner) + AlignedMemory.Slack));
        float[] rowScales = new float[count];
        int[] zeroPoints = new int[count];
        fixed (byte* values = quantized)
        fixed (float* reals = left.AsSpan<float>(), output = elements, rowScale = rowScales)
        fixed (int* zeroPoint = zeroPoints)
        {
            DynamicRows rows = new() { Reals = reals, Quantized = values, Scales = rowScale, ZeroPoints = zeroPoint, Length = weights.Inner };
            rows.Quantize(kernels, 0, count);
            RowOffsets offsets = RowOffsets.Of(ConvolutionShape.MatMul(count, weights.Inner, weights.Columns), kernels.Int8Gemm.Contract.Mr, weights.Inner, 0, 0);
            var product = new U8S8Gemm(kernels.Int8Gemm, weights.Panels, offsets, weights.Inner, sizeof(float), threads: 1);
            var tiles = new DynamicTiles(kernels.Int8Vectors, new()
            {
                ColumnSums = (int*)weights.ColumnSums.Pointer,
                ColumnScales = (float*)scales.Pointer,
                RowScales = rowScale,
                RowZeroPoints = zeroPoint,
                Output = output,
                OutputStride = weights.Columns,
                Low = float.NegativeInfinity,
                High = float.PositiveInfinity,
            });
            for (int block = 0; block < product.Blocks; block++)
                product.Run(values, block, ref tiles);
        }
        ArrayPool<byte>.Shared.Return(quantized);
        return result;
    }
}
