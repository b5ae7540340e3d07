using TransformFramework.ModelFiles;

namespace TransformFramework.Engine.Models;

/// <summary>Writes files as a whole or not at all.</summary>
public static class AtomicFile
{
    /// <summary>Id of the diagnostic for a file that the file system does not let be written.</summary>
    public const string Unwritable = "TFX4011";

    /// <summary>Writes to a temporary file beside the path, flushes it to disk, renames it and flushes the folder. On any failure an existing file stays as it was.</summary>
    /// <param name="path">The file. A pipe or device is written to directly.</param>
    /// <param name="write">Writes the content.</param>
    /// <param name="beforeReplace">Runs when the content is complete, before the existing file is replaced.</param>
    /// <returns>Number of bytes written; 0 for a pipe or device.</returns>
    /// <exception cref="ModelFormatException">The file system refuses.</exception>
    public static long Write(string path, Action<Stream> write, Action? beforeReplace)
    {
        try
        {
            if (Directory.Exists(path))
                throw new IOException("it is a directory");
            if (Path.GetDirectoryName(Path.GetFullPath(path)) is { } folder && !Directory.Exists(folder))
                throw new IOException($"there is no folder '{folder}'");
            using FileStream? device = OpenDevice(path);
            if (device is null)
                return WriteBeside(Target(path), write, beforeReplace);
            write(device);
            return 0;
        }
        catch (Exception error) when (error is IOException or UnauthorizedAccessException)
        {
            throw new ModelFormatException($"'{path}' cannot be written: {error.Message}", error)
            {
                DiagnosticId = Unwritable,
                Suggestion = "Check that the folder exists, may be written to and has room.",
            };
        }
    }

    private static long WriteBeside(string path, Action<Stream> write, Action? beforeReplace)
    {
        string temporary = $"{path}.{Guid.NewGuid():N}.tmp";
        try
        {
            long length;
            using (var stream = new FileStream(temporary, FileMode.CreateNew, FileAccess.Write, FileShare.None, bufferSize: 0))
            {
                write(stream);
                stream.Flush(flushToDisk: true);
                length = stream.Length;
            }
            KeepMode(path, temporary);
            beforeReplace?.Invoke();
            File.Move(temporary, path, overwrite: true);
            FolderFlush.Flush(Path.GetDirectoryName(Path.GetFullPath(path))!);
            return length;
        }
        catch
        {
            File.Delete(temporary);
            throw;
        }
    }

    /// <summary>A pipe or device that the path names, opened for writing; null for a regular file or none.</summary>
    private static FileStream? OpenDevice(string path)
    {
        bool isDevice = IsDevice(Path.GetFullPath(path));
        if (!isDevice && !File.Exists(path))
            return null;
        try
        {
            var stream = new FileStream(path, FileMode.Open, FileAccess.Write, FileShare.ReadWrite | FileShare.Delete, bufferSize: 0);
            if (isDevice || !stream.CanSeek)
                return stream;
            stream.Dispose();
            return null;
        }
        catch (UnauthorizedAccessException) when (!isDevice)
        {
            return null;
        }
    }

    /// <summary>Devices such as <c>/dev/null</c> seem seekable, so the path decides.</summary>
    private static bool IsDevice(string path) =>
        path.StartsWith("/dev/", StringComparison.Ordinal) && !path.StartsWith("/dev/shm/", StringComparison.Ordinal);

    private static string Target(string path) =>
        File.Exists(path) && File.ResolveLinkTarget(path, returnFinalTarget: true) is { } target ? target.FullName : path;

    private static void KeepMode(string path, string temporary)
    {
        if (!OperatingSystem.IsWindows() && File.Exists(path))
            File.SetUnixFileMode(temporary, File.GetUnixFileMode(path));
    }
}
