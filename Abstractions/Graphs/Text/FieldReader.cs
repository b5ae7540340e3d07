using System.Collections.Immutable;

namespace TransformFramework.Graphs.Text;

/// <summary>Reads a map in braces of which the names and kinds are fixed.</summary>
internal sealed class FieldReader
{
    private readonly TextCursor cursor;
    private readonly int mark;
    private readonly UnknownFields inner;
    private AttributeMap rest;

    public FieldReader(TextCursor cursor, ValueParser values)
    {
        this.cursor = cursor;
        mark = cursor.Mark();
        rest = values.OptionalMap(out inner);
    }

    public string String(string name) => Take(name) switch
    {
        null => "",
        BytesValue bytes => bytes.Text,
        _ => throw cursor.Expected($"a string for '{name}'", mark),
    };

    public bool Flag(string name) => Take(name) switch
    {
        null => false,
        BoolValue flag => flag.Value,
        _ => throw cursor.Expected($"true or false for '{name}'", mark),
    };

    public DataType Type(string name) => Take(name) switch
    {
        null => DataType.Invalid,
        TypeValue type => type.Value,
        _ => throw cursor.Expected($"a type for '{name}'", mark),
    };

    public long? Integer(string name) => Take(name) switch
    {
        null => null,
        IntValue number => number.Value,
        _ => throw cursor.Expected($"an integer for '{name}'", mark),
    };

    public int Int32(string name) => Narrow(name, Integer(name) ?? 0);

    public ImmutableArray<int> Int32s(string name) => Items(name, item => item is IntValue number ? Narrow(name, number.Value) : throw NotA("list of integers", name));

    public ImmutableArray<string> Strings(string name) => Items(name, item => item is BytesValue bytes ? bytes.Text : throw NotA("list of strings", name));

    /// <summary>The value of a field, or null.</summary>
    public AttributeValue? Take(string name)
    {
        rest.TryGetValue(name, out AttributeValue? value);
        rest = rest.Without(name);
        return value;
    }

    /// <summary>Demands that nothing else was given; the unknown fields behind the braces.</summary>
    public UnknownFields End()
    {
        if (rest.Count > 0)
            throw cursor.Expected($"no field '{rest.Keys.First()}'", mark);
        if (!inner.IsEmpty)
            throw cursor.Expected("unknown fields behind the braces", mark);
        return cursor.UnknownFields();
    }

    private ImmutableArray<T> Items<T>(string name, Func<AttributeValue, T> convert) => Take(name) switch
    {
        null => [],
        ListValue list => [.. list.Items.Select(convert)],
        _ => throw NotA("list", name),
    };

    private int Narrow(string name, long value) => value is >= int.MinValue and <= int.MaxValue ? (int)value : throw NotA("32-bit number", name);

    private GraphTextException NotA(string what, string name) => cursor.Expected($"a {what} for '{name}'", mark);
}
