using System.Runtime.InteropServices;
using Microsoft.Win32.SafeHandles;

namespace TransformFramework.Engine.Files;

/// <summary>Tells pipes from regular files without waiting for the other end.</summary>
internal static partial class FileKind
{
    private const int WriteOnly = 1;
    private const int NonBlockingOnLinux = 0x800;
    private const int NonBlockingElsewhere = 0x4;
    private const int NobodyReads = 6;

    /// <summary>True for a named pipe.</summary>
    public static bool IsPipe(string path)
    {
        using var handle = new SafeFileHandle(Open(path, WriteOnly | (OperatingSystem.IsLinux() ? NonBlockingOnLinux : NonBlockingElsewhere)), ownsHandle: true);
        if (handle.IsInvalid)
            return Marshal.GetLastPInvokeError() == NobodyReads;
        using var stream = new FileStream(handle, FileAccess.Write, bufferSize: 0);
        return !stream.CanSeek;
    }

    [LibraryImport("libc", EntryPoint = "open", StringMarshalling = StringMarshalling.Utf8, SetLastError = true)]
    [DefaultDllImportSearchPaths(DllImportSearchPath.SafeDirectories)]
    private static partial int Open(string path, int flags);
}
