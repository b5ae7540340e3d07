using System.Security.Cryptography;
using TransformFramework.Engine.Files;

namespace TransformFramework.Workflows.Sharding;

/// <summary>The file of one shard: a line of JSON, see <see cref="ShardHeader"/>, and the content.</summary>
/// <param name="Path">The file.</param>
/// <param name="Header">Its first line.</param>
public sealed record ShardFile(string Path, ShardHeader Header)
{
    private const int LongestHeader = 1 << 20;
    private const long MostBytes = 1L << 30;

    /// <summary>Reads the first line of a file.</summary>
    /// <exception cref="WorkException">The file is none of a shard, or is cut short.</exception>
    public static ShardFile Open(string path)
    {
        try
        {
            using FileStream stream = File.OpenRead(path);
            byte[] line = FirstLine(stream);
            var header = ShardHeader.Parse(line);
            return stream.Length == line.Length + 1 + header.Bytes && header.Bytes <= MostBytes ? new(path, header) : throw new InvalidDataException("it is cut short");
        }
        catch (Exception error) when (error is IOException or UnauthorizedAccessException or InvalidDataException)
        {
            throw Unreadable(path, error);
        }
    }

    /// <summary>Writes a file as a whole or not at all.</summary>
    /// <param name="path">The file.</param>
    /// <param name="header">Its first line, without length and hash.</param>
    /// <param name="content">The content.</param>
    /// <param name="cancellation">Ends the writing.</param>
    public static void Write(string path, ShardHeader header, ReadOnlyMemory<byte> content, CancellationToken cancellation) => AtomicFile.Write(
        path,
        stream =>
        {
            stream.Write((header with { Bytes = content.Length, Sha256 = Convert.ToHexStringLower(SHA256.HashData(content.Span)) }).ToLine());
            stream.WriteByte((byte)'\n');
            stream.Write(content.Span);
        },
        cancellation: cancellation);

    /// <summary>The content, checked against its hash.</summary>
    /// <exception cref="WorkException">The file has changed or is damaged.</exception>
    public byte[] Content()
    {
        try
        {
            using FileStream stream = File.OpenRead(Path);
            FirstLine(stream);
            byte[] content = new byte[Header.Bytes];
            stream.ReadExactly(content);
            return Convert.ToHexStringLower(SHA256.HashData(content)) == Header.Sha256 ? content : throw new InvalidDataException("its content is not what was written");
        }
        catch (Exception error) when (error is IOException or UnauthorizedAccessException or InvalidDataException)
        {
            throw Unreadable(Path, error);
        }
    }

    /// <summary>The content as what it was written from.</summary>
    /// <param name="parse">Reads it; <see cref="InvalidDataException"/> says that it is something else.</param>
    /// <exception cref="WorkException">The file has changed, is damaged, or holds something else.</exception>
    public T Read<T>(Func<byte[], T> parse)
    {
        byte[] content = Content();
        try
        {
            return parse(content);
        }
        catch (InvalidDataException error)
        {
            throw Unreadable(Path, error);
        }
    }

    internal static WorkException Unreadable(string path, Exception error) =>
        new(WorkflowsDiagnostics.UnreadableShard.With(path, error.Message) with { Suggestion = "Delete it and run its shard again." });

    /// <summary>Reads up to the first line's end.</summary>
    private static byte[] FirstLine(FileStream stream)
    {
        byte[] buffer = new byte[4096];
        var line = new MemoryStream();
        while (line.Length < LongestHeader && stream.Read(buffer) is > 0 and var count)
        {
            int end = buffer.AsSpan(0, count).IndexOf((byte)'\n');
            line.Write(buffer, 0, end < 0 ? count : end);
            if (end < 0)
                continue;
            stream.Position = line.Length + 1;
            return line.ToArray();
        }
        throw new InvalidDataException("it has no first line of a shard");
    }
}
