using TransformFramework.Cpu;
using TransformFramework.Cpu.Microkernels;
using TransformFramework.Cpu.Plans;

namespace TransformFramework.Emulation;

/// <summary>What runs on the emulated processor, in one process.</summary>
internal static class EmulatedRun
{
    /// <summary>First images of the digits example that are scored.</summary>
    public const int Images = 60;

    /// <summary>How the names of kernels end that an Arm64 processor chooses from; scalar ones are the reference.</summary>
    private static readonly string[] Kernels = ["__neondot", "__neon", "__vector128"];

    private static readonly string[] Sets = ["neondot", "neon"];

    private static readonly (Type Class, string Theory)[] Tests =
    [
        (typeof(RequantizingGemmTests), nameof(RequantizingGemmTests.Every_tile_size_requantizes_as_the_formula_says)),
        (typeof(RequantizingGemmTests), nameof(RequantizingGemmTests.A_depthwise_kernel_requantizes_as_the_formula_says)),
        (typeof(VectorKernelTests), nameof(VectorKernelTests.A_kernel_has_the_bits_of_the_scalar_one)),
        (typeof(U8S8GemmTests), nameof(U8S8GemmTests.Convolutions_are_exact)),
        (typeof(F32GemmTests), nameof(F32GemmTests.Convolutions_have_the_bits_of_fused_scalar_sums)),
        (typeof(F32GemmTests), nameof(F32GemmTests.Clamping_lets_what_is_not_a_number_pass)),
        (typeof(U8S8GemmTests), nameof(U8S8GemmTests.Extremes_neither_saturate_nor_overflow_early)),
        (typeof(U8S8GemmTests), nameof(U8S8GemmTests.Accumulators_wrap_around)),
        (typeof(U8S8GemmTests), nameof(U8S8GemmTests.Matrix_products_are_exact)),
        (typeof(F32GemmTests), nameof(F32GemmTests.Products_have_the_bits_of_fused_scalar_sums)),
        (typeof(S16S8GemmTests), nameof(S16S8GemmTests.Depthwise_sums_are_exact)),
        (typeof(WideProductPlanTests), nameof(WideProductPlanTests.All_kernel_sets_give_the_same_bits)),
        (typeof(ExactPlanTests), nameof(ExactPlanTests.A_plan_has_the_bits_of_the_reference_kernels)),
        (typeof(StaticPlanTests), nameof(StaticPlanTests.A_plan_has_the_bits_of_the_reference_kernels)),
        (typeof(QuantizedPlanTests), nameof(QuantizedPlanTests.A_plan_has_the_bits_of_the_reference_kernels)),
    ];

    /// <summary>Runs the tests of the kernels, scores digits, and prints both.</summary>
    /// <param name="arguments">The digits' quantized graph, their images, and where the scores go.</param>
    /// <returns>How many tests failed.</returns>
    public static int Run(string[] arguments)
    {
        Console.WriteLine($"kernels chosen: {new CpuBackend().InstructionSet}");
        var runs = new TestRuns(Console.Out);
        foreach (var (tests, theory) in Tests)
            runs.Run(tests, theory, row => row.OfType<string>().Any(name => Sets.Contains(name) || Kernels.Any(end => name.EndsWith(end, StringComparison.Ordinal))));
        Console.WriteLine($"{runs.Passed} passed, {runs.Failed} failed, {runs.Skipped} skipped");
        File.WriteAllBytes(arguments[2], DigitScores.Compute(arguments[0], arguments[1], Images));
        return runs.Failed;
    }
}
