using System.Text;

namespace TransformFramework.Toolkit.Protobuf;

/// <summary>Gives equal short ASCII texts the same string: op and attribute names occur again in nearly every node.</summary>
static partial class NameCache
{
    private const int Slots = 1 << 12;
    private const int Longest = 48;

    [ThreadStatic]
    private static string?[]? cache;

    public static string Get(ReadOnlySpan<byte> utf8)
    {
        if (utf8.Length > Longest)
            return Encoding.UTF8.GetString(utf8);
        ref string? slot = ref (cache ??= new string?[Slots])[Hash(utf8) & (Slots - 1)];
        if (slot is null || !Ascii.Equals(utf8, slot))
            slot = Encoding.UTF8.GetString(utf8);
        return slot;
    }

    private static uint Hash(ReadOnlySpan<byte> bytes)
    {
        uint hash = 2166136261;
        foreach (byte value in bytes)
            hash = (hash ^ value) * 16777619;
        return hash ^ (hash >> 15);
    }
}
