using TransformFramework.Cpu.Microkernels.Isa;

namespace TransformFramework.Cpu.Microkernels.Gemm.Strassen;

/// <summary>A panel of three quarters of the weights and of their first sum t₁ = b₁₂ − b₁₁, and its other sums: t₂ = b₂₂ − t₁, t₃ = t₂ − b₁₁, t₄ = b₂₁ − t₂.</summary>
internal unsafe struct StrassenPanel : IVectorWork
{
    public float* B11;

    public float* B21;

    public float* B22;

    public float* T1;

    /// <summary>The second sum.</summary>
    public float* Output;

    /// <summary>Floats from one sum to the next.</summary>
    public nint MatrixStride;

    public nint Count;

    public readonly nint Length => Count;

    public void Skip(nint count)
    {
        B11 += count;
        B21 += count;
        B22 += count;
        T1 += count;
        Output += count;
        Count -= count;
    }
}

/// <summary>The sums of packed weights, element by element.</summary>
internal static unsafe class StrassenPanelKernel<TIsa, TVector>
    where TIsa : struct, IFloatIsa<TVector>
    where TVector : struct
{
    public static void Run(StrassenPanel* panel, nint count)
    {
        nint stride = panel->MatrixStride;
        for (nint i = 0; i < count; i += TIsa.Lanes)
        {
            TVector b11 = TIsa.Load(panel->B11 + i);
            TVector b21 = TIsa.Load(panel->B21 + i);
            TVector b22 = TIsa.Load(panel->B22 + i);
            TVector t1 = TIsa.Load(panel->T1 + i);
            float* output = panel->Output + i;
            TVector t2 = TIsa.Subtract(b22, t1);
            TIsa.Store(t2, output);
            TIsa.Store(TIsa.Subtract(t2, b11), output + stride);
            TIsa.Store(TIsa.Subtract(b21, t2), output + (2 * stride));
        }
    }
}
