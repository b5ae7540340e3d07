namespace TransformFramework.Execution;

/// <summary>An inner loop of a backend.</summary>
/// <param name="Name">Operation, tile and instruction set, as <c>u8s8_gemm_6x64c4__avx512vnni</c>.</param>
/// <param name="Prepare">Makes operands at random, so that the loop can be timed; null where this machine lacks its instructions.</param>
public sealed record MicrokernelInfo(string Name, Func<MicrokernelTrial>? Prepare);

/// <summary>An inner loop with operands of one size.</summary>
/// <param name="Size">The size for people, as <c>6x64x256</c> for rows, columns and depth.</param>
/// <param name="Operations">Multiplications and additions of a call, each counted; elements where there are none.</param>
/// <param name="Run">Calls it once.</param>
public sealed record MicrokernelTrial(string Size, long Operations, Action Run);
