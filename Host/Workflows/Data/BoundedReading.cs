namespace TransformFramework.Workflows.Data;

/// <summary>Reads streams whose length is not known or not to be trusted.</summary>
internal static class BoundedReading
{
    private const int Block = 1 << 20;

    /// <summary>Most bytes of what does not tell its length.</summary>
    private const long MostUnknown = 1 << 28;

    /// <summary>Everything up to the end.</summary>
    /// <exception cref="InvalidDataException">There is more than is allowed.</exception>
    public static byte[] ToEnd(Stream stream, long most)
    {
        using var content = new MemoryStream(stream.CanSeek ? (int)Math.Min(stream.Length, Block) : 0);
        byte[] block = new byte[Math.Min(Block, most + 1)];
        while (stream.Read(block) is > 0 and var count)
        {
            if (content.Length + count > most)
                throw new InvalidDataException($"it has more than {most} bytes");
            content.Write(block, 0, count);
        }
        return content.ToArray();
    }

    /// <summary>A file, a pipe or a device.</summary>
    /// <exception cref="InvalidDataException">A pipe or device gives more than is allowed.</exception>
    public static byte[] File(string path)
    {
        if (new FileInfo(path) is { Exists: true, Length: > 0 })
            return System.IO.File.ReadAllBytes(path);
        using FileStream file = System.IO.File.OpenRead(path);
        return ToEnd(file, MostUnknown);
    }

    /// <summary>A number of bytes; memory is taken as they come.</summary>
    /// <exception cref="EndOfStreamException">There are fewer.</exception>
    public static byte[] Exactly(Stream stream, long length)
    {
        byte[] content = new byte[Math.Min(length, Block)];
        int filled = 0;
        while (filled < length)
        {
            if (filled == content.Length)
                Array.Resize(ref content, (int)Math.Min(length, 2L * content.Length));
            int count = stream.Read(content, filled, content.Length - filled);
            filled += count > 0 ? count : throw new EndOfStreamException($"{filled} of {length} bytes are there");
        }
        return content;
    }
}
