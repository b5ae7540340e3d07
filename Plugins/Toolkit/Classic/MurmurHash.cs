using System.Buffers.Binary;

namespace TransformFramework.Toolkit.Classic;

/// <summary>MurmurHash64A (Austin Appleby, public domain algorithm) of bytes that are written piece by piece; their number must be known before.</summary>
internal sealed class MurmurHash(long length, ulong seed) : Stream
{
    private const ulong Multiplier = 0xc6a4a7935bd1e995;
    private const int Shift = 47;

    private readonly byte[] partial = new byte[sizeof(ulong)];
    private ulong hash = seed ^ unchecked((ulong)length * Multiplier);
    private int partialBytes;

    public override bool CanRead => false;

    public override bool CanSeek => false;

    public override bool CanWrite => true;

    public override long Length => length;

    public override long Position
    {
        get => throw new NotSupportedException();
        set => throw new NotSupportedException();
    }

    /// <summary>The hash, once every byte is written.</summary>
    public ulong Finish()
    {
        ulong result = hash;
        if (partialBytes > 0)
        {
            partial.AsSpan(partialBytes).Clear();
            result = unchecked((result ^ BinaryPrimitives.ReadUInt64LittleEndian(partial)) * Multiplier);
        }
        result ^= result >> Shift;
        result = unchecked(result * Multiplier);
        return result ^ (result >> Shift);
    }

    public override void Write(ReadOnlySpan<byte> buffer)
    {
        if (partialBytes > 0)
        {
            int taken = Math.Min(buffer.Length, sizeof(ulong) - partialBytes);
            buffer[..taken].CopyTo(partial.AsSpan(partialBytes));
            partialBytes += taken;
            buffer = buffer[taken..];
            if (partialBytes < sizeof(ulong))
                return;
            Mix(BinaryPrimitives.ReadUInt64LittleEndian(partial));
            partialBytes = 0;
        }
        for (; buffer.Length >= sizeof(ulong); buffer = buffer[sizeof(ulong)..])
            Mix(BinaryPrimitives.ReadUInt64LittleEndian(buffer));
        buffer.CopyTo(partial);
        partialBytes = buffer.Length;
    }

    public override void Write(byte[] buffer, int offset, int count) => Write(buffer.AsSpan(offset, count));

    public override void Flush()
    {
    }

    public override int Read(byte[] buffer, int offset, int count) => throw new NotSupportedException();

    public override long Seek(long offset, SeekOrigin origin) => throw new NotSupportedException();

    public override void SetLength(long value) => throw new NotSupportedException();

    private void Mix(ulong word)
    {
        word = unchecked(word * Multiplier);
        word ^= word >> Shift;
        hash = unchecked((hash ^ (word * Multiplier)) * Multiplier);
    }
}
