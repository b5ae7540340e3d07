using System.Buffers.Binary;
using System.IO.Compression;
using TransformFramework.Toolkit.Checkpoints;

namespace TransformFramework.Workflows.Data;

/// <summary>
/// Reads TFRecord files, also those compressed by gzip, record by record: length, masked CRC-32C of the length, content, masked CRC-32C of the content (tensorflow/core/lib/io/record_reader.h).
/// </summary>
/// <param name="file">The file; closed with this reader.</param>
internal sealed class TfRecordReader(Stream file) : IDisposable
{
    private const int HeaderBytes = sizeof(ulong) + sizeof(uint);
    private const int FooterBytes = sizeof(uint);
    private const long MostBytes = 1L << 30;

    private readonly Stream stream = Unpacked(new BufferedStream(file, 1 << 16));

    /// <summary>The next record's length, or null at the end of the file. Its content must be read or skipped.</summary>
    /// <exception cref="InvalidDataException">The length is damaged, so that what follows cannot be found.</exception>
    public long? Next()
    {
        Span<byte> header = stackalloc byte[HeaderBytes];
        int count = stream.ReadAtLeast(header, HeaderBytes, throwOnEndOfStream: false);
        if (count == 0)
            return null;
        if (count < HeaderBytes)
            throw new InvalidDataException("it ends within the length of a record");
        ulong length = BinaryPrimitives.ReadUInt64LittleEndian(header);
        if (!IsIntact(header[..sizeof(ulong)], header[sizeof(ulong)..]))
            throw new InvalidDataException("the checksum of a record's length is wrong");
        return length <= MostBytes ? (long)length : throw new InvalidDataException($"a record of {length} bytes is too large");
    }

    /// <summary>The content of the record; null when its checksum is wrong.</summary>
    /// <exception cref="EndOfStreamException">The file ends within it.</exception>
    public byte[]? Read(long length)
    {
        byte[] content = BoundedReading.Exactly(stream, length);
        Span<byte> checksum = stackalloc byte[FooterBytes];
        stream.ReadExactly(checksum);
        return IsIntact(content, checksum) ? content : null;
    }

    /// <summary>Goes past the content of the record.</summary>
    public void Skip(long length)
    {
        if (stream.CanSeek)
        {
            stream.Position += length + FooterBytes;
            return;
        }
        byte[] block = new byte[Math.Min(1 << 16, length + FooterBytes)];
        for (long left = length + FooterBytes; left > 0;)
        {
            int count = stream.Read(block, 0, (int)Math.Min(block.Length, left));
            left -= count > 0 ? count : throw new EndOfStreamException("it ends within a record");
        }
    }

    public void Dispose() => stream.Dispose();

    private static bool IsIntact(ReadOnlySpan<byte> bytes, ReadOnlySpan<byte> checksum) => Crc32C.Mask(Crc32C.Compute(bytes)) == BinaryPrimitives.ReadUInt32LittleEndian(checksum);

    /// <summary>The records, where the file is compressed: it begins as gzip does, and not with the checked length of a record.</summary>
    private static Stream Unpacked(BufferedStream stream)
    {
        byte[] first = new byte[HeaderBytes];
        int count = stream.ReadAtLeast(first, HeaderBytes, throwOnEndOfStream: false);
        bool isPacked = count == HeaderBytes && first is [0x1F, 0x8B, 8, ..] && !IsIntact(first.AsSpan(0, sizeof(ulong)), first.AsSpan(sizeof(ulong)));
        Stream whole = stream;
        if (stream.CanSeek)
            stream.Position = 0;
        else
            whole = new PrefixedStream(first.AsMemory(0, count), stream);
        return isPacked ? new GZipStream(whole, CompressionMode.Decompress) : whole;
    }
}
