using System.Collections.Immutable;
using System.Text;

namespace TransformFramework.Graphs;

/// <summary>Kinds of attribute values, as the fields of TensorFlow's <c>AttrValue</c>.</summary>
public enum AttributeKind
{
    /// <summary>Present without a value.</summary>
    Unset = 0,
    List,
    Bytes,
    Int,
    Float,
    Bool,
    Type,
    Shape,
    Tensor,
    Placeholder,
    Function,
}

/// <summary>The value of a node's attribute. Immutable; equality is by value (floats by bits, tensors by stored form).</summary>
public abstract record AttributeValue
{
    private protected AttributeValue(AttributeKind kind) => Kind = kind;

    /// <summary>Which of the nested records this is.</summary>
    public AttributeKind Kind { get; }

    /// <summary>Fields of the file's message that this model does not know.</summary>
    public UnknownFields UnknownFields { get; init; }

    public static implicit operator AttributeValue(string value) => new BytesValue(Encoding.UTF8.GetBytes(value));

    public static implicit operator AttributeValue(long value) => new IntValue(value);

    public static implicit operator AttributeValue(int value) => new IntValue(value);

    public static implicit operator AttributeValue(float value) => new FloatValue(value);

    public static implicit operator AttributeValue(bool value) => new BoolValue(value);

    public static implicit operator AttributeValue(DataType value) => new TypeValue(value);

    public static implicit operator AttributeValue(TensorShape value) => new ShapeValue(value);

    public static implicit operator AttributeValue(Tensor value) => new TensorValue(value);

    /// <summary>A list of integers.</summary>
    public static AttributeValue Ints(params ReadOnlySpan<long> values) => new ListValue(Convert(values, value => (AttributeValue)value));

    /// <summary>A list of types.</summary>
    public static AttributeValue Types(params ReadOnlySpan<DataType> values) => new ListValue(Convert(values, value => (AttributeValue)value));

    /// <summary>A list of strings.</summary>
    public static AttributeValue Strings(params ReadOnlySpan<string> values) => new ListValue(Convert(values, value => (AttributeValue)value));

    private static ImmutableArray<AttributeValue> Convert<T>(ReadOnlySpan<T> values, Func<T, AttributeValue> convert)
    {
        var items = ImmutableArray.CreateBuilder<AttributeValue>(values.Length);
        foreach (T value in values)
            items.Add(convert(value));
        return items.MoveToImmutable();
    }
}

/// <summary>An attribute that is present without a value.</summary>
public sealed record UnsetValue() : AttributeValue(AttributeKind.Unset);

/// <summary>A byte string (<c>s</c>); TensorFlow's "string" attributes.</summary>
public sealed record BytesValue(ReadOnlyMemory<byte> Bytes) : AttributeValue(AttributeKind.Bytes)
{
    /// <summary>The bytes read as UTF-8.</summary>
    public string Text => Encoding.UTF8.GetString(Bytes.Span);

    public bool Equals(BytesValue? other) => other is not null && UnknownFields == other.UnknownFields && Bytes.Span.SequenceEqual(other.Bytes.Span);

    public override int GetHashCode() => Bytes.Length;
}

/// <summary>A 64-bit integer (<c>i</c>).</summary>
public sealed record IntValue(long Value) : AttributeValue(AttributeKind.Int);

/// <summary>A 32-bit float (<c>f</c>), compared by bits.</summary>
public sealed record FloatValue(float Value) : AttributeValue(AttributeKind.Float)
{
    public bool Equals(FloatValue? other) =>
        other is not null && UnknownFields == other.UnknownFields && BitConverter.SingleToUInt32Bits(Value) == BitConverter.SingleToUInt32Bits(other.Value);

    public override int GetHashCode() => BitConverter.SingleToInt32Bits(Value);
}

/// <summary>A truth value (<c>b</c>).</summary>
public sealed record BoolValue(bool Value) : AttributeValue(AttributeKind.Bool);

/// <summary>An element type (<c>type</c>).</summary>
public sealed record TypeValue(DataType Value) : AttributeValue(AttributeKind.Type);

/// <summary>A shape (<c>shape</c>).</summary>
public sealed record ShapeValue(TensorShape Value) : AttributeValue(AttributeKind.Shape);

/// <summary>A tensor (<c>tensor</c>).</summary>
public sealed record TensorValue(Tensor Value) : AttributeValue(AttributeKind.Tensor);

/// <summary>The name of an attribute of the enclosing function (<c>placeholder</c>).</summary>
public sealed record PlaceholderValue(string Name) : AttributeValue(AttributeKind.Placeholder);

/// <summary>A function with attributes (<c>func</c>).</summary>
public sealed record FunctionValue(string Name, AttributeMap Attributes) : AttributeValue(AttributeKind.Function)
{
    /// <summary>Unknown fields of the nested function message.</summary>
    public UnknownFields FunctionUnknownFields { get; init; }
}

/// <summary>
/// A list (<c>list</c>). Items are Bytes, Int, Float, Bool, Type, Shape, Tensor or Function values, in practice all of one kind;
/// of a mixed list only the order within each kind is kept in files. <see cref="AttributeValue.UnknownFields"/> of the list message itself are
/// in <see cref="ListUnknownFields"/>.
/// </summary>
public sealed record ListValue(ImmutableArray<AttributeValue> Items) : AttributeValue(AttributeKind.List)
{
    /// <summary>Unknown fields of the nested list message.</summary>
    public UnknownFields ListUnknownFields { get; init; }

    public bool Equals(ListValue? other) =>
        other is not null && UnknownFields == other.UnknownFields && ListUnknownFields == other.ListUnknownFields
        && Items.AsSpan().SequenceEqual(other.Items.AsSpan());

    public override int GetHashCode() => Items.Length;
}
