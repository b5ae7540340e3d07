using System.Collections.Immutable;
using System.Runtime.Intrinsics;
using System.Runtime.Intrinsics.Arm;
using System.Runtime.Intrinsics.X86;
using TransformFramework.Cpu.Microkernels.Depthwise;
using TransformFramework.Cpu.Microkernels.Gemm.Bf16;
using TransformFramework.Cpu.Microkernels.Gemm.F32;
using TransformFramework.Cpu.Microkernels.Gemm.U8S8;
using TransformFramework.Cpu.Microkernels.Isa;
using TransformFramework.Cpu.Microkernels.MachineCode;
using TransformFramework.Cpu.Microkernels.Neon;

namespace TransformFramework.Cpu.Microkernels;

/// <summary>The kernels that a plan runs by: those of an instruction set, and of the narrower ones for what it lacks. Each part is made when it is first asked for, since every kernel takes the runtime time.</summary>
/// <param name="name">Name of the set.</param>
/// <param name="floatGemm">Float products.</param>
/// <param name="floatVectors">Kernels over vectors of floats.</param>
/// <param name="int8Gemm">Products of 8-bit values.</param>
/// <param name="int8Vectors">Kernels over vectors of 8-bit values.</param>
/// <param name="emittedBf16">Products of numbers rounded to bfloat16 by an instruction of their own, where there is one.</param>
internal sealed class MicrokernelSet(
    string name, Lazy<F32GemmKernels> floatGemm, Lazy<FloatVectors> floatVectors, Lazy<U8S8GemmKernels> int8Gemm, Lazy<Int8Vectors> int8Vectors, Func<Bf16GemmKernels?>? emittedBf16 = null)
{
    private readonly Lazy<Bf16Products> bf16 = new(() => emittedBf16?.Invoke() is { } emitted ? new EmittedBf16Products(emitted) : new WidenedBf16Products(floatGemm.Value));

    public string Name => name;

    public F32GemmKernels FloatGemm => floatGemm.Value;

    public FloatVectors FloatVectors => floatVectors.Value;

    public U8S8GemmKernels Int8Gemm => int8Gemm.Value;

    public Int8Vectors Int8Vectors => int8Vectors.Value;

    /// <summary>The kernels of 3 × 3 depthwise convolutions of quint8 values, where there are special ones.</summary>
    public Depthwise3x3Kernels? Depthwise3x3 { get; init; }

    /// <summary>Products of qint16 inputs and qint8 weights.</summary>
    public U8S8GemmKernels Int16Gemm => S16S8GemmKernels.Of(Name);

    /// <summary>Products of numbers rounded to bfloat16.</summary>
    public Bf16Products Bf16 => bf16.Value;
}

/// <summary>
/// Every microkernel by name, and the sets that plans run by, the fastest first. The first set that the machine has is used, unless the environment variable <see cref="Variable"/> names another.
/// A set is made when it is asked for, since each of its kernels takes the runtime time.
/// </summary>
internal static class MicrokernelCatalog
{
    /// <summary>Environment variable that names the set to use.</summary>
    public const string Variable = "TRANSFORMFRAMEWORK_ISA";

    /// <summary>The instructions that the first set multiplies numbers of bfloat16 by, where the machine has them.</summary>
    private const string Bf16Isa = "avx512bf16";

    private static readonly Lazy<FloatVectors> FloatScalar = new(() => FloatVectors.Of<ScalarFloatIsa, float>(null));
    private static readonly Lazy<FloatVectors> Float128 = new(() => FloatVectors.Of<Vector128FloatIsa, Vector128<float>>(() => FloatScalar.Value));
    private static readonly Lazy<FloatVectors> Float256 = new(() => FloatVectors.Of<Avx2FloatIsa, Vector256<float>>(() => Float128.Value));
    private static readonly Lazy<FloatVectors> Float512 = new(() => FloatVectors.Of<Avx512FloatIsa, Vector512<float>>(() => Float256.Value));
    private static readonly Lazy<Int8Vectors> Int8Scalar = new(() => Int8Vectors.Of<ScalarFloatIsa, float, ScalarInt8Conversions, int>(null));
    private static readonly Lazy<Int8Vectors> Int8128 = new(() => Int8Vectors.Of<Vector128FloatIsa, Vector128<float>, Vector128Int8Conversions, Vector128<int>>(() => Int8Scalar.Value));
    private static readonly Lazy<Int8Vectors> Int8Neon = new(() => Int8Vectors.OfNeon(() => Int8Scalar.Value));
    private static readonly Lazy<Int8Vectors> Int8256 = new(() => Int8Vectors.Of<Avx2FloatIsa, Vector256<float>, Avx2Int8Conversions, Vector256<int>>(() => Int8128.Value));
    private static readonly Lazy<Int8Vectors> Int8512 = new(() => Int8Vectors.Of<Avx512FloatIsa, Vector512<float>, Avx512Int8Conversions, Vector512<int>>(() => Int8256.Value));
    private static readonly Lazy<F32GemmKernels> FloatGemm256 = new(F32GemmKernels.Of<Avx2FloatIsa, Vector256<float>>);
    private static readonly Lazy<F32GemmKernels> FloatGemm512 = new(F32GemmKernels.Of<Avx512FloatIsa, Vector512<float>>);

    private static readonly Lazy<F32GemmKernels> FloatGemmNeon = new(() => new NeonF32GemmKernels());

    private static readonly ImmutableArray<Entry> Entries =
    [
        new("vnni", "avx512vnni", () => HasAvx512 && VnniGemmKernels.TryGet() is not null, MakeVnni, VnniGemmKernels.DescribeAll),
        new("avxvnni", "avxvnni", () => HasAvx2 && AvxVnni.IsSupported, MakeAvxVnni, DescribeInt8Gemm),
        new("avx512", "avx512", () => HasAvx512, MakeAvx512, DescribeSet),
        new("avx2", "avx2", () => HasAvx2, MakeAvx2, DescribeSet),
        new("neondot", "neondot", () => HasNeon && Dp.IsSupported, MakeNeonDot, DescribeDots),
        new("neon", "neon", () => HasNeon, MakeNeon, DescribeNeon),
        new("vector128", "vector128", () => Vector128.IsHardwareAccelerated, MakeVector128, DescribeSet),
        new("scalar", "scalar", () => true, MakeScalar, DescribeSet),
    ];

    /// <summary>Names of all sets, the fastest first.</summary>
    public static IEnumerable<string> SetNames => Entries.Select(entry => entry.Name);

    /// <summary>The sets that this machine has.</summary>
    public static IEnumerable<MicrokernelSet> Supported => Entries.Where(entry => entry.IsSupported()).Select(entry => entry.Set);

    /// <summary>The set that the environment asks for, or the fastest.</summary>
    public static MicrokernelSet Selected { get; } = Select(Environment.GetEnvironmentVariable(Variable));

    /// <summary>Every kernel, also those that this machine cannot run.</summary>
    public static IEnumerable<Microkernel> All => [.. Entries.SelectMany(entry => entry.Kernels), Bf16GemmKernels.Described(Bf16Isa), .. S16S8GemmKernels.Described];

    /// <summary>The set of an instruction set by whose name kernels end, or null when this machine lacks it.</summary>
    public static MicrokernelSet? SetOf(string isa) => isa == Bf16Isa
        ? SetOf(Entries[0].Isa) is { Bf16: EmittedBf16Products } set ? set : null
        : Entries.First(entry => entry.Isa == isa) is var entry && entry.IsSupported() ? entry.Set : null;

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

    private static bool HasNeon => AdvSimd.Arm64.IsSupported;

    private static MicrokernelSet MakeVnni() => MakeVnni(VnniGemmKernels.TryGet()!);

    private static MicrokernelSet MakeVnni(VnniGemmKernels kernels) => new("vnni", FloatGemm512, Float512, new(() => kernels), Int8512, Bf16GemmKernels.TryGet) { Depthwise3x3 = kernels.Depthwise3x3 };

    private static MicrokernelSet MakeAvxVnni()
    {
        var gemm = new Lazy<U8S8GemmKernels>(U8S8GemmKernels.Of<AvxVnniInt8Isa, Vector256<int>, Vector256<sbyte>, Vector256<byte>, Avx2FloatIsa, Vector256<float>, Avx2Int8Conversions>);
        bool isWide = HasAvx512;
        return new("avxvnni", isWide ? FloatGemm512 : FloatGemm256, isWide ? Float512 : Float256, gemm, isWide ? Int8512 : Int8256) { Depthwise3x3 = new Avx2Depthwise3x3Kernels() };
    }

    private static MicrokernelSet MakeAvx512() =>
        new("avx512", FloatGemm512, Float512, new(U8S8GemmKernels.OfAvx512), Int8512) { Depthwise3x3 = new Avx2Depthwise3x3Kernels() };

    private static MicrokernelSet MakeAvx2() =>
        new("avx2", FloatGemm256, Float256, new(U8S8GemmKernels.OfAvx2), Int8256) { Depthwise3x3 = new Avx2Depthwise3x3Kernels() };

    private static MicrokernelSet MakeNeonDot() => new("neondot", FloatGemmNeon, Float128, new(NeonU8S8GemmKernels.OfDots), Int8Neon) { Depthwise3x3 = new NeonDepthwise3x3Kernels() };

    private static MicrokernelSet MakeNeon() => new("neon", FloatGemmNeon, Float128, new(NeonU8S8GemmKernels.OfProducts), Int8Neon);

    private static MicrokernelSet MakeVector128() => new(
        "vector128",
        new(F32GemmKernels.Of<Vector128FloatIsa, Vector128<float>>),
        Float128,
        new(U8S8GemmKernels.Of<Vector128Int8Isa, Vector128<int>, Vector128<int>, Vector128<int>, Vector128FloatIsa, Vector128<float>, Vector128Int8Conversions>),
        Int8128);

    private static MicrokernelSet MakeScalar() => new(
        "scalar",
        new(F32GemmKernels.Of<ScalarFloatIsa, float>),
        FloatScalar,
        new(U8S8GemmKernels.Of<ScalarInt8Isa, int, int, int, ScalarFloatIsa, float, ScalarInt8Conversions>),
        Int8Scalar);

    /// <summary>The kernels of a set that has all of its own.</summary>
    private static IEnumerable<Microkernel> DescribeSet(string isa)
    {
        MicrokernelSet set = Entries.First(entry => entry.Isa == isa).Set;
        return [set.FloatGemm.Describe(isa), .. set.Int8Gemm.Describe(isa), .. set.FloatVectors.Describe(isa), .. set.Int8Vectors.Describe(isa), .. set.Depthwise3x3?.Describe(isa) ?? []];
    }

    /// <summary>The kernels of a set that differs from another one by its 8-bit GEMM.</summary>
    private static IEnumerable<Microkernel> DescribeInt8Gemm(string isa) => Entries.First(entry => entry.Isa == isa).Set.Int8Gemm.Describe(isa);

    /// <summary>The kernels of Arm64's first set that have dot products.</summary>
    private static IEnumerable<Microkernel> DescribeDots(string isa)
    {
        MicrokernelSet set = Entries.First(entry => entry.Isa == isa).Set;
        return [.. set.Int8Gemm.Describe(isa), .. set.Depthwise3x3!.Describe(isa)];
    }

    /// <summary>The kernels of Arm64 that differ from those of any 128-bit vectors.</summary>
    private static IEnumerable<Microkernel> DescribeNeon(string isa)
    {
        MicrokernelSet set = Entries.First(entry => entry.Isa == isa).Set;
        return [set.FloatGemm.Describe(isa), .. set.Int8Gemm.Describe(isa), .. set.Int8Vectors.Describe(isa)];
    }

    /// <summary>One instruction set.</summary>
    /// <param name="name">The name by which it is chosen.</param>
    /// <param name="isa">The end of its kernels' names.</param>
    /// <param name="isSupported">True when this machine has it.</param>
    /// <param name="make">Makes the set. Its pointers may be taken on every machine; only a call needs the instructions.</param>
    /// <param name="describe">The kernels that no other instruction set has.</param>
    private sealed class Entry(string name, string isa, Func<bool> isSupported, Func<MicrokernelSet> make, Func<string, IEnumerable<Microkernel>> describe)
    {
        private readonly Lazy<MicrokernelSet> set = new(make);

        public string Name => name;

        public string Isa => isa;

        public MicrokernelSet Set => set.Value;

        public IEnumerable<Microkernel> Kernels => describe(isa);

        public bool IsSupported() => isSupported();
    }
}
