using System.Numerics;
using System.Text;

namespace TransformFramework.Toolkit.Protobuf;

/// <summary>Sizes of protobuf fields, tags included. Scalars of value zero and empty strings take no room, as in proto3.</summary>
static partial class WireSize
{
    public static int Varint(ulong value) => (BitOperations.Log2(value | 1) / 7) + 1;

    public static int Tag(int field) => Varint((ulong)field << 3);

    /// <summary>A length-delimited field of the given payload.</summary>
    public static long Delimited(int field, long payload) => Tag(field) + Varint((ulong)payload) + payload;

    public static long String(int field, string value) => value.Length == 0 ? 0 : Delimited(field, Encoding.UTF8.GetByteCount(value));

    public static long Scalar(int field, long value) => value == 0 ? 0 : Tag(field) + Varint((ulong)value);

    public static long Flag(int field, bool value) => value ? Tag(field) + 1 : 0;
}
