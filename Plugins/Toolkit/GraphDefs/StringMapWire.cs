using System.Collections.Immutable;
using System.Text;
using TransformFramework.Graphs;
using TransformFramework.Toolkit.Protobuf;

namespace TransformFramework.Toolkit.GraphDefs;

/// <summary>Protobuf maps from string to string.</summary>
internal static class StringMapWire
{
    public static ImmutableSortedDictionary<string, string>.Builder CreateBuilder() =>
        ImmutableSortedDictionary.CreateBuilder<string, string>(NameOrder.Instance);

    public static void ReadEntry(WireReader reader, ImmutableSortedDictionary<string, string>.Builder map)
    {
        var (key, value) = reader.TextEntry();
        map[key] = value;
    }

    public static long Size(int field, ImmutableSortedDictionary<string, string> map) =>
        map.Sum(entry => WireSize.Delimited(field, EntrySize(entry.Key, entry.Value)));

    public static void Write(int field, ImmutableSortedDictionary<string, string> map, WireWriter writer)
    {
        foreach (var (key, value) in map.OrderBy(entry => entry.Key, NameOrder.Instance))
        {
            writer.Delimiter(field, EntrySize(key, value));
            writer.Text(1, key);
            writer.Text(2, value);
        }
    }

    private static long EntrySize(string key, string value) =>
        WireSize.Delimited(1, Encoding.UTF8.GetByteCount(key)) + WireSize.Delimited(2, Encoding.UTF8.GetByteCount(value));
}
