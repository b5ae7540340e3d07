namespace TransformFramework.Cpu.Microkernels.Trials;

/// <summary>Writes the result of a call.</summary>
internal unsafe delegate void TrialRun(byte* output);

/// <summary>A kernel with operands of one size: what tests compare between instruction sets, and what benchmarks time.</summary>
/// <param name="Size">The size for people, as <c>6x64x256</c> (Mr × Nr × depth) or a number of elements.</param>
/// <param name="Bytes">Bytes that a call writes.</param>
/// <param name="Operations">Multiplications and additions of a call, or elements where it has none.</param>
/// <param name="Run">Calls the kernel once.</param>
internal sealed record Trial(string Size, int Bytes, long Operations, TrialRun Run);
