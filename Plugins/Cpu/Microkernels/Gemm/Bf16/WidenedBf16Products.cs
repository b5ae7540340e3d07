using TransformFramework.Cpu.Kernels;
using TransformFramework.Cpu.Microkernels.Gemm.F32;

namespace TransformFramework.Cpu.Microkernels.Gemm.Bf16;

/// <summary>Products by the float kernels of any instruction set: rounded numbers as floats, the second of each pair first.</summary>
internal sealed unsafe class WidenedBf16Products(F32GemmKernels tiles) : Bf16Products(tiles, sizeof(float))
{
    public override void Round(float* source, byte* target, nint count)
    {
        var rounded = (float*)target;
        for (nint i = 0; i < count; i += Pair)
            (rounded[i], rounded[i + 1]) = (BFloat16.ToFloat(Round(source[i + 1])), BFloat16.ToFloat(Round(source[i])));
    }

    protected override F32Panels PackScaled(float[] weights, int taps, int depth, int columns, ReadOnlySpan<float> bias)
    {
        float[] rounded = new float[weights.Length];
        for (int i = 0; i < weights.Length; i++)
        {
            int row = i / columns;
            rounded[((row ^ 1) * columns) + (i % columns)] = BFloat16.ToFloat(Round(weights[i]));
        }
        return F32Panels.Pack(Tiles, rounded, taps, depth, columns, scale: [], bias);
    }
}
