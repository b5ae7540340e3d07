using System.Text;
using TransformFramework.Toolkit.Classic;

namespace TransformFramework.Folding;

/// <summary>
/// The order in which a C++ hash table (std::unordered_map of GNU libstdc++ 8) gives back its entries: a new entry comes first, or first among those that share
/// its bucket; growing takes all entries over in the order they had, each by the same rule. The original writes nodes in such an order.
/// </summary>
internal static class NativeTableOrder
{
    private const ulong Seed = 0xc70f6907;

    /// <summary>Numbers of buckets: the first primes not below twice the one before.</summary>
    private static readonly int[] Buckets = [1, 2, 5, 11, 23, 47, 97, 199, 409, 823, 1741, 3469, 6949, 14033, 28411, 57557];

    /// <summary>Values in the order of a table that they are inserted in one after the other.</summary>
    public static IReadOnlyList<string> Of(IEnumerable<string> values, Func<string, string> key)
    {
        var entries = new List<(string Value, ulong Hash)>();
        int size = 0;
        foreach (string value in values)
        {
            if (entries.Count + 1 > (size == 0 ? 0 : Buckets[size]) && size + 1 < Buckets.Length)
                entries = Regrown(entries, Buckets[++size]);
            Insert(entries, (value, NodeHash.Hash(Encoding.UTF8.GetBytes(key(value)), Seed)), Buckets[size]);
        }
        return [.. entries.Select(entry => entry.Value)];
    }

    private static List<(string Value, ulong Hash)> Regrown(List<(string Value, ulong Hash)> entries, int buckets)
    {
        var grown = new List<(string Value, ulong Hash)>(entries.Count + 1);
        foreach (var entry in entries)
            Insert(grown, entry, buckets);
        return grown;
    }

    private static void Insert(List<(string Value, ulong Hash)> entries, (string Value, ulong Hash) entry, int buckets)
    {
        int shared = entries.FindIndex(other => other.Hash % (ulong)buckets == entry.Hash % (ulong)buckets);
        entries.Insert(Math.Max(shared, 0), entry);
    }
}
