using System.Globalization;

namespace TransformFramework.Fuzz;

/// <summary>Peak of the process' resident memory since a moment; only on Linux, elsewhere 0.</summary>
internal static class PeakMemory
{
    private const string Reset = "/proc/self/clear_refs";
    private const string ResetPeak = "5";
    private const string Status = "/proc/self/status";

    /// <summary>Forgets the peak and gives the memory in use now, in bytes.</summary>
    public static long Restart()
    {
        if (!OperatingSystem.IsLinux())
            return 0;
        File.WriteAllText(Reset, ResetPeak);
        return Read();
    }

    /// <summary>The peak in bytes.</summary>
    public static long Read()
    {
        if (!OperatingSystem.IsLinux())
            return 0;
        string line = File.ReadLines(Status).First(line => line.StartsWith("VmHWM:", StringComparison.Ordinal));
        return long.Parse(line.Split(' ', StringSplitOptions.RemoveEmptyEntries)[1], CultureInfo.InvariantCulture) << 10;
    }
}
