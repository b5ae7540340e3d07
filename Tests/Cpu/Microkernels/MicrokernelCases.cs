using TransformFramework.Cpu.Microkernels.Isa;

namespace TransformFramework.Cpu.Microkernels;

/// <summary>The kernels of the catalogue as rows of tests; one that this machine cannot run is skipped by its name.</summary>
internal static class MicrokernelCases
{
    /// <summary>Operations that some test runs.</summary>
    public static readonly string[] GemmOperations = ["f32_gemm", "u8s8_gemm", "u8s8_gemm_requantize", "s16s16_gemm", "s16s16_gemm_requantize", "s16s8_gemm", "u8s8_dwconv3x3", "bf16_gemm"];

    /// <summary>Names of the kernels of operations, in every instruction set.</summary>
    public static TheoryData<string> Named(params string[] operations) => [.. MicrokernelCatalog.All.Where(kernel => operations.Contains(kernel.Operation)).Select(kernel => kernel.Name)];

    /// <summary>True for a kernel whose inputs and weights are widened.</summary>
    public static bool IsWidened(string name) => name.StartsWith("s16s16", StringComparison.Ordinal);

    /// <summary>The kernel of a name.</summary>
    public static Microkernel Find(string name) => MicrokernelCatalog.All.Single(kernel => kernel.Name == name);

    /// <summary>The set that a kernel belongs to; skips the test when this machine lacks its instructions.</summary>
    public static MicrokernelSet SetOf(string name)
    {
        MicrokernelSet? set = MicrokernelCatalog.SetOf(Find(name).Isa);
        Skip.If(set is null, $"{name}: this machine lacks its instructions");
        return set!;
    }
}
