using System.IO.Compression;
using TransformFramework.Graphs;

namespace TransformFramework.Toolkit.Arrays;

/// <summary>Reads and writes NumPy's archives (<c>.npz</c>): a zip of <c>.npy</c> arrays by name.</summary>
public static class NpzFile
{
    /// <summary>Deflate makes at most 1032 bytes of one (RFC 1951: a match of 258 bytes in two bits).</summary>
    private const long MostExpansion = 1032;

    /// <summary>All arrays of an archive by name, without the ending.</summary>
    /// <exception cref="InvalidDataException">The stream is not such an archive, or an array in it is not supported.</exception>
    public static IReadOnlyDictionary<string, Tensor> Read(Stream stream)
    {
        using var archive = new ZipArchive(stream, ZipArchiveMode.Read);
        var arrays = new Dictionary<string, Tensor>(StringComparer.Ordinal);
        foreach (ZipArchiveEntry entry in archive.Entries)
        {
            if (entry.Length > Array.MaxLength || entry.Length > (entry.CompressedLength + 1) * MostExpansion)
                throw new InvalidDataException($"the array '{entry.FullName}' cannot have the {entry.Length} bytes that the archive gives for it");
            using Stream content = entry.Open();
            byte[] bytes = new byte[(int)entry.Length];
            if (content.ReadAtLeast(bytes, bytes.Length, throwOnEndOfStream: false) < bytes.Length)
                throw new InvalidDataException($"the array '{entry.FullName}' is cut short");
            string name = entry.FullName.EndsWith(".npy", StringComparison.Ordinal) ? entry.FullName[..^4] : entry.FullName;
            arrays[name] = NpyFile.Read(bytes);
        }
        return arrays;
    }

    /// <summary>Writes an archive; the arrays come in the order given.</summary>
    /// <exception cref="InvalidDataException">NumPy has no element type for one of the arrays.</exception>
    public static void Write(Stream stream, IEnumerable<KeyValuePair<string, Tensor>> arrays)
    {
        using var archive = new ZipArchive(stream, ZipArchiveMode.Create, leaveOpen: true);
        foreach (var (name, tensor) in arrays)
        {
            ZipArchiveEntry entry = archive.CreateEntry(name + ".npy");
            entry.LastWriteTime = new DateTimeOffset(1980, 1, 1, 0, 0, 0, TimeSpan.Zero);
            using Stream content = entry.Open();
            content.Write(NpyFile.Write(tensor));
        }
    }
}
