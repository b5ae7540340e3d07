namespace TransformFramework.Fuzz.Mutation;

/// <summary>Changes of bytes without regard to what they mean.</summary>
internal static class ByteMutation
{
    private static readonly byte[] Telling = [0, 1, 0x7F, 0x80, 0xFF];

    public static byte[] Change(byte[] content, byte[] strange, Random random)
    {
        if (content.Length == 0)
            return strange;
        int at = random.Next(content.Length);
        int length = Math.Min(content.Length - at, 1 << random.Next(10));
        switch (random.Next(7))
        {
            case 0:
                return [.. content[..at], (byte)(content[at] ^ (1 << random.Next(8))), .. content[(at + 1)..]];
            case 1:
                return [.. content[..at], Telling[random.Next(Telling.Length)], .. content[(at + 1)..]];
            case 2:
                return content[..at];
            case 3:
                return [.. content[..at], .. content[(at + length)..]];
            case 4:
                return [.. content[..(at + length)], .. content[at..]];
            case 5:
                int from = random.Next(strange.Length + 1);
                return [.. content[..at], .. strange[from..Math.Min(strange.Length, from + length)], .. content[at..]];
            default:
                byte[] noise = new byte[length];
                random.NextBytes(noise);
                return [.. content[..at], .. noise, .. content[(at + length)..]];
        }
    }
}
