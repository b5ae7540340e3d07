using Microsoft.Win32.SafeHandles;
using TransformFramework.ModelFiles;
using TransformFramework.Toolkit;

namespace TransformFramework.Engine.Files;

/// <summary>Writes files as a whole or not at all.</summary>
public static class AtomicFile
{
    private const string StandardOutput = "/dev/stdout";
    private const nint StandardOutputHandle = 1;

    /// <summary>Writes to a temporary file beside the path, flushes it to disk, renames it and flushes the folder. On any failure an existing file stays as it was.</summary>
    /// <param name="path">The file. A pipe or device is written to directly.</param>
    /// <param name="write">Writes the content.</param>
    /// <param name="beforeReplace">Runs when the content is complete, before the existing file is replaced.</param>
    /// <param name="cancellation">Ends the wait for a pipe without a reader.</param>
    /// <returns>Number of bytes written; 0 for a pipe or device.</returns>
    /// <exception cref="ModelFormatException">The file system refuses.</exception>
    public static long Write(string path, Action<Stream> write, Action? beforeReplace = null, CancellationToken cancellation = default) => Guard(path, () =>
    {
        Check(path);
        if (OutputPath.IsDeviceOrPipe(path))
        {
            Task.Run(() => WriteTo(path, write), CancellationToken.None).WaitAsync(cancellation).GetAwaiter().GetResult();
            return 0;
        }
        using var pending = new PendingFile(path);
        write(pending.Stream);
        pending.Complete();
        beforeReplace?.Invoke();
        pending.Replace();
        return pending.Length;
    });

    /// <summary>Writes a text as a whole or not at all, see <see cref="Write(string, Action{Stream}, Action?, CancellationToken)"/>.</summary>
    /// <exception cref="ModelFormatException">The file system refuses.</exception>
    public static long WriteText(string path, string text) => Write(path, stream => stream.Write(System.Text.Encoding.UTF8.GetBytes(text)));

    /// <summary>Finds out before work starts that a file cannot be written: its folder is missing or read-only, or the path is a folder.</summary>
    /// <exception cref="ModelFormatException">The file cannot be written.</exception>
    public static void CheckWritable(string path) => Guard(path, () =>
    {
        Check(path);
        if (!OutputPath.IsDeviceOrPipe(path))
            OutputPath.CheckFolder(Path.GetDirectoryName(OutputPath.Target(path))!);
        return 0;
    });

    /// <summary>Turns refusals of the file system into an exception that names the path.</summary>
    internal static T Guard<T>(string path, Func<T> work)
    {
        try
        {
            return work();
        }
        catch (Exception error) when (error is IOException or UnauthorizedAccessException)
        {
            throw new ModelFormatException($"'{path}' cannot be written: {error.Message}", error)
            {
                DiagnosticId = ToolkitDiagnostics.Unwritable.Id,
                Suggestion = "Check that the folder exists, may be written to and has room.",
            };
        }
    }

    private static void Check(string path)
    {
        if (path.Length == 0 || path.Contains('\0', StringComparison.Ordinal))
            throw new IOException(path.Length == 0 ? "the path is empty" : "the path holds a zero character");
        if (Directory.Exists(path))
            throw new IOException("it is a directory");
        if (Path.GetDirectoryName(OutputPath.Target(path)) is { } folder && !Directory.Exists(folder))
            throw new IOException($"there is no folder '{folder}'");
    }

    private static void WriteTo(string path, Action<Stream> write)
    {
        using Stream stream = path == StandardOutput
            ? new FileStream(new SafeFileHandle(StandardOutputHandle, ownsHandle: false), FileAccess.Write, bufferSize: 0)
            : new FileStream(path, FileMode.Open, FileAccess.Write, FileShare.ReadWrite | FileShare.Delete, bufferSize: 0);
        write(stream);
    }
}
