using System.Collections.Immutable;
using System.Runtime.Intrinsics;
using System.Runtime.Intrinsics.X86;
using TransformFramework.Cpu.Vectors;

namespace TransformFramework.Cpu.Gemm;

/// <summary>The kernels of one instruction set: float products by tiles, what runs along channels, 8-bit products, and conversions of codes.</summary>
internal sealed record KernelSet(string Name, FloatTiles Floats, FloatVectors Vectors, CodeTiles Codes, CodeVectors Conversions);

/// <summary>
/// Every kernel set, the fastest first. The first that the machine has is used, unless the environment variable <see cref="Variable"/> names another. A set is made when it is asked for, since
/// each of its kernels takes the runtime time.
/// </summary>
internal static class KernelCatalog
{
    /// <summary>Environment variable that names the kernel set to use.</summary>
    public const string Variable = "TRANSFORMFRAMEWORK_ISA";

    private static readonly Lazy<FloatVectors> Scalars = new(() => FloatVectors.Of<ScalarFloats, float>(null));
    private static readonly Lazy<FloatVectors> Vectors128 = new(() => FloatVectors.Of<Portable128Floats, Vector128<float>>(() => Scalars.Value));
    private static readonly Lazy<FloatVectors> Vectors256 = new(() => FloatVectors.Of<Avx2Floats, Vector256<float>>(() => Vectors128.Value));
    private static readonly Lazy<FloatVectors> Vectors512 = new(() => FloatVectors.Of<Avx512Floats, Vector512<float>>(() => Vectors256.Value));
    private static readonly Lazy<CodeVectors> CodeScalars = new(() => CodeVectors.Of<ScalarFloats, float, ScalarConversions, int>(null));
    private static readonly Lazy<CodeVectors> CodeVectors128 = new(() => CodeVectors.Of<Portable128Floats, Vector128<float>, Portable128Conversions, Vector128<int>>(() => CodeScalars.Value));
    private static readonly Lazy<CodeVectors> CodeVectors256 = new(() => CodeVectors.Of<Avx2Floats, Vector256<float>, Avx2Conversions, Vector256<int>>(() => CodeVectors128.Value));
    private static readonly Lazy<CodeVectors> CodeVectors512 = new(() => CodeVectors.Of<Avx512Floats, Vector512<float>, Avx512Conversions, Vector512<int>>(() => CodeVectors256.Value));
    private static readonly Lazy<FloatTiles> Tiles256 = new(FloatTiles.Of<Avx2Floats, Vector256<float>>);
    private static readonly Lazy<FloatTiles> Tiles512 = new(FloatTiles.Of<Avx512Floats, Vector512<float>>);

    private static readonly ImmutableArray<Entry> Entries =
    [
        new("vnni", () => HasAvx512 && Avx512Vnni.TryGet() is not null, () => new("vnni", Tiles512.Value, Vectors512.Value, Avx512Vnni.TryGet()!, CodeVectors512.Value)),
        new("avxvnni", () => HasAvx2 && AvxVnni.IsSupported, MakeAvxVnni),
        new("avx512", () => HasAvx512, () => new("avx512", Tiles512.Value, Vectors512.Value, CodeTiles.Of<Avx512Codes, Vector512<int>, Vector512<short>, Vector512<short>, Avx512Floats, Vector512<float>, Avx512Conversions>(), CodeVectors512.Value)),
        new("avx2", () => HasAvx2, () => new("avx2", Tiles256.Value, Vectors256.Value, CodeTiles.Of<Avx2Codes, Vector256<int>, Vector256<short>, Vector256<short>, Avx2Floats, Vector256<float>, Avx2Conversions>(), CodeVectors256.Value)),
        new("vector128", () => Vector128.IsHardwareAccelerated, () => new("vector128", FloatTiles.Of<Portable128Floats, Vector128<float>>(), Vectors128.Value, CodeTiles.Of<Portable128Codes, Vector128<int>, Vector128<int>, Vector128<int>, Portable128Floats, Vector128<float>, Portable128Conversions>(), CodeVectors128.Value)),
        new("scalar", () => true, () => new("scalar", FloatTiles.Of<ScalarFloats, float>(), Scalars.Value, CodeTiles.Of<ScalarCodes, int, int, int, ScalarFloats, float, ScalarConversions>(), CodeScalars.Value)),
    ];

    /// <summary>The sets that this machine has.</summary>
    public static IEnumerable<KernelSet> Supported => Entries.Where(entry => entry.IsSupported()).Select(entry => entry.Set);

    /// <summary>The set that the environment asks for, or the fastest.</summary>
    public static KernelSet Selected { get; } = Select(Environment.GetEnvironmentVariable(Variable));

    /// <summary>The supported set of a name; the fastest for none.</summary>
    /// <exception cref="InvalidOperationException">There is none of that name, or the machine lacks it.</exception>
    public static KernelSet Select(string? name)
    {
        if (string.IsNullOrEmpty(name))
            return Supported.First();
        return Entries.FirstOrDefault(entry => entry.Name.Equals(name, StringComparison.OrdinalIgnoreCase) && entry.IsSupported())?.Set
            ?? throw new InvalidOperationException($"{Variable} is '{name}'; this machine has {string.Join(", ", Supported.Select(set => set.Name))}");
    }

    private static bool HasAvx2 => Avx2.IsSupported && Fma.IsSupported;

    private static bool HasAvx512 => HasAvx2 && Avx512F.IsSupported && Avx512BW.IsSupported && Avx512DQ.IsSupported && Vector512.IsHardwareAccelerated;

    private static KernelSet MakeAvxVnni()
    {
        CodeTiles codes = CodeTiles.Of<AvxVnniCodes, Vector256<int>, Vector256<sbyte>, Vector256<byte>, Avx2Floats, Vector256<float>, Avx2Conversions>();
        return HasAvx512
            ? new("avxvnni", Tiles512.Value, Vectors512.Value, codes, CodeVectors512.Value)
            : new("avxvnni", Tiles256.Value, Vectors256.Value, codes, CodeVectors256.Value);
    }

    private sealed class Entry(string name, Func<bool> isSupported, Func<KernelSet> make)
    {
        private readonly Lazy<KernelSet> set = new(make);

        public string Name => name;

        public KernelSet Set => set.Value;

        public bool IsSupported() => isSupported();
    }
}
