using System.Collections.Immutable;
using System.Runtime.Intrinsics;
using System.Runtime.Intrinsics.X86;
using TransformFramework.Cpu.Vectors;

namespace TransformFramework.Cpu.Gemm;

/// <summary>The kernels of one instruction set: products by tiles, and what runs along channels.</summary>
internal sealed record KernelSet(string Name, bool IsSupported, FloatTiles Floats, FloatVectors Vectors);

/// <summary>Every kernel set, the fastest first. The first that the machine has is used, unless the environment variable <see cref="Variable"/> names another.</summary>
internal static class KernelCatalog
{
    /// <summary>Environment variable that names the kernel set to use.</summary>
    public const string Variable = "TRANSFORMFRAMEWORK_ISA";

    private static readonly FloatVectors Scalars = FloatVectors.Of<ScalarFloats, float>(null);
    private static readonly FloatVectors Vectors128 = FloatVectors.Of<Portable128Floats, Vector128<float>>(Scalars);
    private static readonly FloatVectors Vectors256 = FloatVectors.Of<Avx2Floats, Vector256<float>>(Vectors128);
    private static readonly FloatVectors Vectors512 = FloatVectors.Of<Avx512Floats, Vector512<float>>(Vectors256);

    public static ImmutableArray<KernelSet> All { get; } =
    [
        new("avx512", Avx512F.IsSupported && Avx512BW.IsSupported && Vector512.IsHardwareAccelerated, FloatTiles.Of<Avx512Floats, Vector512<float>>(), Vectors512),
        new("avx2", Avx2.IsSupported && Fma.IsSupported, FloatTiles.Of<Avx2Floats, Vector256<float>>(), Vectors256),
        new("vector128", Vector128.IsHardwareAccelerated, FloatTiles.Of<Portable128Floats, Vector128<float>>(), Vectors128),
        new("scalar", true, FloatTiles.Of<ScalarFloats, float>(), Scalars),
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
}
