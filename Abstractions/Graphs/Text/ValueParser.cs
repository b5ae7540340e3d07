using System.Buffers.Binary;
using System.Collections.Immutable;
using System.Globalization;

namespace TransformFramework.Graphs.Text;

/// <summary>Reads attribute values and maps of them.</summary>
internal sealed class ValueParser(TextCursor cursor)
{
    private const int Deepest = 64;
    private const string AnyValue = "a value";

    private readonly ShapeParser shapes = new(cursor);
    private int depth;

    /// <summary>Attributes in braces, if they come next.</summary>
    public AttributeMap OptionalMap(out UnknownFields inner)
    {
        inner = default;
        if (!cursor.TryTake('{'))
            return AttributeMap.Empty;
        if (cursor.TryTake('}'))
            return AttributeMap.Empty;
        var entries = new List<KeyValuePair<string, AttributeValue>>();
        var names = new HashSet<string>(StringComparer.Ordinal);
        if (!cursor.Sees(';'))
        {
            do
                entries.Add(Entry(names));
            while (cursor.TryTake(','));
        }
        if (cursor.TryTake(';'))
            inner = cursor.UnknownFields();
        cursor.Take('}');
        return AttributeMap.Create(entries);
    }

    public AttributeValue Read()
    {
        if (++depth > Deepest)
            throw cursor.Expected($"at most {Deepest} nested values");
        AttributeValue value = Bare();
        depth--;
        return cursor.Sees('!') ? value with { UnknownFields = cursor.UnknownFields() } : value;
    }

    private KeyValuePair<string, AttributeValue> Entry(HashSet<string> names)
    {
        int mark = cursor.Mark();
        string name = cursor.Name("the name of an attribute");
        if (!names.Add(name))
            throw cursor.Expected($"one value for '{name}'", mark);
        cursor.Take('=');
        return KeyValuePair.Create(name, Read());
    }

    private AttributeValue Bare()
    {
        if (cursor.Sees('"'))
            return new BytesValue(cursor.QuotedBytes());
        if (cursor.TryTake('['))
            return List();
        if (cursor.TryTake('('))
            return new ShapeValue(shapes.Read(')'));
        if (cursor.TryTake('$'))
            return new PlaceholderValue(cursor.Name("the name of an attribute"));
        if (cursor.TryTake('@'))
            return Function();
        return Word();
    }

    private AttributeValue Word()
    {
        ReadOnlySpan<char> word = cursor.Peek();
        switch (word)
        {
            case "unset":
                cursor.Word(AnyValue);
                return new UnsetValue();
            case "true" or "false":
                return new BoolValue(cursor.Word(AnyValue) is "true");
            case "nan" or "inf" or "-inf":
                return Float();
        }
        if (ElementReader.IsNumber(word))
            return word.ContainsAny('.', 'e', 'E') ? Float() : Integer();
        if (!TypeText.TryRead(cursor, out DataType type))
            throw cursor.Expected(AnyValue);
        var tensors = new TensorParser(cursor, shapes);
        return tensors.Follows() ? new TensorValue(tensors.Read(type)) : new TypeValue(type);
    }

    private IntValue Integer() => new(cursor.Integer("an integer of 64 bits"));

    private FloatValue Float()
    {
        Span<byte> bytes = stackalloc byte[sizeof(float)];
        new ElementReader(cursor, DataType.Float).ReadFloat(DataType.Float, bytes);
        return new(BinaryPrimitives.ReadSingleLittleEndian(bytes));
    }

    private FunctionValue Function()
    {
        string name = cursor.Name("the name of a function");
        AttributeMap attributes = OptionalMap(out UnknownFields inner);
        return new(name, attributes) { FunctionUnknownFields = inner };
    }

    private ListValue List()
    {
        var items = ImmutableArray.CreateBuilder<AttributeValue>();
        if (!cursor.Sees(']') && !cursor.Sees(';'))
        {
            do
                items.Add(Item());
            while (cursor.TryTake(','));
        }
        UnknownFields inner = cursor.TryTake(';') ? cursor.UnknownFields() : default;
        cursor.Take(']');
        return new(items.ToImmutable()) { ListUnknownFields = inner };
    }

    private AttributeValue Item()
    {
        int mark = cursor.Mark();
        AttributeValue item = Read();
        return item is ListValue or UnsetValue or PlaceholderValue ? throw cursor.Expected("an item that a list can hold", mark) : item;
    }
}
