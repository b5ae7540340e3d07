using System.Collections.Immutable;
using System.Globalization;
using System.Text;
using TransformFramework.Graphs;

namespace TransformFramework.Toolkit.Ops;

/// <summary>
/// Parses one line of the op table:
/// <c>[@1.15 |@2.12 ]NAME(arg: type, …) -> (arg: type, …) {attr: kind [{allowed}] [>= minimum] [= default] [@new] [@was(x)]; …} flags</c>.
/// </summary>
internal ref struct OpLineParser
{
    private readonly ReadOnlySpan<char> text;
    private readonly OpRelease release;
    private readonly Dictionary<string, AttributeValue> added = new(StringComparer.Ordinal);
    private int at;

    private OpLineParser(string line, OpRelease release)
    {
        text = line;
        this.release = release;
    }

    /// <summary>The definition as of a release, or null when the op is not in it.</summary>
    public static OpDefinition? Parse(string line, OpRelease release)
    {
        var parser = new OpLineParser(line, release);
        return parser.Line();
    }

    private OpDefinition? Line()
    {
        if (Accept("@1.15 ") && release == OpRelease.Tf212)
            return null;
        if (Accept("@2.12 ") && release == OpRelease.Tf115)
            return null;
        string name = Word();
        var inputs = Arguments();
        Expect(" -> ");
        var outputs = Arguments();
        var attributes = Accept(" {") ? Attributes() : [];
        string[] flags = text[at..].ToString().Split(' ', StringSplitOptions.RemoveEmptyEntries);
        return new(name, WithoutAdded(inputs), WithoutAdded(outputs), attributes)
        {
            IsStateful = flags.Contains("stateful"),
            IsCommutative = flags.Contains("commutative"),
            IsAggregate = flags.Contains("aggregate"),
            AllowsUninitializedInput = flags.Contains("uninitialized"),
        };
    }

    /// <summary>The arguments as they were before attributes were added for them: of the type and the number that are the attributes' defaults.</summary>
    private readonly ImmutableArray<ArgumentDefinition> WithoutAdded(ImmutableArray<ArgumentDefinition> arguments)
    {
        var before = ImmutableArray.CreateBuilder<ArgumentDefinition>(arguments.Length);
        foreach (ArgumentDefinition argument in arguments)
        {
            ArgumentDefinition kept = argument;
            if (added.GetValueOrDefault(argument.TypeAttribute) is TypeValue type)
                kept = kept with { Type = type.Value, TypeAttribute = "" };
            if (added.GetValueOrDefault(argument.NumberAttribute) is IntValue { Value: 1 })
                kept = kept with { NumberAttribute = "" };
            before.Add(kept);
        }
        return before.ToImmutable();
    }

    private ImmutableArray<ArgumentDefinition> Arguments()
    {
        Expect("(");
        var arguments = ImmutableArray.CreateBuilder<ArgumentDefinition>();
        while (!Accept(")"))
        {
            Accept(", ");
            string name = Word();
            Expect(": ");
            arguments.Add(Argument(name));
        }
        return arguments.ToImmutable();
    }

    private ArgumentDefinition Argument(string name)
    {
        if (Accept("ref("))
        {
            var inner = Argument(name);
            Expect(")");
            return inner with { IsReference = true };
        }
        if (Accept("list("))
        {
            string list = Word();
            Expect(")");
            return new(name, TypeListAttribute: list);
        }
        string word = Word();
        if (!Accept("*"))
            return TypeOrAttribute(new(name), word);
        return TypeOrAttribute(new(name, NumberAttribute: word), Word());
    }

    private static ArgumentDefinition TypeOrAttribute(ArgumentDefinition argument, string word) =>
        DataTypes.TryParse(word, out DataType type) ? argument with { Type = type } : argument with { TypeAttribute = word };

    private ImmutableArray<AttributeDefinition> Attributes()
    {
        var attributes = ImmutableArray.CreateBuilder<AttributeDefinition>();
        while (!Accept("}"))
        {
            Accept("; ");
            if (Attribute() is { } attribute)
                attributes.Add(attribute);
        }
        return attributes.ToImmutable();
    }

    private AttributeDefinition? Attribute()
    {
        string name = Word();
        Expect(": ");
        string kind = Word();
        if (Accept("("))
        {
            kind += $"({Word()})";
            Expect(")");
        }
        string element = kind.StartsWith("list(", StringComparison.Ordinal) ? kind[5..^1] : kind;
        AttributeValue? allowed = Accept(" {") ? new ListValue(Items(element, '}')) : null;
        long? minimum = Accept(" >= ") ? long.Parse(Until(" ;}"), CultureInfo.InvariantCulture) : null;
        AttributeValue? value = Accept(" = ") ? Value(kind) : null;
        bool isAdded = Accept(" @new");
        if (Accept(" @was("))
        {
            bool wasRequired = Accept("required");
            AttributeValue? old = wasRequired ? null : Value(kind);
            Expect(")");
            if (release == OpRelease.Tf115)
                value = old;
        }
        if (!isAdded || release != OpRelease.Tf115)
            return new(name, kind, value) { Minimum = minimum, Allowed = allowed };
        if (value is not null)
            added[name] = value;
        return null;
    }

    private AttributeValue Value(string kind)
    {
        if (!kind.StartsWith("list(", StringComparison.Ordinal))
            return Single(kind);
        Expect("[");
        return new ListValue(Items(kind[5..^1], ']'));
    }

    private ImmutableArray<AttributeValue> Items(string kind, char close)
    {
        var items = ImmutableArray.CreateBuilder<AttributeValue>();
        while (!Accept(close.ToString()))
        {
            Accept(", ");
            items.Add(Single(kind));
        }
        return items.ToImmutable();
    }

    private AttributeValue Single(string kind)
    {
        switch (kind)
        {
            case "string":
                return text[at] == '"' ? Quoted() : Until(" ,;)]}").ToString();
            case "bool":
                return bool.Parse(Until(" ,;)]}"));
            case "int":
                return long.Parse(Until(" ,;)]}"), CultureInfo.InvariantCulture);
            case "float":
                return Until(" ,;)]}") switch
                {
                    "inf" => float.PositiveInfinity,
                    "-inf" => float.NegativeInfinity,
                    var digits => float.Parse(digits, CultureInfo.InvariantCulture),
                };
            case "shape":
                return Shape();
            case "tensor":
                Expect("tensor"); // The table leaves out the value; the only op with one is TensorFlow's test op DefaultAttrs, whose value is this.
                return Tensor.FromValues(DataType.Int32, TensorShape.Scalar, BitConverter.GetBytes(1));
            case "func":
                Expect("func(");
                string name = Quoted();
                Expect(")");
                return new FunctionValue(name, AttributeMap.Empty);
            case "type":
                string word = Word();
                return DataTypes.TryParse(word, out DataType type) ? type : throw Broken($"a type, found '{word}'");
            default:
                throw Broken($"a value of kind '{kind}'");
        }
    }

    private TensorShape Shape()
    {
        Expect("shape(");
        var dimensions = ImmutableArray.CreateBuilder<long>();
        bool unknown = Accept("?)");
        while (!unknown && !Accept(")"))
        {
            Accept(",");
            dimensions.Add(long.Parse(Until(",)"), CultureInfo.InvariantCulture));
        }
        return unknown ? TensorShape.Unknown : TensorShape.Of(dimensions.ToImmutable());
    }

    private string Quoted()
    {
        Expect("\"");
        var value = new StringBuilder();
        while (text[at] != '"')
        {
            char next = text[at++];
            if (next == '\\')
                next = text[at++] switch { 'n' => '\n', var escaped => escaped };
            value.Append(next);
        }
        at++;
        return value.ToString();
    }

    private string Word()
    {
        int start = at;
        while (at < text.Length && (char.IsAsciiLetterOrDigit(text[at]) || text[at] is '_' or '>' or '.'))
            at++;
        return at > start ? text[start..at].ToString() : throw Broken("a word");
    }

    private ReadOnlySpan<char> Until(string stops)
    {
        int start = at;
        while (at < text.Length && !stops.Contains(text[at], StringComparison.Ordinal))
            at++;
        return text[start..at];
    }

    private bool Accept(string expected)
    {
        if (!text[at..].StartsWith(expected, StringComparison.Ordinal))
            return false;
        at += expected.Length;
        return true;
    }

    private void Expect(string expected)
    {
        if (!Accept(expected))
            throw Broken($"'{expected}'");
    }

    private readonly InvalidOperationException Broken(string expected) =>
        new($"the op table is broken: expected {expected} at column {at + 1} of: {text}");
}
