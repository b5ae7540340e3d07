using System.Buffers.Binary;

namespace TransformFramework.Fuzz;

/// <summary>Damages that any file can suffer.</summary>
internal static class ByteMutation
{
    private static readonly long[] Interesting = [0, 1, -1, 2, 7, 8, 0x7F, 0x80, 0xFF, 0x100, 0x7FFF, 0xFFFF, 0x10000, int.MaxValue, int.MinValue, uint.MaxValue, long.MaxValue, long.MinValue, 1L << 40];

    /// <summary>A copy with one to eight damages.</summary>
    public static byte[] Apply(byte[] bytes, Random random)
    {
        byte[] result = [.. bytes];
        for (int count = random.Next(1, 9); count > 0 && result.Length > 0; count--)
            result = Once(result, random);
        return result;
    }

    private static byte[] Once(byte[] bytes, Random random)
    {
        int at = random.Next(bytes.Length);
        switch (random.Next(12))
        {
            case 0 or 1 or 2:
                bytes[at] ^= (byte)(1 << random.Next(8));
                return bytes;
            case 3 or 4:
                bytes[at] = (byte)random.Next(256);
                return bytes;
            case 5 or 6:
                return Overwrite(bytes, at, Interesting[random.Next(Interesting.Length)], 1 << random.Next(4));
            case 7:
                return Overwrite(bytes, at, bytes.Length + random.Next(-16, 17), 1 << random.Next(4));
            case 8:
                return random.Next(4) == 0 ? bytes[..at] : bytes;
            case 9:
                return Remove(bytes, at, random.Next(1, 17));
            case 10:
                return Insert(bytes, at, random);
            default:
                return Copy(bytes, at, random);
        }
    }

    private static byte[] Overwrite(byte[] bytes, int at, long value, int size)
    {
        Span<byte> number = stackalloc byte[sizeof(long)];
        BinaryPrimitives.WriteInt64LittleEndian(number, value);
        number[..Math.Min(size, bytes.Length - at)].CopyTo(bytes.AsSpan(at));
        return bytes;
    }

    private static byte[] Remove(byte[] bytes, int at, int count)
    {
        int end = Math.Min(bytes.Length, at + count);
        return [.. bytes.AsSpan(0, at), .. bytes.AsSpan(end)];
    }

    private static byte[] Insert(byte[] bytes, int at, Random random)
    {
        byte[] more = new byte[random.Next(1, 17)];
        random.NextBytes(more);
        return [.. bytes.AsSpan(0, at), .. more, .. bytes.AsSpan(at)];
    }

    private static byte[] Copy(byte[] bytes, int at, Random random)
    {
        int from = random.Next(bytes.Length);
        int count = Math.Min(random.Next(1, 65), bytes.Length - Math.Max(at, from));
        bytes.AsSpan(from, count).CopyTo(bytes.AsSpan(at));
        return bytes;
    }
}
