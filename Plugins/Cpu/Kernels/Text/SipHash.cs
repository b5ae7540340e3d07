using System.Buffers.Binary;
using System.Numerics;

namespace TransformFramework.Cpu.Kernels.Text;

/// <summary>SipHash-2-4 (Aumasson, Bernstein 2012): a hash keyed with 128 bits.</summary>
internal static class SipHash
{
    public static ulong Of(ReadOnlySpan<byte> text, ulong key0, ulong key1)
    {
        Span<ulong> v = [key0 ^ 0x736f6d6570736575, key1 ^ 0x646f72616e646f6d, key0 ^ 0x6c7967656e657261, key1 ^ 0x7465646279746573];
        int at = 0;
        for (; at + 8 <= text.Length; at += 8)
            Absorb(v, BinaryPrimitives.ReadUInt64LittleEndian(text[at..]));
        ulong last = (ulong)text.Length << 56;
        for (int i = 0; at + i < text.Length; i++)
            last |= (ulong)text[at + i] << (8 * i);
        Absorb(v, last);
        v[2] ^= 0xff;
        for (int i = 0; i < 4; i++)
            Round(v);
        return v[0] ^ v[1] ^ v[2] ^ v[3];
    }

    private static void Absorb(Span<ulong> v, ulong word)
    {
        v[3] ^= word;
        Round(v);
        Round(v);
        v[0] ^= word;
    }

    private static void Round(Span<ulong> v)
    {
        v[0] += v[1];
        v[1] = BitOperations.RotateLeft(v[1], 13) ^ v[0];
        v[0] = BitOperations.RotateLeft(v[0], 32);
        v[2] += v[3];
        v[3] = BitOperations.RotateLeft(v[3], 16) ^ v[2];
        v[0] += v[3];
        v[3] = BitOperations.RotateLeft(v[3], 21) ^ v[0];
        v[2] += v[1];
        v[1] = BitOperations.RotateLeft(v[1], 17) ^ v[2];
        v[2] = BitOperations.RotateLeft(v[2], 32);
    }
}
