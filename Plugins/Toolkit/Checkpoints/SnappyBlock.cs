namespace TransformFramework.Toolkit.Checkpoints;

/// <summary>Decompresses a block in Snappy's format (google/snappy, format_description.txt): a length, then literals and copies of what was written before.</summary>
public static class SnappyBlock
{
    /// <summary>The decompressed bytes, or null when the block is malformed or longer than allowed.</summary>
    /// <param name="block">The compressed block.</param>
    /// <param name="longest">Most bytes that it may decompress to.</param>
    public static byte[]? Decompress(ReadOnlySpan<byte> block, int longest)
    {
        int at = 0;
        if (Length(block, ref at) is not { } length || length > (uint)longest)
            return null;
        byte[] output = new byte[length];
        int filled = 0;
        while (at < block.Length)
        {
            byte tag = block[at++];
            bool isLiteral = (tag & 3) == 0;
            if (!(isLiteral ? Literal(block, ref at, tag, output, ref filled) : Copy(block, ref at, tag, output, ref filled)))
                return null;
        }
        return filled == output.Length ? output : null;
    }

    private static uint? Length(ReadOnlySpan<byte> block, ref int at)
    {
        ulong length = 0;
        for (int shift = 0; shift < 35 && at < block.Length; shift += 7)
        {
            byte next = block[at++];
            length |= (ulong)(next & 0x7F) << shift;
            if (next < 0x80)
                return length <= uint.MaxValue ? (uint)length : null;
        }
        return null;
    }

    /// <summary>Six bits of the tag are the length less one; from 60 on they say how many bytes hold it.</summary>
    private static bool Literal(ReadOnlySpan<byte> block, ref int at, byte tag, byte[] output, ref int filled)
    {
        long length = tag >> 2;
        if (length >= 60)
        {
            int bytes = (int)length - 59;
            if (bytes > block.Length - at)
                return false;
            length = LittleEndian(block.Slice(at, bytes));
            at += bytes;
        }
        length++;
        if (length > block.Length - at || length > output.Length - filled)
            return false;
        block.Slice(at, (int)length).CopyTo(output.AsSpan(filled));
        at += (int)length;
        filled += (int)length;
        return true;
    }

    /// <summary>Offsets of 11, 16 or 32 bits; source and destination may overlap, which repeats a pattern.</summary>
    private static bool Copy(ReadOnlySpan<byte> block, ref int at, byte tag, byte[] output, ref int filled)
    {
        int bytes = (tag & 3) switch { 1 => 1, 2 => 2, _ => 4 };
        if (bytes > block.Length - at)
            return false;
        long offset = LittleEndian(block.Slice(at, bytes));
        at += bytes;
        int length = (tag >> 2) + 1;
        if (bytes == 1)
        {
            length = ((tag >> 2) & 7) + 4;
            offset |= (long)(tag >> 5) << 8;
        }
        if (offset == 0 || offset > filled || length > output.Length - filled)
            return false;
        for (int end = filled + length; filled < end; filled++)
            output[filled] = output[filled - (int)offset];
        return true;
    }

    private static long LittleEndian(ReadOnlySpan<byte> bytes)
    {
        long value = 0;
        for (int i = bytes.Length - 1; i >= 0; i--)
            value = (value << 8) | bytes[i];
        return value;
    }
}
