using System.Runtime.InteropServices;
using Microsoft.Win32.SafeHandles;

namespace TransformFramework.Engine.Files;

/// <summary>Tells pipes from regular files without waiting for the other end.</summary>
internal static unsafe partial class FileKind
{
    private const int CurrentFolder = -100;
    private const uint TypeOnly = 1;
    private const int StatusBytes = 256;
    private const int ModeOffset = 28;
    private const int TypeBits = 0xF000;
    private const int Pipe = 0x1000;

    private const int WriteOnly = 1;
    private const int NonBlocking = 0x4;
    private const int NobodyReads = 6;

    /// <summary>True for a named pipe.</summary>
    public static bool IsPipe(string path) => OperatingSystem.IsLinux() ? IsPipeByStatus(path) : IsPipeByOpening(path);

    /// <summary>Looks without opening: a reader that waits for a writer would take an open and close for the end of the data.</summary>
    private static bool IsPipeByStatus(string path)
    {
        byte* status = stackalloc byte[StatusBytes];
        return Status(CurrentFolder, path, 0, TypeOnly, status) == 0 && (*(ushort*)(status + ModeOffset) & TypeBits) == Pipe;
    }

    private static bool IsPipeByOpening(string path)
    {
        using var handle = new SafeFileHandle(Open(path, WriteOnly | NonBlocking), ownsHandle: true);
        if (handle.IsInvalid)
            return Marshal.GetLastPInvokeError() == NobodyReads;
        using var stream = new FileStream(handle, FileAccess.Write, bufferSize: 0);
        return !stream.CanSeek;
    }

    [LibraryImport("libc", EntryPoint = "statx", StringMarshalling = StringMarshalling.Utf8)]
    [DefaultDllImportSearchPaths(DllImportSearchPath.SafeDirectories)]
    private static partial int Status(int folder, string path, int flags, uint mask, byte* status);

    [LibraryImport("libc", EntryPoint = "open", StringMarshalling = StringMarshalling.Utf8, SetLastError = true)]
    [DefaultDllImportSearchPaths(DllImportSearchPath.SafeDirectories)]
    private static partial int Open(string path, int flags);
}
