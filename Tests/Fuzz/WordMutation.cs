using System.Buffers.Binary;

namespace TransformFramework.Fuzz;

/// <summary>Changes of the aligned 32-bit words of which FlatBuffers consist: offsets, lengths and numbers a little off, or of telling values.</summary>
internal static class WordMutation
{
    private static readonly int[] Telling = [0, 1, -1, 2, 4, 8, 0x7F, 0xFF, 0x100, 0xFFFF, 0x10000, int.MaxValue, int.MinValue];

    /// <summary>A copy with one to four changes.</summary>
    public static byte[] Apply(byte[] bytes, Random random)
    {
        byte[] result = [.. bytes];
        int words = result.Length / sizeof(int);
        for (int count = random.Next(1, 5); count > 0 && words > 0; count--)
        {
            Span<byte> word = result.AsSpan(random.Next(words) * sizeof(int), sizeof(int));
            int old = BinaryPrimitives.ReadInt32LittleEndian(word);
            BinaryPrimitives.WriteInt32LittleEndian(word, random.Next(4) switch
            {
                0 => Telling[random.Next(Telling.Length)],
                1 => BinaryPrimitives.ReadInt32LittleEndian(result.AsSpan(random.Next(words) * sizeof(int))),
                2 => unchecked(old + random.Next(-4, 5)),
                _ => unchecked(old + (random.Next(-8, 9) * sizeof(int))),
            });
        }
        return result;
    }
}
