using Microsoft.Win32.SafeHandles;

namespace TransformFramework.Engine.Files;

/// <summary>What a path to be written names.</summary>
public static class OutputPath
{
    private const int MostLinks = 40;

    /// <summary>The full path, without a slash at its end, as the working directory is now; a path that is none stays, to be refused where it is written.</summary>
    public static string Absolute(string path) => path.Length == 0 || path.Contains('\0', StringComparison.Ordinal) ? path : Path.TrimEndingDirectorySeparator(Path.GetFullPath(path));

    /// <summary>The full path of the file behind symbolic links, which need not exist.</summary>
    public static string Target(string path)
    {
        string full = Path.GetFullPath(path);
        for (int i = 0; i < MostLinks; i++)
        {
            if (new FileInfo(full).LinkTarget is not { } target)
                return full;
            full = Path.GetFullPath(Path.Combine(Path.GetDirectoryName(full) ?? "/", target));
        }
        throw new IOException("it is a circle of symbolic links");
    }

    /// <summary>Devices such as <c>/dev/null</c> seem seekable, so the path decides, also for <c>/dev/stdout</c>, which links to what the stream is; a pipe is recognized by its kind.</summary>
    public static bool IsDeviceOrPipe(string path)
    {
        if (IsDevice(Path.GetFullPath(path)) || IsDevice(Target(path)))
            return true;
        return !OperatingSystem.IsWindows() && File.Exists(path) && FileKind.IsPipe(path);
    }

    private static bool IsDevice(string path) => path.StartsWith("/dev/", StringComparison.Ordinal) && !path.StartsWith("/dev/shm/", StringComparison.Ordinal);

    /// <summary>Throws when no file can be made in a folder, found out by making one.</summary>
    public static void CheckFolder(string folder)
    {
        using SafeFileHandle? unnamed = UnnamedFile.TryCreate(folder);
        if (unnamed is not null)
            return;
        string probe = Path.Combine(folder, $".{Guid.NewGuid():N}.tmp");
        try
        {
            using var made = new FileStream(probe, FileMode.CreateNew, FileAccess.Write, FileShare.None, bufferSize: 0, FileOptions.DeleteOnClose);
        }
        catch (UnauthorizedAccessException denied)
        {
            throw new UnauthorizedAccessException($"the folder '{folder}' may not be written to", denied);
        }
    }
}
