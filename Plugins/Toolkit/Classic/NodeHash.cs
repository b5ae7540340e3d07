using System.Runtime.CompilerServices;
using System.Text;
using TransformFramework.Graphs;
using TransformFramework.Graphs.Wire;

namespace TransformFramework.Toolkit.Classic;

/// <summary>
/// The original's hash of a node: op, name, canonical inputs, device and serialized attribute values in name order, chained. It shows in node orders and in which
/// of several equal nodes survives, so it is reproduced exactly.
/// </summary>
public static class NodeHash
{
    /// <summary>The seed of TensorFlow's 64-bit hash.</summary>
    public const ulong Seed = 0xDECAFCAFFE;

    private const int WorthRemembering = 1 << 16;

    /// <summary>Hashes of large values, which merging asks for round after round.</summary>
    private static readonly ConditionalWeakTable<AttributeValue, object> LargeValues = [];

    /// <summary>The hash of a node under the given name.</summary>
    public static ulong Compute(Node node, string name)
    {
        ulong hash = Hash(node.Op);
        hash = Combine(hash, Hash(name));
        foreach (NodeInput input in node.Inputs)
            hash = Combine(hash, Hash(input.Canonical));
        hash = Combine(hash, Hash(node.Device));
        foreach (AttributeValue value in node.Attributes.Values)
            hash = Combine(hash, Hash(value));
        return hash;
    }

    /// <summary>MurmurHash64A.</summary>
    public static ulong Hash(ReadOnlySpan<byte> data, ulong seed = Seed)
    {
        using var hash = new MurmurHash(data.Length, seed);
        hash.Write(data);
        return hash.Finish();
    }

    private static ulong Hash(AttributeValue value) =>
        WireFormat.Measure(value) < WorthRemembering ? Hash(WireFormat.Serialize(value)) : (ulong)LargeValues.GetValue(value, static large => HashLarge(large));

    private static object HashLarge(AttributeValue value)
    {
        using var hash = new MurmurHash(WireFormat.Measure(value), Seed);
        WireFormat.Write(value, hash);
        return hash.Finish();
    }

    private static ulong Hash(string text)
    {
        const int onStack = 512;
        int most = Encoding.UTF8.GetMaxByteCount(text.Length);
        Span<byte> bytes = most <= onStack ? stackalloc byte[onStack] : new byte[most];
        return Hash(bytes[..Encoding.UTF8.GetBytes(text, bytes)]);
    }

    private static ulong Combine(ulong hash, ulong next) =>
        unchecked(hash ^ (next + 0x9e3779b97f4a7800 + (hash << 10) + (hash >> 4)));
}
