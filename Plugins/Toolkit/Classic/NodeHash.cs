using System.Buffers.Binary;
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

    private const ulong Multiplier = 0xc6a4a7935bd1e995;
    private const int Shift = 47;

    /// <summary>The hash of a node under the given name.</summary>
    public static ulong Compute(Node node, string name)
    {
        ulong hash = Hash(node.Op);
        hash = Combine(hash, Hash(name));
        foreach (NodeInput input in node.Inputs)
            hash = Combine(hash, Hash(input.Canonical));
        hash = Combine(hash, Hash(node.Device));
        foreach (AttributeValue value in node.Attributes.Values)
            hash = Combine(hash, Hash(WireFormat.Serialize(value)));
        return hash;
    }

    /// <summary>MurmurHash64A (Austin Appleby, public domain algorithm).</summary>
    public static ulong Hash(ReadOnlySpan<byte> data, ulong seed = Seed)
    {
        ulong hash = seed ^ unchecked((ulong)data.Length * Multiplier);
        while (data.Length >= 8)
        {
            ulong word = BinaryPrimitives.ReadUInt64LittleEndian(data);
            word = unchecked(word * Multiplier);
            word ^= word >> Shift;
            hash = unchecked((hash ^ (word * Multiplier)) * Multiplier);
            data = data[8..];
        }
        if (!data.IsEmpty)
        {
            ulong tail = 0;
            for (int i = data.Length - 1; i >= 0; i--)
                tail = (tail << 8) | data[i];
            hash = unchecked((hash ^ tail) * Multiplier);
        }
        hash ^= hash >> Shift;
        hash = unchecked(hash * Multiplier);
        return hash ^ (hash >> Shift);
    }

    private static ulong Hash(string text) => Hash(Encoding.UTF8.GetBytes(text));

    private static ulong Combine(ulong hash, ulong next) =>
        unchecked(hash ^ (next + 0x9e3779b97f4a7800 + (hash << 10) + (hash >> 4)));
}
