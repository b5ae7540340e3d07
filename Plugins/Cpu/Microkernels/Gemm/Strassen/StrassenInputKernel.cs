using TransformFramework.Cpu.Microkernels.Isa;

namespace TransformFramework.Cpu.Microkernels.Gemm.Strassen;

/// <summary>
/// A row of each quarter of the left matrix of a product, and the row of each of its four sums: s₁ = a₂₁ + a₂₂, s₂ = s₁ − a₁₁, s₃ = a₁₁ − a₂₁, s₄ = a₁₂ − s₂. Source of the sums: Winograd's form of Strassen's product,
/// Knuth, The Art of Computer Programming, volume 2, section 4.6.4.
/// </summary>
internal unsafe struct StrassenInput : IVectorWork
{
    /// <summary>Rows of the quarters, numbered by row and column.</summary>
    public float* A11;

    public float* A12;

    public float* A21;

    public float* A22;

    /// <summary>Row of the first sum.</summary>
    public float* Output;

    /// <summary>Floats from one sum to the next.</summary>
    public nint MatrixStride;

    public nint Columns;

    /// <summary>As many floats as the widest vector has: zeros as long as no element is above some 10¹², else some are not numbers.</summary>
    public float* Check;

    public readonly nint Length => Columns;

    public void Skip(nint columns)
    {
        A11 += columns;
        A12 += columns;
        A21 += columns;
        A22 += columns;
        Output += columns;
        Columns -= columns;
    }
}

/// <summary>The sums of the left matrix, column by column.</summary>
internal static unsafe class StrassenInputKernel<TIsa, TVector>
    where TIsa : struct, IFloatIsa<TVector>
    where TVector : struct
{
    /// <summary>Makes numbers above some 10¹² infinite, far below those whose products' sums are.</summary>
    private const float ToInfinity = 1e26f;

    public static void Run(StrassenInput* rows, nint columns)
    {
        nint stride = rows->MatrixStride;
        TVector scale = TIsa.Broadcast(ToInfinity);
        TVector zero = TIsa.Broadcast(0);
        TVector check = TIsa.Load(rows->Check);
        for (nint c = 0; c < columns; c += TIsa.Lanes)
        {
            TVector a11 = TIsa.Load(rows->A11 + c);
            TVector a12 = TIsa.Load(rows->A12 + c);
            TVector a21 = TIsa.Load(rows->A21 + c);
            TVector a22 = TIsa.Load(rows->A22 + c);
            TVector scaled = TIsa.MultiplyAdd(a12, scale, TIsa.Multiply(a11, scale));
            scaled = TIsa.MultiplyAdd(a22, scale, TIsa.MultiplyAdd(a21, scale, scaled));
            check = TIsa.MultiplyAdd(scaled, zero, check);
            float* output = rows->Output + c;
            TVector s1 = TIsa.Add(a21, a22);
            TVector s2 = TIsa.Subtract(s1, a11);
            TIsa.Store(s1, output);
            TIsa.Store(s2, output + stride);
            TIsa.Store(TIsa.Subtract(a11, a21), output + (2 * stride));
            TIsa.Store(TIsa.Subtract(a12, s2), output + (3 * stride));
        }
        TIsa.Store(check, rows->Check);
    }
}
