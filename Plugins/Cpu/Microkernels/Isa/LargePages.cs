using System.Runtime.InteropServices;

namespace TransformFramework.Cpu.Microkernels.Isa;

/// <summary>
/// Asks the system for large pages (2 MiB on x64): where much memory is read once a run, finding small pages takes time. Memory that was not written yet gets them at once, other memory when the system comes to it.
/// Nothing depends on whether it does.
/// </summary>
internal static unsafe partial class LargePages
{
    /// <summary>MADV_HUGEPAGE of Linux.</summary>
    private const int HugePage = 14;

    private const nuint PageBytes = 2 << 20;

    /// <summary>Less is not worth a system call.</summary>
    private const long Least = 128 << 10;

    /// <summary>Asks for the pages that some memory is in.</summary>
    public static void Advise(byte* address, long bytes)
    {
        if (bytes < Least || !OperatingSystem.IsLinux())
            return;
        nuint start = (nuint)address / PageBytes * PageBytes;
        nuint end = ((nuint)address + (nuint)bytes + PageBytes - 1) / PageBytes * PageBytes;
        _ = Advise(start, end - start, HugePage);
    }

    [LibraryImport("libc", EntryPoint = "madvise")]
    [DefaultDllImportSearchPaths(DllImportSearchPath.SafeDirectories)]
    private static partial int Advise(nuint address, nuint length, int advice);
}
