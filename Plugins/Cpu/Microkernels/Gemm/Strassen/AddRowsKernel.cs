using TransformFramework.Cpu.Microkernels.Isa;

namespace TransformFramework.Cpu.Microkernels.Gemm.Strassen;

/// <summary>Rows of y[r, c] = clamp(left[r, c] + right[r, c] + residual[r, c]).</summary>
internal unsafe struct AddRows : IVectorWork
{
    public float* Left;

    public nint LeftStride;

    public float* Right;

    public nint RightStride;

    /// <summary>May be null.</summary>
    public float* Residual;

    public nint ResidualStride;

    /// <summary>May be one of the operands.</summary>
    public float* Output;

    public nint OutputStride;

    public nint Rows;

    public nint Columns;

    public float Low;

    public float High;

    public readonly nint Length => Columns;

    public void Skip(nint columns)
    {
        Left += columns;
        Right += columns;
        Residual = Residual == null ? null : Residual + columns;
        Output += columns;
        Columns -= columns;
    }
}

/// <summary>Sums of two or three matrices, clamped.</summary>
internal static unsafe class AddRowsKernel<TIsa, TVector>
    where TIsa : struct, IFloatIsa<TVector>
    where TVector : struct
{
    public static void Run(AddRows* rows, nint columns)
    {
        TVector low = TIsa.Broadcast(rows->Low);
        TVector high = TIsa.Broadcast(rows->High);
        for (nint r = 0; r < rows->Rows; r++)
        {
            for (nint c = 0; c < columns; c += TIsa.Lanes)
            {
                TVector sum = TIsa.Add(TIsa.Load(rows->Left + (r * rows->LeftStride) + c), TIsa.Load(rows->Right + (r * rows->RightStride) + c));
                if (rows->Residual != null)
                    sum = TIsa.Add(sum, TIsa.Load(rows->Residual + (r * rows->ResidualStride) + c));
                TIsa.Store(TIsa.AtMost(TIsa.AtLeast(sum, low), high), rows->Output + (r * rows->OutputStride) + c);
            }
        }
    }
}
