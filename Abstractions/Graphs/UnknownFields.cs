namespace TransformFramework.Graphs;

/// <summary>Fields of a protobuf message that this model has no place for, byte for byte in wire format, so that writing gives them back.</summary>
public readonly struct UnknownFields(ReadOnlyMemory<byte> bytes) : IEquatable<UnknownFields>
{
    /// <summary>The fields one after the other, each with its tag.</summary>
    public ReadOnlyMemory<byte> Bytes { get; } = bytes;

    public bool IsEmpty => Bytes.IsEmpty;

    public bool Equals(UnknownFields other) => Bytes.Span.SequenceEqual(other.Bytes.Span);

    public override bool Equals(object? obj) => obj is UnknownFields other && Equals(other);

    public override int GetHashCode() => Bytes.Length;

    public static bool operator ==(UnknownFields left, UnknownFields right) => left.Equals(right);

    public static bool operator !=(UnknownFields left, UnknownFields right) => !left.Equals(right);
}
