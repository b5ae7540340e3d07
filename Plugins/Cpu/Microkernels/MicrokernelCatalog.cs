using System.Collections.Immutable;
using System.Runtime.Intrinsics;
using System.Runtime.Intrinsics.X86;
using TransformFramework.Cpu.Microkernels.Depthwise;
using TransformFramework.Cpu.Microkernels.Gemm.F32;
using TransformFramework.Cpu.Microkernels.Gemm.U8S8;
using TransformFramework.Cpu.Microkernels.Isa;
using TransformFramework.Cpu.Microkernels.MachineCode;

namespace TransformFramework.Cpu.Microkernels;

/// <summary>The kernels of one instruction set: float products by tiles, what runs along channels, 8-bit products, and conversions of quantized values.</summary>
internal sealed record MicrokernelSet(string Name, F32GemmKernels FloatGemm, FloatVectors FloatVectors, U8S8GemmKernels Int8Gemm, Int8Vectors Int8Vectors)
{
    /// <summary>The kernels of 3 × 3 depthwise convolutions of quint8 values, where there are special ones.</summary>
    public Depthwise3x3Kernels? Depthwise3x3 { get; init; }
}

/// <summary>
/// Every kernel set, the fastest first. The first that the machine has is used, unless the environment variable <see cref="Variable"/> names another. A set is made when it is asked for, since
/// each of its kernels takes the runtime time.
/// </summary>
internal static class MicrokernelCatalog
{
    /// <summary>Environment variable that names the kernel set to use.</summary>
    public const string Variable = "TRANSFORMFRAMEWORK_ISA";

    private static readonly Lazy<FloatVectors> Scalars = new(() => FloatVectors.Of<ScalarFloatIsa, float>(null));
    private static readonly Lazy<FloatVectors> Vectors128 = new(() => FloatVectors.Of<Vector128FloatIsa, Vector128<float>>(() => Scalars.Value));
    private static readonly Lazy<FloatVectors> Vectors256 = new(() => FloatVectors.Of<Avx2FloatIsa, Vector256<float>>(() => Vectors128.Value));
    private static readonly Lazy<FloatVectors> Vectors512 = new(() => FloatVectors.Of<Avx512FloatIsa, Vector512<float>>(() => Vectors256.Value));
    private static readonly Lazy<Int8Vectors> Int8Scalars = new(() => Int8Vectors.Of<ScalarFloatIsa, float, ScalarInt8Conversions, int>(null));
    private static readonly Lazy<Int8Vectors> Int8Vectors128 = new(() => Int8Vectors.Of<Vector128FloatIsa, Vector128<float>, Vector128Int8Conversions, Vector128<int>>(() => Int8Scalars.Value));
    private static readonly Lazy<Int8Vectors> Int8Vectors256 = new(() => Int8Vectors.Of<Avx2FloatIsa, Vector256<float>, Avx2Int8Conversions, Vector256<int>>(() => Int8Vectors128.Value));
    private static readonly Lazy<Int8Vectors> Int8Vectors512 = new(() => Int8Vectors.Of<Avx512FloatIsa, Vector512<float>, Avx512Int8Conversions, Vector512<int>>(() => Int8Vectors256.Value));
    private static readonly Lazy<F32GemmKernels> Tiles256 = new(F32GemmKernels.Of<Avx2FloatIsa, Vector256<float>>);
    private static readonly Lazy<F32GemmKernels> Tiles512 = new(F32GemmKernels.Of<Avx512FloatIsa, Vector512<float>>);

    private static readonly ImmutableArray<Entry> Entries =
    [
        new("vnni", () => HasAvx512 && VnniGemmKernels.TryGet() is not null, () => new("vnni", Tiles512.Value, Vectors512.Value, VnniGemmKernels.TryGet()!, Int8Vectors512.Value) { Depthwise3x3 = VnniGemmKernels.TryGet()!.Depthwise3x3 }),
        new("avxvnni", () => HasAvx2 && AvxVnni.IsSupported, MakeAvxVnni),
        new("avx512", () => HasAvx512, () => new("avx512", Tiles512.Value, Vectors512.Value, U8S8GemmKernels.Of<Avx512Int8Isa, Vector512<int>, Vector512<short>, Vector512<short>, Avx512FloatIsa, Vector512<float>, Avx512Int8Conversions>(), Int8Vectors512.Value)),
        new("avx2", () => HasAvx2, () => new("avx2", Tiles256.Value, Vectors256.Value, U8S8GemmKernels.Of<Avx2Int8Isa, Vector256<int>, Vector256<short>, Vector256<short>, Avx2FloatIsa, Vector256<float>, Avx2Int8Conversions>(), Int8Vectors256.Value)),
        new("vector128", () => Vector128.IsHardwareAccelerated, () => new("vector128", F32GemmKernels.Of<Vector128FloatIsa, Vector128<float>>(), Vectors128.Value, U8S8GemmKernels.Of<Vector128Int8Isa, Vector128<int>, Vector128<int>, Vector128<int>, Vector128FloatIsa, Vector128<float>, Vector128Int8Conversions>(), Int8Vectors128.Value)),
        new("scalar", () => true, () => new("scalar", F32GemmKernels.Of<ScalarFloatIsa, float>(), Scalars.Value, U8S8GemmKernels.Of<ScalarInt8Isa, int, int, int, ScalarFloatIsa, float, ScalarInt8Conversions>(), Int8Scalars.Value)),
    ];

    /// <summary>The sets that this machine has.</summary>
    public static IEnumerable<MicrokernelSet> Supported => Entries.Where(entry => entry.IsSupported()).Select(entry => entry.Set);

    /// <summary>The set that the environment asks for, or the fastest.</summary>
    public static MicrokernelSet Selected { get; } = Select(Environment.GetEnvironmentVariable(Variable));

    /// <summary>The supported set of a name; the fastest for none.</summary>
    /// <exception cref="InvalidOperationException">There is none of that name, or the machine lacks it.</exception>
    public static MicrokernelSet Select(string? name)
    {
        if (string.IsNullOrEmpty(name))
            return Supported.First();
        return Entries.FirstOrDefault(entry => entry.Name.Equals(name, StringComparison.OrdinalIgnoreCase) && entry.IsSupported())?.Set
            ?? throw new InvalidOperationException($"{Variable} is '{name}'; this machine has {string.Join(", ", Supported.Select(set => set.Name))}");
    }

    private static bool HasAvx2 => Avx2.IsSupported && Fma.IsSupported;

    private static bool HasAvx512 => HasAvx2 && Avx512F.IsSupported && Avx512BW.IsSupported && Avx512DQ.IsSupported && Vector512.IsHardwareAccelerated;

    private static MicrokernelSet MakeAvxVnni()
    {
        U8S8GemmKernels gemm = U8S8GemmKernels.Of<AvxVnniInt8Isa, Vector256<int>, Vector256<sbyte>, Vector256<byte>, Avx2FloatIsa, Vector256<float>, Avx2Int8Conversions>();
        return HasAvx512
            ? new("avxvnni", Tiles512.Value, Vectors512.Value, gemm, Int8Vectors512.Value)
            : new("avxvnni", Tiles256.Value, Vectors256.Value, gemm, Int8Vectors256.Value);
    }

    private sealed class Entry(string name, Func<bool> isSupported, Func<MicrokernelSet> make)
    {
        private readonly Lazy<MicrokernelSet> set = new(make);

        public string Name => name;

        public MicrokernelSet Set => set.Value;

        public bool IsSupported() => isSupported();
    }
}
