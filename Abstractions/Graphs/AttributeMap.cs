using System.Collections;
using System.Collections.Immutable;
using System.Diagnostics.CodeAnalysis;
using System.Runtime.InteropServices;

namespace TransformFramework.Graphs;

/// <summary>Attributes of a node by name, immutable, in byte order of the names.</summary>
public sealed class AttributeMap : IReadOnlyDictionary<string, AttributeValue>, IEquatable<AttributeMap>
{
    public static readonly AttributeMap Empty = new([]);

    private readonly KeyValuePair<string, AttributeValue>[] entries;

    private AttributeMap(KeyValuePair<string, AttributeValue>[] entries) => this.entries = entries;

    /// <summary>The entries in byte order of their names, for loops that may not allocate.</summary>
    public ReadOnlySpan<KeyValuePair<string, AttributeValue>> Entries => entries;

    public int Count => entries.Length;

    public IEnumerable<string> Keys => entries.Select(entry => entry.Key);

    public IEnumerable<AttributeValue> Values => entries.Select(entry => entry.Value);

    /// <summary>The value of an attribute.</summary>
    /// <exception cref="KeyNotFoundException">There is no such attribute.</exception>
    public AttributeValue this[string key] =>
        TryGetValue(key, out var value) ? value : throw new KeyNotFoundException($"no attribute '{key}'");

    /// <summary>A map of the given entries; of several with one name the last counts.</summary>
    public static AttributeMap Create(IEnumerable<KeyValuePair<string, AttributeValue>> entries)
    {
        KeyValuePair<string, AttributeValue>[] given = entries is List<KeyValuePair<string, AttributeValue>> list ? CollectionsMarshal.AsSpan(list).ToArray() : [.. entries];
        if (given.Length == 0)
            return Empty;
        if (IsSorted(given))
            return new(given);
        var sorted = new SortedDictionary<string, AttributeValue>(NameOrder.Instance);
        foreach (var (key, value) in given)
            sorted[key] = value;
        return new([.. sorted]);
    }

    /// <summary>A map of the given entries; of several with one name the last counts.</summary>
    public static AttributeMap Of(params IEnumerable<(string Name, AttributeValue Value)> entries) =>
        Create(entries.Select(entry => KeyValuePair.Create(entry.Name, entry.Value)));

    public bool ContainsKey(string key) => IndexOf(key) >= 0;

    public bool TryGetValue(string key, [MaybeNullWhen(false)] out AttributeValue value)
    {
        int index = IndexOf(key);
        value = index < 0 ? null : entries[index].Value;
        return index >= 0;
    }

    /// <summary>This map with one attribute added or replaced.</summary>
    public AttributeMap With(string name, AttributeValue value)
    {
        int index = IndexOf(name);
        int start = index >= 0 ? index : ~index;
        int end = index >= 0 ? index + 1 : start;
        var changed = new KeyValuePair<string, AttributeValue>[start + 1 + entries.Length - end];
        Array.Copy(entries, changed, start);
        changed[start] = new(name, value);
        Array.Copy(entries, end, changed, start + 1, entries.Length - end);
        return new(changed);
    }

    /// <summary>This map without the attribute; the same instance when it has none of that name.</summary>
    public AttributeMap Without(string name)
    {
        int index = IndexOf(name);
        return index < 0 ? this : Count == 1 ? Empty : new([.. entries.AsSpan(0, index), .. entries.AsSpan(index + 1)]);
    }

    public bool Equals(AttributeMap? other) =>
        other is not null && (ReferenceEquals(this, other) || entries.AsSpan().SequenceEqual(other.entries.AsSpan()));

    public override bool Equals(object? obj) => Equals(obj as AttributeMap);

    public override int GetHashCode()
    {
        var hash = new HashCode();
        foreach (var entry in entries)
            hash.Add(entry.Key, StringComparer.Ordinal);
        return hash.ToHashCode();
    }

    public ImmutableArray<KeyValuePair<string, AttributeValue>>.Enumerator GetEnumerator() => ImmutableCollectionsMarshal.AsImmutableArray(entries).GetEnumerator();

    IEnumerator<KeyValuePair<string, AttributeValue>> IEnumerable<KeyValuePair<string, AttributeValue>>.GetEnumerator() =>
        ((IEnumerable<KeyValuePair<string, AttributeValue>>)entries).GetEnumerator();

    IEnumerator IEnumerable.GetEnumerator() => entries.GetEnumerator();

    private static bool IsSorted(ReadOnlySpan<KeyValuePair<string, AttributeValue>> given)
    {
        for (int i = 1; i < given.Length; i++)
        {
            if (NameOrder.Instance.Compare(given[i - 1].Key, given[i].Key) >= 0)
                return false;
        }
        return true;
    }

    private int IndexOf(string name)
    {
        int low = 0;
        int high = entries.Length - 1;
        while (low <= high)
        {
            int middle = (low + high) >> 1;
            int order = NameOrder.Instance.Compare(entries[middle].Key, name);
            if (order == 0)
                return middle;
            if (order < 0)
                low = middle + 1;
            else
                high = middle - 1;
        }
        return ~low;
    }
}

/// <summary>Orders names as their UTF-8 bytes are ordered, as the original tool's maps do.</summary>
public sealed class NameOrder : IComparer<string>
{
    public static readonly NameOrder Instance = new();

    public int Compare(string? x, string? y)
    {
        if (x is null || y is null)
            return string.CompareOrdinal(x, y);
        int common = Math.Min(x.Length, y.Length);
        for (int i = 0; i < common; i++)
        {
            if (x[i] == y[i])
                continue;
            bool surrogateX = char.IsSurrogate(x[i]);
            return surrogateX == char.IsSurrogate(y[i]) ? x[i] - y[i] : surrogateX ? 1 : -1;
        }
        return x.Length - y.Length;
    }
}
