using TransformFramework.Cpu.Microkernels;
using TransformFramework.Cpu.Microkernels.Gemm.U8S8;
using TransformFramework.Cpu.Microkernels.Requantize;

namespace TransformFramework.Cpu.Plans.Operators.UniformQuantizedDot;

/// <summary>Writes the accumulators of quantized rows as floats: Σ (x − x₀)·w = Σ x·w − x₀·Σ w, times both scales.</summary>
internal readonly unsafe struct DynamicTiles(Int8Vectors vectors, DequantizeDynamicRows whole) : IAccumulatorSink
{
    public void Take(byte* arena, int* accumulators, int stride, int row, int rows, int column, int columns)
    {
        DequantizeDynamicRows work = whole with
        {
            Accumulators = accumulators,
            AccumulatorStride = stride,
            ColumnSums = whole.ColumnSums + column,
            ColumnScales = whole.ColumnScales + column,
            Offset = whole.Offset == null ? null : whole.Offset + column,
            RowScales = whole.RowScales + row,
            RowZeroPoints = whole.RowZeroPoints + row,
            Output = whole.Output + (row * whole.OutputStride) + column,
            Rows = rows,
            Columns = columns,
        };
        vectors.DequantizeDynamic(&work);
    }
}
