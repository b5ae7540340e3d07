using System.Collections.Immutable;
using System.Runtime.Intrinsics;
using System.Runtime.Intrinsics.X86;
using TransformFramework.Cpu.Vectors;

namespace TransformFramework.Cpu.Gemm;

/// <summary>The kernels of one instruction set: float products by tiles, what runs along channels, 8-bit products, and conversions of codes.</summary>
internal sealed record KernelSet(string Name, bool IsSupported, FloatTiles Floats, FloatVectors Vectors, CodeTiles Codes, CodeVectors Conversions);

/// <summary>Every kernel set, the fastest first. The first that the machine has is used, unless the environment variable <see cref="Variable"/> names another.</summary>
internal static class KernelCatalog
{
    /// <summary>Environment variable that names the kernel set to use.</summary>
    public const string Variable = "TRANSFORMFRAMEWORK_ISA";

    private static readonly FloatVectors Scalars = FloatVectors.Of<ScalarFloats, float>(null);
    private static readonly FloatVectors Vectors128 = FloatVectors.Of<Portable128Floats, Vector128<float>>(Scalars);
    private static readonly FloatVectors Vectors256 = FloatVectors.Of<Avx2Floats, Vector256<float>>(Vectors128);
    private static readonly FloatVectors Vectors512 = FloatVectors.Of<Avx512Floats, Vector512<float>>(Vectors256);
    private static readonly CodeVectors CodeScalars = CodeVectors.Of<ScalarFloats, float, ScalarConversions, int>(null);
    private static readonly CodeVectors CodeVectors128 = CodeVectors.Of<Portable128Floats, Vector128<float>, Portable128Conversions, Vector128<int>>(CodeScalars);
    private static readonly CodeVectors CodeVectors256 = CodeVectors.Of<Avx2Floats, Vector256<float>, Avx2Conversions, Vector256<int>>(CodeVectors128);
    private static readonly CodeVectors CodeVectors512 = CodeVectors.Of<Avx512Floats, Vector512<float>, Avx512Conversions, Vector512<int>>(CodeVectors256);
    private static readonly FloatTiles Tiles256 = FloatTiles.Of<Avx2Floats, Vector256<float>>();
    private static readonly FloatTiles Tiles512 = FloatTiles.Of<Avx512Floats, Vector512<float>>();
    private static readonly CodeTiles Codes512 = CodeTiles.Of<Avx512Codes, Vector512<int>, Vector512<short>, Vector512<short>, Avx512Floats, Vector512<float>, Avx512Conversions>();

    public static ImmutableArray<KernelSet> All { get; } =
    [
        new("vnni", HasAvx512 && Avx512Vnni.TryGet() is not null, Tiles512, Vectors512, Avx512Vnni.TryGet() ?? Codes512, CodeVectors512),
        new("avxvnni", HasAvx2 && AvxVnni.IsSupported, HasAvx512 ? Tiles512 : Tiles256, HasAvx512 ? Vectors512 : Vectors256, CodeTiles.Of<AvxVnniCodes, Vector256<int>, Vector256<sbyte>, Vector256<byte>, Avx2Floats, Vector256<float>, Avx2Conversions>(), HasAvx512 ? CodeVectors512 : CodeVectors256),
        new("avx512", HasAvx512, Tiles512, Vectors512, Codes512, CodeVectors512),
        new("avx2", HasAvx2, Tiles256, Vectors256, CodeTiles.Of<Avx2Codes, Vector256<int>, Vector256<short>, Vector256<short>, Avx2Floats, Vector256<float>, Avx2Conversions>(), CodeVectors256),
        new("vector128", Vector128.IsHardwareAccelerated, FloatTiles.Of<Portable128Floats, Vector128<float>>(), Vectors128, CodeTiles.Of<Portable128Codes, Vector128<int>, Vector128<int>, Vector128<int>, Portable128Floats, Vector128<float>, Portable128Conversions>(), CodeVectors128),
        new("scalar", true, FloatTiles.Of<ScalarFloats, float>(), Scalars, CodeTiles.Of<ScalarCodes, int, int, int, ScalarFloats, float, ScalarConversions>(), CodeScalars),
    ];

    /// <summary>The sets that this machine has.</summary>
    public static IEnumerable<KernelSet> Supported => All.Where(set => set.IsSupported);

    /// <summary>The set that the environment asks for, or the fastest.</summary>
    public static KernelSet Selected { get; } = Select(Environment.GetEnvironmentVariable(Variable));

    /// <summary>The supported set of a name; the fastest for none.</summary>
    /// <exception cref="InvalidOperationException">There is none of that name, or the machine lacks it.</exception>
    public static KernelSet Select(string? name)
    {
        if (string.IsNullOrEmpty(name))
            return Supported.First();
        return Supported.FirstOrDefault(set => set.Name.Equals(name, StringComparison.OrdinalIgnoreCase))
            ?? throw new InvalidOperationException($"{Variable} is '{name}'; this machine has {string.Join(", ", Supported.Select(set => set.Name))}");
    }

    private static bool HasAvx2 => Avx2.IsSupported && Fma.IsSupported;

    private static bool HasAvx512 => HasAvx2 && Avx512F.IsSupported && Avx512BW.IsSupported && Avx512DQ.IsSupported && Vector512.IsHardwareAccelerated;
}
