using System.Runtime.Intrinsics;
using TransformFramework.Cpu.Microkernels.Gemm.U8S8;
using TransformFramework.Cpu.Microkernels.Isa;
using TransformFramework.Cpu.Microkernels.MachineCode;

namespace TransformFramework.Cpu.Microkernels;

/// <summary>
/// The GEMM kernels of qint16 inputs and qint8 weights, which are packed as 16 bits; accumulators have 32 bits. Kernels of a set are made when a plan first asks for them.
/// </summary>
internal static class S16S8GemmKernels
{
    /// <summary>Bytes of a dot-product group that may be past a row's depth.</summary>
    private const int GroupOverread = (U8S8GemmKernels.Group - 1) * sizeof(short);

    private static readonly Lazy<U8S8GemmKernels> Scalar = new(U8S8GemmKernels.Of<ScalarInt16Isa, int, int, int, ScalarFloatIsa, float, ScalarInt8Conversions>);
    private static readonly Lazy<U8S8GemmKernels> Any128 = new(U8S8GemmKernels.Of<Vector128Int16Isa, Vector128<int>, Vector128<short>, Vector128<short>, Vector128FloatIsa, Vector128<float>, Vector128Int8Conversions>);
    private static readonly Lazy<U8S8GemmKernels> Avx2 = new(U8S8GemmKernels.Of<Avx2WidenedInt8Isa, Vector256<int>, Vector256<short>, Vector256<short>, Avx2FloatIsa, Vector256<float>, Avx2Int8Conversions>);
    private static readonly Lazy<U8S8GemmKernels> Avx512 = new(U8S8GemmKernels.Of<Avx512WidenedInt8Isa, Vector512<int>, Vector512<short>, Vector512<short>, Avx512FloatIsa, Vector512<float>, Avx512Int8Conversions>);

    /// <summary>The kernels by name, also where they cannot run.</summary>
    public static IEnumerable<Microkernel> Described =>
    [
        Describe(VnniS16S8GemmKernels.MaxRows, VnniS16S8GemmKernels.MaxVectors * VnniS16S8GemmKernels.VectorColumns, "avx512vnni"),
        Describe(Avx512WidenedInt8Isa.Mr, Avx512WidenedInt8Isa.NrVectors * Avx512WidenedInt8Isa.Lanes, "avx512"),
        Describe(Avx2WidenedInt8Isa.Mr, Avx2WidenedInt8Isa.NrVectors * Avx2WidenedInt8Isa.Lanes, "avx2"),
        Describe(Vector128Int16Isa.Mr, Vector128Int16Isa.NrVectors * Vector128Int16Isa.Lanes, "vector128"),
        Describe(ScalarInt16Isa.Mr, ScalarInt16Isa.NrVectors * ScalarInt16Isa.Lanes, "scalar"),
    ];

    /// <summary>The kernels of a set.</summary>
    /// <param name="set">The name of a set that this machine has.</param>
    public static U8S8GemmKernels Of(string set) => set switch
    {
        "vnni" => (U8S8GemmKernels?)VnniS16S8GemmKernels.TryGet() ?? Avx512.Value,
        "avx512" => Avx512.Value,
        "avxvnni" or "avx2" => Avx2.Value,
        "scalar" => Scalar.Value,
        _ => Any128.Value,
    };

    private static Microkernel Describe(int mr, int nr, string isa) =>
        new("s16s8_gemm", $"{mr}x{nr}c2", isa, MicrokernelContract.Gemm(mr, nr, 2, GroupOverread));
}
