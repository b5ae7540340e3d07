using TransformFramework.Cpu.Microkernels;
using TransformFramework.Cpu.Microkernels.Gemm;
using TransformFramework.Cpu.Microkernels.Gemm.U8S8;
using TransformFramework.Cpu.Microkernels.Isa;
using TransformFramework.Cpu.Plans.Operators.UniformQuantizedDot;

namespace TransformFramework.Cpu.Plans.Operators.Scan;

/// <summary>z = x · weights + bias of qint8 weights, each row of x quantized by its own range.</summary>
internal sealed unsafe class DynamicProductInstruction : StepInstruction
{
    private readonly MicrokernelSet kernels;
    private readonly DynamicWeights weights;
    private readonly StepOperand source;
    private readonly StepOperand target;
    private readonly StepOperand quantized;
    private readonly StepOperand scales;
    private readonly StepOperand zeroPoints;
    private readonly int rows;
    private readonly AlignedMemory columnScales;
    private readonly AlignedMemory? bias;
    private readonly U8S8Gemm product;

    /// <param name="kernels">The kernels.</param>
    /// <param name="weights">The packed weights.</param>
    /// <param name="bias">Added to each column; empty for nothing.</param>
    /// <param name="memory">Gives places to quantized rows.</param>
    /// <param name="source">The matrix x.</param>
    /// <param name="target">The matrix z.</param>
    /// <param name="rows">Rows of both.</param>
    public DynamicProductInstruction(MicrokernelSet kernels, DynamicWeights weights, float[] bias, StepMemory memory, StepOperand source, StepOperand target, int rows)
    {
        this.kernels = kernels;
        this.weights = weights;
        this.source = source;
        this.target = target;
        this.rows = rows;
        this.bias = bias.Length == 0 ? null : AlignedMemory.Of<float>(bias);
        columnScales = AlignedMemory.Of<float>(weights.Scales);
        quantized = memory.Register(rows, StepOperand.Padded(weights.Inner));
        scales = memory.Register(1, rows);
        zeroPoints = memory.Register(1, rows);
        RowOffsets offsets = RowOffsets.Of(ConvolutionShape.MatMul(rows, weights.Inner, weights.Columns), kernels.Int8Gemm.Contract.Mr, weights.Inner, 0, 0);
        product = new(kernels.Int8Gemm, weights.Panels, offsets, weights.Inner, sizeof(float), threads: 1);
    }

    public override void Run(StepFrame* frame)
    {
        float* x = source.Pointer(frame);
        byte* values = (byte*)quantized.Pointer(frame);
        float* rowScales = scales.Pointer(frame);
        int* rowZeroPoints = (int*)zeroPoints.Pointer(frame);
        for (int r = 0; r < rows; r++)
        {
            DynamicRows row = new() { Reals = x + ((nint)r * source.RowStride), Quantized = values + ((nint)r * weights.Inner), Scales = rowScales + r, ZeroPoints = rowZeroPoints + r, Length = weights.Inner };
            row.Quantize(kernels, 0, 1);
        }
        var tiles = new DynamicTiles(kernels.Int8Vectors, new()
        {
            ColumnSums = (int*)weights.ColumnSums.Pointer,
            ColumnScales = (float*)columnScales.Pointer,
            Offset = bias is null ? null : (float*)bias.Pointer,
            RowScales = rowScales,
            RowZeroPoints = rowZeroPoints,
            Output = target.Pointer(frame),
            OutputStride = target.RowStride,
            Low = float.NegativeInfinity,
            High = float.PositiveInfinity,
        });
        for (int block = 0; block < product.Blocks; block++)
            product.Run(values, block, ref tiles);
    }
}
