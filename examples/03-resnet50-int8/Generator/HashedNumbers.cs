using System.Text;

namespace TransformFramework.Generated;

/// <summary>A sequence of 64-bit numbers that every machine generates alike: splitmix64, seeded by the FNV-1a hash of a name.</summary>
internal readonly struct HashedNumbers(string name)
{
    private readonly ulong seed = Fnv1a(name);

    public ulong this[int index] => SplitMix64(seed + (ulong)index);

    private static ulong SplitMix64(ulong state)
    {
        ulong z = state + 0x9E3779B97F4A7C15;
        z = (z ^ (z >> 30)) * 0xBF58476D1CE4E5B9;
        z = (z ^ (z >> 27)) * 0x94D049BB133111EB;
        return z ^ (z >> 31);
    }

    private static ulong Fnv1a(string text)
    {
        ulong hash = 0xCBF29CE484222325;
        foreach (byte value in Encoding.UTF8.GetBytes(text))
            hash = (hash ^ value) * 0x100000001B3;
        return hash;
    }
}
