using TransformFramework.Diagnostics;
using TransformFramework.ModelFiles;

namespace TransformFramework.Toolkit.ModelFiles;

/// <summary>Opens files: those of 256 MiB and more are mapped, those of 1 MiB and more are read piece by piece, smaller ones and pipes at once.</summary>
public static class FileOpener
{
    /// <summary>Smaller files are read: a mapped one that another program cuts short ends the process where its pages are touched.</summary>
    private const long WorthMapping = 256L << 20;

    private const long WorthStreaming = 1L << 20;

    /// <summary>No format begins with so many bytes of zero; what gives them may do so without end.</summary>
    private const long MostZeros = 1 << 20;

    /// <summary>Opens a file. Cancellation ends the wait for a pipe without a writer.</summary>
    /// <exception cref="ModelFormatException">The file cannot be opened or read.</exception>
    public static ModelSourceFile Open(string path, CancellationToken cancellation) =>
        Task.Run(() => OpenNow(path, cancellation), CancellationToken.None).WaitAsync(cancellation).GetAwaiter().GetResult();

    private static ModelSourceFile OpenNow(string path, CancellationToken cancellation)
    {
        if (Directory.Exists(path))
            throw Failure(ToolkitDiagnostics.FolderWithoutModel, $"'{path}' is a directory", DirectoryAdvice(path));
        try
        {
            var stream = new FileStream(path, FileMode.Open, FileAccess.Read, FileShare.Read | FileShare.Delete, bufferSize: 0);
            if (stream.CanSeek && stream.Length >= WorthMapping)
                return new MappedFile(stream, path);
            using (stream)
                return stream.CanSeek && stream.Length >= WorthStreaming ? new StreamedFile(path) : new BufferedFile(ReadAll(stream, path, cancellation), path);
        }
        catch (Exception error) when (error is FileNotFoundException or DirectoryNotFoundException)
        {
            throw Failure(ToolkitDiagnostics.NoFile, ToolkitDiagnostics.NoFile.Format(path), "Check the path; a relative one counts from the working directory.", error);
        }
        catch (UnauthorizedAccessException error)
        {
            throw Failure(ToolkitDiagnostics.UnreadableFile, $"'{path}' may not be read", "Check the file's permissions.", error);
        }
        catch (IOException error)
        {
            throw Failure(ToolkitDiagnostics.UnreadableFile, $"'{path}' cannot be read: {error.Message}", suggestion: null, error);
        }
    }

    private static ReadOnlyMemory<byte> ReadAll(FileStream stream, string path, CancellationToken cancellation)
    {
        using var buffer = new MemoryStream();
        byte[] block = new byte[1 << 16];
        bool isZero = true;
        for (int read = stream.Read(block); read > 0; read = stream.Read(block))
        {
            cancellation.ThrowIfCancellationRequested();
            if (buffer.Length + read > Array.MaxLength)
                throw Failure(ToolkitDiagnostics.TooLarge, $"'{path}' gives more than 2 GiB without being a regular file", "Save it to a file first.");
            isZero &= !block.AsSpan(0, read).ContainsAnyExcept((byte)0);
            if (isZero && buffer.Length > MostZeros)
                throw Failure(ToolkitDiagnostics.UnreadableFile, $"'{path}' gives nothing but zeros", "Give the path of a model's file.");
            buffer.Write(block, 0, read);
        }
        return buffer.GetBuffer().AsMemory(0, (int)buffer.Length);
    }

    private static string DirectoryAdvice(string path) =>
        File.Exists(Path.Combine(path, "saved_model.pb")) || File.Exists(Path.Combine(path, "saved_model.pbtxt"))
            ? "It holds a SavedModel; freeze it to a GraphDef first (tensorflow.python.tools.freeze_graph)."
            : "Give the path of a GraphDef file (.pb or .pbtxt).";

    private static ModelFormatException Failure(DiagnosticDescriptor kind, string message, string? suggestion, Exception? inner = null) =>
        new(message, inner) { DiagnosticId = kind.Id, Suggestion = suggestion };
}
