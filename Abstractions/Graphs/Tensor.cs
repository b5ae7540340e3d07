using System.Collections.Immutable;
using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;

namespace TransformFramework.Graphs;

/// <summary>How a tensor message holds its elements. Hash orders of the original tool depend on it.</summary>
public enum TensorEncoding
{
    /// <summary>Raw little-endian bytes of all elements (<c>tensor_content</c>). Without bytes a tensor counts as <see cref="Values"/>, as files cannot tell.</summary>
    Content,

    /// <summary>The typed field (<c>float_val</c>, …) with some or all elements: the last one repeats; none at all means zeros.</summary>
    Values,
}

/// <summary>
/// An immutable tensor of any TensorFlow type, row-major and little-endian, that keeps how it was stored. Numbers are stored as packed bytes that may
/// are in a mapped file; strings as one byte string an element.
/// </summary>
public sealed class Tensor : IEquatable<Tensor>
{
    /// <summary>Bytes that an expanded string takes at least.</summary>
    private const int StringRoom = 16;

    private readonly ReadOnlyMemory<byte> stored;
    private readonly ImmutableArray<ReadOnlyMemory<byte>> storedStrings;
    private byte[]? expanded;

    private Tensor(DataType type, TensorShape shape, TensorEncoding encoding, ReadOnlyMemory<byte> stored, ImmutableArray<ReadOnlyMemory<byte>> strings)
    {
        Type = type;
        Shape = shape;
        Encoding = stored.IsEmpty ? TensorEncoding.Values : encoding;
        this.stored = stored;
        storedStrings = strings.IsDefault ? [] : strings;
    }

    public DataType Type { get; }

    public TensorShape Shape { get; }

    public TensorEncoding Encoding { get; }

    /// <summary>False when the file's message has no shape at all, which counts as a scalar's.</summary>
    public bool HasShape { get; init; } = true;

    /// <summary>The message's <c>version_number</c>.</summary>
    public int VersionNumber { get; init; }

    /// <summary>Fields of the file's message that this model does not know or that do not fit the type (<c>int_val</c> of a float tensor, resources, variants).</summary>
    public UnknownFields UnknownFields { get; init; }

    /// <summary>Number of elements that the shape asks for.</summary>
    public long ElementCount => Shape.ElementCount;

    /// <summary>The bytes as stored: all elements for <see cref="TensorEncoding.Content"/>, the listed ones for <see cref="TensorEncoding.Values"/>. Empty for strings.</summary>
    public ReadOnlyMemory<byte> StoredBytes => stored;

    /// <summary>The strings as stored; fewer than <see cref="ElementCount"/> when the last one repeats.</summary>
    public ImmutableArray<ReadOnlyMemory<byte>> StoredStrings => storedStrings;

    /// <summary>
    /// True when the stored elements can be expanded to the shape as TensorFlow does it: a type with elements, a known shape, content of the shape's size,
    /// or any number of listed elements (missing ones repeat the last, none at all is zeros or empty strings, those too many are not looked at).
    /// False also when the expansion would not fit in an array.
    /// </summary>
    public bool IsDecodable
    {
        get
        {
            bool isString = Type == DataType.String;
            int size = isString ? StringRoom : Type.Size();
            if (size == 0 || Type.IsReference() || !Shape.TryCount(out long count))
                return false;
            if (count == 0)
                return true;
            if (count > Array.MaxLength / size || (isString && !stored.IsEmpty))
                return false;
            return Encoding == TensorEncoding.Content ? stored.Length == count * size : isString || stored.Length % size == 0;
        }
    }

    /// <summary>A tensor of raw little-endian bytes.</summary>
    public static Tensor FromContent(DataType type, TensorShape shape, ReadOnlyMemory<byte> content) =>
        new(type, shape, TensorEncoding.Content, content, []);

    /// <summary>A tensor stored as a list of elements (packed little-endian, one element's size each); the last one repeats.</summary>
    public static Tensor FromValues(DataType type, TensorShape shape, ReadOnlyMemory<byte> values) =>
        new(type, shape, TensorEncoding.Values, values, []);

    /// <summary>A tensor of strings; the last one repeats.</summary>
    public static Tensor FromStrings(TensorShape shape, ImmutableArray<ReadOnlyMemory<byte>> values) =>
        new(DataType.String, shape, TensorEncoding.Values, default, values);

    /// <summary>A tensor that holds a copy of the elements as raw bytes.</summary>
    /// <exception cref="ArgumentException">The number of elements is not the shape's, or <typeparamref name="T"/> is not the size of the type.</exception>
    public static Tensor Create<T>(DataType type, TensorShape shape, ReadOnlySpan<T> elements)
        where T : unmanaged
    {
        if (Unsafe.SizeOf<T>() != type.Size())
            throw new ArgumentException($"elements of {Unsafe.SizeOf<T>()} bytes for type {type.Name()}", nameof(elements));
        if (elements.Length != shape.ElementCount)
            throw new ArgumentException($"{elements.Length} elements for shape {shape}", nameof(elements));
        return FromContent(type, shape, MemoryMarshal.AsBytes(elements).ToArray());
    }

    /// <summary>A tensor of zeros and the elements to fill in before it is handed on.</summary>
    /// <exception cref="ArgumentException"><typeparamref name="T"/> is not the size of the type.</exception>
    /// <exception cref="OverflowException">The tensor would be larger than 2 GiB.</exception>
    public static Tensor Allocate<T>(DataType type, TensorShape shape, out Span<T> elements)
        where T : unmanaged
    {
        if (Unsafe.SizeOf<T>() != type.Size())
            throw new ArgumentException($"elements of {Unsafe.SizeOf<T>()} bytes for type {type.Name()}", nameof(type));
        byte[] content = new byte[checked((int)(shape.ElementCount * Unsafe.SizeOf<T>()))];
        elements = MemoryMarshal.Cast<byte, T>(content.AsSpan());
        return FromContent(type, shape, content);
    }

    /// <summary>A scalar, stored as raw bytes.</summary>
    public static Tensor Scalar(float value) => Create<float>(DataType.Float, TensorShape.Scalar, [value]);

    /// <summary>A scalar, stored as raw bytes.</summary>
    public static Tensor Scalar(int value) => Create<int>(DataType.Int32, TensorShape.Scalar, [value]);

    /// <summary>This tensor with other fields of its message that are not elements.</summary>
    /// <param name="hasShape">False when the message has no shape.</param>
    /// <param name="versionNumber">The message's version number.</param>
    /// <param name="unknownFields">Fields that this model does not know.</param>
    public Tensor With(bool hasShape, int versionNumber, UnknownFields unknownFields) => new(Type, Shape, Encoding, stored, storedStrings)
    {
        HasShape = hasShape,
        VersionNumber = versionNumber,
        UnknownFields = unknownFields,
    };

    /// <summary>The elements, expanded to the full shape. No copy when they are stored in full.</summary>
    /// <exception cref="InvalidOperationException">The tensor is not decodable, holds strings, or <typeparamref name="T"/> is not the element's size.</exception>
    public ReadOnlySpan<T> AsSpan<T>()
        where T : unmanaged
    {
        if (Unsafe.SizeOf<T>() != Type.Size())
            throw new InvalidOperationException($"a {Type.Name()} tensor has no elements of {Unsafe.SizeOf<T>()} bytes");
        return MemoryMarshal.Cast<byte, T>(Bytes.Span);
    }

    /// <summary>The little-endian bytes of all elements. No copy when they are stored in full.</summary>
    /// <exception cref="InvalidOperationException">The tensor is not decodable or holds strings.</exception>
    public ReadOnlyMemory<byte> Bytes
    {
        get
        {
            if (Type == DataType.String || !IsDecodable)
                throw new InvalidOperationException($"the elements of a {Type.Name()} tensor of shape {Shape} with {stored.Length} stored bytes cannot be read");
            long length = ElementCount * Type.Size();
            if (stored.Length >= length)
                return stored[..(int)length];
            return expanded ??= Expand(stored.Span, Type.Size(), checked((int)length));
        }
    }

    /// <summary>The strings of all elements.</summary>
    /// <exception cref="InvalidOperationException">The tensor does not hold strings or is not decodable.</exception>
    public ImmutableArray<ReadOnlyMemory<byte>> Strings
    {
        get
        {
            if (Type != DataType.String || !IsDecodable)
                throw new InvalidOperationException($"a {Type.Name()} tensor of shape {Shape} has no readable strings");
            int count = checked((int)ElementCount);
            if (storedStrings.Length >= count)
                return storedStrings.Length == count ? storedStrings : storedStrings[..count];
            var last = storedStrings.IsEmpty ? ReadOnlyMemory<byte>.Empty : storedStrings[^1];
            return [.. storedStrings, .. Enumerable.Repeat(last, count - storedStrings.Length)];
        }
    }

    /// <summary>True when both have the same type, shape and elements, however stored. Floats are compared by bits.</summary>
    public bool ContentEquals(Tensor other)
    {
        if (Type != other.Type || !Shape.Dimensions.AsSpan().SequenceEqual(other.Shape.Dimensions.AsSpan()) || Shape.IsUnknownRank != other.Shape.IsUnknownRank)
            return false;
        if (!IsDecodable || !other.IsDecodable)
            return Equals(other);
        return Type == DataType.String ? StringsEqual(Strings, other.Strings) : Bytes.Span.SequenceEqual(other.Bytes.Span);
    }

    /// <summary>True when both are stored the same.</summary>
    public bool Equals(Tensor? other) =>
        other is not null && (ReferenceEquals(this, other)
            || (Type == other.Type && Encoding == other.Encoding && VersionNumber == other.VersionNumber && HasShape == other.HasShape && Shape.Equals(other.Shape)
                && UnknownFields == other.UnknownFields && StringsEqual(storedStrings, other.storedStrings) && stored.Span.SequenceEqual(other.stored.Span)));

    public override bool Equals(object? obj) => Equals(obj as Tensor);

    public override int GetHashCode() => HashCode.Combine(Type, Shape, stored.Length, storedStrings.Length);

    public override string ToString() => $"{Type.Name()}{Shape}";

    private static bool StringsEqual(ImmutableArray<ReadOnlyMemory<byte>> left, ImmutableArray<ReadOnlyMemory<byte>> right)
    {
        if (left.Length != right.Length)
            return false;
        for (int i = 0; i < left.Length; i++)
        {
            if (!left[i].Span.SequenceEqual(right[i].Span))
                return false;
        }
        return true;
    }

    private static byte[] Expand(ReadOnlySpan<byte> values, int size, int length)
    {
        byte[] bytes = new byte[length];
        values.CopyTo(bytes);
        if (values.IsEmpty)
            return bytes;
        ReadOnlySpan<byte> last = values[^size..];
        for (int at = values.Length; at < length; at += size)
            last.CopyTo(bytes.AsSpan(at));
        return bytes;
    }
}
