using TransformFramework.Cpu.Microkernels.Gemm.U8S8;
using TransformFramework.Cpu.Microkernels.Isa;
using TransformFramework.Graphs;

namespace TransformFramework.Cpu.Plans.Operators.UniformQuantizedDot;

/// <summary>qint8 weights, packed, with what takes the zero points of rows off.</summary>
/// <param name="Panels">The packed weights.</param>
/// <param name="Inner">Rows of the weights.</param>
/// <param name="Scales">What a step of each column counts.</param>
/// <param name="ColumnSums">The sum of each column's weights, int32.</param>
internal sealed record DynamicWeights(U8S8Panels Panels, int Inner, float[] Scales, AlignedMemory ColumnSums)
{
    public int Columns => Scales.Length;

    /// <summary>Packs weights [inner, columns].</summary>
    public static DynamicWeights Of(U8S8GemmKernels tiles, Tensor weights, Tensor scales)
    {
        int columns = (int)weights.Shape[1];
        ReadOnlySpan<sbyte> values = weights.AsSpan<sbyte>();
        int[] columnSums = new int[columns];
        for (int row = 0; row < values.Length; row += columns)
        {
            for (int c = 0; c < columns; c++)
                columnSums[c] += values[row + c];
        }
        float[] all = scales.ElementCount == columns ? scales.AsSpan<float>().ToArray() : [.. Enumerable.Repeat(scales.AsSpan<float>()[0], columns)];
        int inner = (int)weights.Shape[0];
        return new(U8S8Panels.Pack(tiles, values, 1, inner, columns, []), inner, all, AlignedMemory.Of<int>(columnSums));
    }
}
