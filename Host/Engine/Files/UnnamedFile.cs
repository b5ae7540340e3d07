using System.Runtime.InteropServices;
using Microsoft.Win32.SafeHandles;

namespace TransformFramework.Engine.Files;

/// <summary>Files without a name (<c>O_TMPFILE</c>, Linux): a process that is killed leaves nothing of them behind.</summary>
internal static partial class UnnamedFile
{
    private const int CurrentFolder = -100;
    private const int WriteOnly = 1;
    private const int CloseOnExec = 0x80000;
    private const int Temporary = 0x400000;
    private const int DirectoryOfX64 = 0x10000;
    private const int DirectoryOfArm64 = 0x4000;
    private const int ReadableAndWritable = 0x1B6;
    private const int FollowLink = 0x400;

    /// <summary>Makes a file in a folder; null where the system or the file system has no such files, or the folder takes none.</summary>
    public static SafeFileHandle? TryCreate(string folder)
    {
        int? directory = RuntimeInformation.ProcessArchitecture switch { Architecture.X64 => DirectoryOfX64, Architecture.Arm64 => DirectoryOfArm64, _ => null };
        if (!OperatingSystem.IsLinux() || directory is not { } flag)
            return null;
        var handle = new SafeFileHandle(Open(folder, WriteOnly | CloseOnExec | Temporary | flag, ReadableAndWritable), ownsHandle: true);
        return handle.IsInvalid ? null : handle;
    }

    /// <summary>Another handle of the same open file.</summary>
    public static SafeFileHandle Duplicate(SafeFileHandle file)
    {
        var copy = new SafeFileHandle(Duplicate((int)file.DangerousGetHandle()), ownsHandle: true);
        return copy.IsInvalid ? throw new IOException("there are too many open files") : copy;
    }

    /// <summary>Gives a file its name; false when there is one of that name.</summary>
    public static bool TryName(SafeFileHandle file, string path) => Link(CurrentFolder, $"/proc/self/fd/{file.DangerousGetHandle()}", CurrentFolder, path, FollowLink) == 0;

    [LibraryImport("libc", EntryPoint = "open", StringMarshalling = StringMarshalling.Utf8)]
    [DefaultDllImportSearchPaths(DllImportSearchPath.SafeDirectories)]
    private static partial int Open(string path, int flags, int mode);

    [LibraryImport("libc", EntryPoint = "dup")]
    [DefaultDllImportSearchPaths(DllImportSearchPath.SafeDirectories)]
    private static partial int Duplicate(int file);

    [LibraryImport("libc", EntryPoint = "linkat", StringMarshalling = StringMarshalling.Utf8)]
    [DefaultDllImportSearchPaths(DllImportSearchPath.SafeDirectories)]
    private static partial int Link(int fromFolder, string from, int toFolder, string to, int flags);
}
