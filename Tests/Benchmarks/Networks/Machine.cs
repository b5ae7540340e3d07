using System.Globalization;
using System.Runtime.InteropServices;
using System.Runtime.Intrinsics.X86;
using Microsoft.ML.OnnxRuntime;

namespace TransformFramework.Benchmarks.Networks;

/// <summary>What the figures of a report depend on.</summary>
internal sealed record Machine(string Class, string Processor, int Processors, string Runtime, string OnnxRuntime, string Date, string Clock)
{
    private const int VnniBit = 11;

    /// <summary>This machine, with the instruction sets that the runtime leaves on.</summary>
    /// <param name="clock">What times are measured by.</param>
    public static Machine This(string clock) => new(
        ClassOf(), ProcessorName(), Environment.ProcessorCount, RuntimeInformation.FrameworkDescription, OrtEnv.Instance().GetVersionString(), DateTime.UtcNow.ToString("yyyy-MM-dd", CultureInfo.InvariantCulture), clock);

    public override string ToString() => $"{Class} ({Processor}, {Processors} processors), {Runtime}, ONNX Runtime {OnnxRuntime}, {Date}, {Clock} time";

    private static string ClassOf()
    {
        string forced = Environment.GetEnvironmentVariable("TRANSFORMFRAMEWORK_ISA") is { Length: > 0 } set ? $", our kernels held to {set}" : "";
        bool hasVnni = Avx512BW.IsSupported && (X86Base.CpuId(7, 0).Ecx >> VnniBit & 1) == 1;
        return (hasVnni ? "AVX-512 with VNNI" : Avx512BW.IsSupported ? "AVX-512" : Avx2.IsSupported ? "AVX2" : RuntimeInformation.ProcessArchitecture.ToString()) + forced;
    }

    private static string ProcessorName()
    {
        const string cpuInfo = "/proc/cpuinfo";
        string? line = File.Exists(cpuInfo) ? File.ReadLines(cpuInfo).FirstOrDefault(line => line.StartsWith("model name", StringComparison.Ordinal)) : null;
        return line is null ? RuntimeInformation.ProcessArchitecture.ToString() : line[(line.IndexOf(':', StringComparison.Ordinal) + 1)..].Trim();
    }
}
