using System.Buffers.Binary;
using System.Numerics;

namespace TransformFramework.Cpu.Kernels.Text;

/// <summary>FarmHash's 64-bit fingerprint (Geoff Pike, Google): stable on every machine.</summary>
internal static class Fingerprint
{
    private const ulong K0 = 0xc3a5c85c97cb3127;
    private const ulong K1 = 0xb492b66fbe98f273;
    private const ulong K2 = 0x9ae16a3b2f90404f;

    public static ulong Of(ReadOnlySpan<byte> s) => s.Length switch
    {
        <= 16 => UpTo16(s),
        <= 32 => UpTo32(s),
        <= 64 => UpTo64(s),
        _ => Long(s),
    };

    private static ulong UpTo16(ReadOnlySpan<byte> s)
    {
        ulong length = (ulong)s.Length;
        ulong mul = K2 + (length * 2);
        if (length >= 8)
        {
            ulong a = Word(s, 0) + K2;
            ulong b = Word(s, s.Length - 8);
            ulong c = (Rotate(b, 37) * mul) + a;
            ulong d = (Rotate(a, 25) + b) * mul;
            return Mix(c, d, mul);
        }
        if (length >= 4)
            return Mix(length + ((ulong)Half(s, 0) << 3), Half(s, s.Length - 4), mul);
        if (length == 0)
            return K2;
        uint y = s[0] + ((uint)s[s.Length >> 1] << 8);
        uint z = (uint)s.Length + ((uint)s[^1] << 2);
        return Shift((y * K2) ^ (z * K0)) * K2;
    }

    private static ulong UpTo32(ReadOnlySpan<byte> s)
    {
        ulong mul = K2 + ((ulong)s.Length * 2);
        ulong a = Word(s, 0) * K1;
        ulong b = Word(s, 8);
        ulong c = Word(s, s.Length - 8) * mul;
        ulong d = Word(s, s.Length - 16) * K2;
        return Mix(Rotate(a + b, 43) + Rotate(c, 30) + d, a + Rotate(b + K2, 18) + c, mul);
    }

    private static ulong UpTo64(ReadOnlySpan<byte> s)
    {
        ulong mul = K2 + ((ulong)s.Length * 2);
        ulong a = Word(s, 0) * K2;
        ulong b = Word(s, 8);
        ulong c = Word(s, s.Length - 8) * mul;
        ulong d = Word(s, s.Length - 16) * K2;
        ulong y = Rotate(a + b, 43) + Rotate(c, 30) + d;
        ulong z = Mix(y, a + Rotate(b + K2, 18) + c, mul);
        ulong e = Word(s, 16) * mul;
        ulong f = Word(s, 24);
        ulong g = (y + Word(s, s.Length - 32)) * mul;
        ulong h = (z + Word(s, s.Length - 24)) * mul;
        return Mix(Rotate(e + f, 43) + Rotate(g, 30) + h, e + Rotate(f + a, 18) + g, mul);
    }

    private static ulong Long(ReadOnlySpan<byte> s)
    {
        const ulong Seed = 81;
        ulong x = unchecked(Seed * K2) + Word(s, 0);
        ulong y = unchecked((Seed * K1) + 113);
        ulong z = Shift((y * K2) + 113) * K2;
        (ulong First, ulong Second) v = default;
        (ulong First, ulong Second) w = default;
        int end = (s.Length - 1) / 64 * 64;
        for (int at = 0; at < end; at += 64)
            Round(s[at..], K1, 1, ref x, ref y, ref z, ref v, ref w);
        ulong mul = K1 + ((z & 0xff) << 1);
        w.First += (ulong)((s.Length - 1) & 63);
        v.First += w.First;
        w.First += v.First;
        Round(s[^64..], mul, 9, ref x, ref y, ref z, ref v, ref w);
        return Mix(Mix(v.First, w.First, mul) + (Shift(y) * K0) + z, Mix(v.Second, w.Second, mul) + x, mul);
    }

    private static void Round(ReadOnlySpan<byte> s, ulong mul, ulong factor, ref ulong x, ref ulong y, ref ulong z, ref (ulong First, ulong Second) v, ref (ulong First, ulong Second) w)
    {
        x = Rotate(x + y + v.First + Word(s, 8), 37) * mul;
        y = Rotate(y + v.Second + Word(s, 48), 42) * mul;
        x ^= w.Second * factor;
        y += (v.First * factor) + Word(s, 40);
        z = Rotate(z + w.First, 33) * mul;
        v = Weak(s, v.Second * mul, x + w.First);
        w = Weak(s[32..], z + w.Second, y + Word(s, 16));
        (z, x) = (x, z);
    }

    private static (ulong First, ulong Second) Weak(ReadOnlySpan<byte> s, ulong a, ulong b)
    {
        a += Word(s, 0);
        b = Rotate(b + a + Word(s, 24), 21);
        ulong c = a;
        a += Word(s, 8);
        a += Word(s, 16);
        b += Rotate(a, 44);
        return (a + Word(s, 24), b + c);
    }

    private static ulong Mix(ulong u, ulong v, ulong mul)
    {
        ulong a = Shift((u ^ v) * mul);
        return Shift((v ^ a) * mul) * mul;
    }

    private static ulong Shift(ulong value) => value ^ (value >> 47);

    private static ulong Rotate(ulong value, int shift) => BitOperations.RotateRight(value, shift);

    private static ulong Word(ReadOnlySpan<byte> s, int at) => BinaryPrimitives.ReadUInt64LittleEndian(s[at..]);

    private static uint Half(ReadOnlySpan<byte> s, int at) => BinaryPrimitives.ReadUInt32LittleEndian(s[at..]);

    /// <summary>Two fingerprints as one: TensorFlow's FingerprintCat64.</summary>
    public static ulong Join(ulong first, ulong second)
    {
        const ulong factor = 0xc6a4a7935bd1e995;
        ulong joined = first ^ factor;
        joined ^= Mix(second * factor) * factor;
        joined *= factor;
        joined = Mix(joined) * factor;
        return Mix(joined);

        static ulong Mix(ulong value) => value ^ (value >> 47);
    }
}
