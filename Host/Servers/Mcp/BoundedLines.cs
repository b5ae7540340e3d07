namespace TransformFramework.Servers.Mcp;

/// <summary>What a client writes, a message a line, up to a line that is longer than any of the tools needs: reading it would take many times its length.</summary>
/// <param name="lines">What the client writes.</param>
internal sealed class BoundedLines(Stream lines) : Stream
{
    /// <summary>Most bytes of a line.</summary>
    public const int Longest = 4 << 20;

    private long length;

    /// <summary>True when a line was too long; nothing is read after it.</summary>
    public bool IsOverrun => length > Longest;

    public override bool CanRead => true;

    public override bool CanSeek => false;

    public override bool CanWrite => false;

    public override long Length => throw new NotSupportedException();

    public override long Position { get => throw new NotSupportedException(); set => throw new NotSupportedException(); }

    public override int Read(byte[] buffer, int offset, int count) => IsOverrun ? 0 : Counted(buffer.AsSpan(offset, lines.Read(buffer, offset, count)));

    public override async ValueTask<int> ReadAsync(Memory<byte> buffer, CancellationToken cancellationToken = default)
    {
        if (IsOverrun)
            return 0;
        int read = await lines.ReadAsync(buffer, cancellationToken).ConfigureAwait(false);
        return Counted(buffer.Span[..read]);
    }

    public override void Flush()
    {
    }

    public override long Seek(long offset, SeekOrigin origin) => throw new NotSupportedException();

    public override void SetLength(long value) => throw new NotSupportedException();

    public override void Write(byte[] buffer, int offset, int count) => throw new NotSupportedException();

    /// <summary>Gives how many bytes there are; none, which is the end, where a line becomes too long.</summary>
    private int Counted(ReadOnlySpan<byte> read)
    {
        int end = read.LastIndexOf((byte)'\n');
        length = end < 0 ? length + read.Length : read.Length - end - 1;
        return IsOverrun ? 0 : read.Length;
    }
}
