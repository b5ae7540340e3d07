using System.Runtime.InteropServices;
using Microsoft.Win32.SafeHandles;

namespace TransformFramework.Engine.Files;

/// <summary>Writes what the system holds of files and folders to disk, so that it outlasts a loss of power. .NET's own call says nothing when the disk refuses.</summary>
internal static partial class DiskFlush
{
    private const int ReadOnly = 0;
    private const int Interrupted = 4;
    private const int InvalidArgument = 22;
    private const int ReadOnlyFileSystem = 30;
    private const int NotImplemented = 38;
    private const int NotSupported = 95;

    /// <summary>Flushes a file.</summary>
    /// <exception cref="IOException">The disk refuses.</exception>
    public static void File(SafeFileHandle file)
    {
        if (!OperatingSystem.IsLinux())
        {
            RandomAccess.FlushToDisk(file);
            return;
        }
        while (Synchronize(file) != 0)
        {
            int error = Marshal.GetLastPInvokeError();
            if (error is InvalidArgument or ReadOnlyFileSystem or NotImplemented or NotSupported)
                return;
            if (error != Interrupted)
                throw new IOException($"it cannot be flushed to disk: {Marshal.GetPInvokeErrorMessage(error)}");
        }
    }

    /// <summary>Flushes a file that is not open.</summary>
    /// <exception cref="IOException">The disk refuses.</exception>
    public static void File(string path)
    {
        using SafeFileHandle file = System.IO.File.OpenHandle(path, FileMode.Open, FileAccess.Write, FileShare.ReadWrite);
        File(file);
    }

    /// <summary>Flushes a folder's entries after a rename. One that cannot be opened is left to the system; Windows does so by itself.</summary>
    /// <exception cref="IOException">The disk refuses.</exception>
    public static void Folder(string path)
    {
        if (OperatingSystem.IsWindows())
            return;
        using var folder = new SafeFileHandle(Open(path, ReadOnly), ownsHandle: true);
        if (!folder.IsInvalid)
            File(folder);
    }

    [LibraryImport("libc", EntryPoint = "fsync", SetLastError = true)]
    [DefaultDllImportSearchPaths(DllImportSearchPath.SafeDirectories)]
    private static partial int Synchronize(SafeFileHandle file);

    [LibraryImport("libc", EntryPoint = "open", StringMarshalling = StringMarshalling.Utf8)]
    [DefaultDllImportSearchPaths(DllImportSearchPath.SafeDirectories)]
    private static partial int Open(string path, int flags);
}
