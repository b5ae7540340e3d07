using System.Collections.Immutable;
using System.IO.Compression;

namespace TransformFramework.Keras.Hdf5;

/// <summary>A step by which chunks were packed.</summary>
/// <param name="Id">1 deflate, 2 shuffle, 3 Fletcher-32.</param>
internal sealed record H5Filter(int Id)
{
    private const int Deflate = 1;
    private const int Shuffle = 2;
    private const int Checksum = 3;
    private const int MostFilters = 32;

    /// <summary>The filters of a dataset in the order in which they were applied.</summary>
    public static ImmutableArray<H5Filter> Read(H5Bytes file, IEnumerable<H5Message> messages)
    {
        H5Message message = messages.FirstOrDefault(message => message.Kind == H5MessageKind.Filters);
        if (message.Content.IsEmpty)
            return [];
        var cursor = new H5Cursor(file, message.Content);
        int version = cursor.Byte();
        int count = cursor.Byte();
        if (version is not (1 or 2) || count > MostFilters)
            throw file.Damaged("the filters of a dataset cannot be read");
        if (version == 1)
            cursor.Skip(6);
        var filters = ImmutableArray.CreateBuilder<H5Filter>();
        for (int i = 0; i < count; i++)
        {
            int id = cursor.UInt16();
            int nameLength = version == 1 || id >= 256 ? cursor.UInt16() : 0;
            cursor.UInt16();
            int values = cursor.UInt16();
            cursor.Skip(version == 1 ? (nameLength + 7) / 8 * 8 : nameLength);
            cursor.Skip((4L * values) + (version == 1 && values % 2 != 0 ? 4 : 0));
            filters.Add(id is Deflate or Shuffle or Checksum ? new(id) : throw file.Unsupported($"filter {id} (lzf, szip or another one)"));
        }
        return filters.ToImmutable();
    }

    /// <summary>Undoes the filter.</summary>
    /// <param name="file">The file, for refusals.</param>
    /// <param name="packed">The packed bytes.</param>
    /// <param name="length">Length of the chunk.</param>
    /// <param name="elementSize">Bytes of an element.</param>
    public ReadOnlyMemory<byte> Undo(H5Bytes file, ReadOnlyMemory<byte> packed, int length, int elementSize) => Id switch
    {
        Deflate => Inflate(file, packed, length),
        Shuffle => Unshuffle(packed.Span, elementSize),
        _ => packed.Length >= 4 ? packed[..^4] : throw file.Damaged("a chunk is cut"),
    };

    private static byte[] Inflate(H5Bytes file, ReadOnlyMemory<byte> packed, int length)
    {
        byte[] content = new byte[length];
        try
        {
            using var stream = new ZLibStream(new MemoryStream(packed.ToArray()), CompressionMode.Decompress);
            int read = stream.ReadAtLeast(content, length, throwOnEndOfStream: false);
            return read == length ? content : content[..read];
        }
        catch (InvalidDataException error)
        {
            throw file.Damaged($"a chunk cannot be unpacked: {error.Message}");
        }
    }

    private static byte[] Unshuffle(ReadOnlySpan<byte> packed, int elementSize)
    {
        byte[] content = packed.ToArray();
        int count = packed.Length / elementSize;
        for (int i = 0; i < count; i++)
        {
            for (int k = 0; k < elementSize; k++)
                content[(i * elementSize) + k] = packed[(k * count) + i];
        }
        return content;
    }
}
