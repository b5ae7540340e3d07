using TransformFramework.Cpu.Microkernels.Isa;

namespace TransformFramework.Cpu.Microkernels.Elementwise;

/// <summary>Rows of y[r, c] = clamp(x[r, c]·scale[c] + offset[c] + residual[r, c]).</summary>
internal unsafe struct AffineRows : IVectorWork
{
    public float* Input;

    public float* Scale;

    public float* Offset;

    /// <summary>May be null.</summary>
    public float* Residual;

    /// <summary>May be the input or the residual.</summary>
    public float* Output;

    public nint Rows;

    public nint Channels;

    /// <summary>Floats from one row to the next of input, residual and output.</summary>
    public nint Stride;

    public float Low;

    public float High;

    public readonly nint Length => Channels;

    public void Skip(nint channels)
    {
        Input += channels;
        Scale += channels;
        Offset += channels;
        Residual = Residual == null ? null : Residual + channels;
        Output += channels;
        Channels -= channels;
    }
}

/// <summary>Scale, offset, addition and clamping; denormals count as zero, as in the reference kernels.</summary>
internal static unsafe class AffineKernel<TIsa, TVector>
    where TIsa : struct, IFloatIsa<TVector>
    where TVector : struct
{
    public static void Run(AffineRows* rows, nint channels)
    {
        TVector low = TIsa.Broadcast(rows->Low);
        TVector high = TIsa.Broadcast(rows->High);
        for (nint r = 0; r < rows->Rows; r++)
        {
            nint at = r * rows->Stride;
            for (nint c = 0; c < channels; c += TIsa.Lanes)
            {
                TVector x = TIsa.FlushDenormals(TIsa.Load(rows->Input + at + c));
                x = TIsa.FlushDenormals(TIsa.MultiplyAdd(x, TIsa.Load(rows->Scale + c), TIsa.Load(rows->Offset + c)));
                if (rows->Residual != null)
                    x = TIsa.FlushDenormals(TIsa.Add(x, TIsa.FlushDenormals(TIsa.Load(rows->Residual + at + c))));
                TIsa.Store(TIsa.AtMost(TIsa.AtLeast(x, low), high), rows->Output + at + c);
            }
        }
    }
}
