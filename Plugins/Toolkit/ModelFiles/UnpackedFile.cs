using TransformFramework.ModelFiles;

namespace TransformFramework.Toolkit.ModelFiles;

/// <summary>Content that comes out of a decompressor: kept in memory while it is small, else in a temporary file that has no name any more where the system allows that.</summary>
internal static class UnpackedFile
{
    private const int KeptInMemory = 32 << 20;

    /// <summary>Reads a stream to its end.</summary>
    /// <param name="stream">The stream.</param>
    /// <param name="name">The file's name for messages.</param>
    /// <param name="check">Called with the size so far; throws when it is too much.</param>
    /// <param name="cancellation">Ends the reading.</param>
    public static ModelSourceFile Of(Stream stream, string name, Action<long> check, CancellationToken cancellation)
    {
        byte[] block = new byte[1 << 16];
        var memory = new MemoryStream();
        FileStream? file = null;
        try
        {
            long total = 0;
            for (int read = stream.Read(block); read > 0; read = stream.Read(block))
            {
                cancellation.ThrowIfCancellationRequested();
                check(total += read);
                if (file is null && total > KeptInMemory)
                {
                    file = CreateTemporary();
                    file.Write(memory.GetBuffer(), 0, (int)memory.Length);
                    memory = new MemoryStream();
                }
                (file ?? (Stream)memory).Write(block, 0, read);
            }
            if (file is null)
                return new BufferedFile(memory.GetBuffer().AsMemory(0, (int)memory.Length), name);
            file.Flush();
            return new MappedFile(file, name);
        }
        catch
        {
            file?.Dispose();
            throw;
        }
    }

    private static FileStream CreateTemporary()
    {
        string path = Path.Combine(Path.GetTempPath(), $"transform_graph.{Guid.NewGuid():N}.tmp");
        var file = new FileStream(path, FileMode.CreateNew, FileAccess.ReadWrite, FileShare.Read | FileShare.Delete, bufferSize: 0, FileOptions.DeleteOnClose);
        if (!OperatingSystem.IsWindows())
            File.Delete(path);
        return file;
    }
}
