using System.Collections.Immutable;
using System.Globalization;
using System.Text;
using TransformFramework.Graphs;

namespace TransformFramework.Toolkit.Ops;

/// <summary>
/// Parses lines in the grammar of the op table:
/// <c>[@RELEASE ]NAME(arg: type, …) -> (arg: type, …) {attr: kind [{allowed}] [>= minimum] [= default] [@new] [@gone] [@was(x)]; …} flags</c>.
/// </summary>
internal ref struct OpLineParser
{
    private static readonly string[] Flags = ["stateful", "commutative", "aggregate", "uninitialized"];

    private readonly ReadOnlySpan<char> text;
    private readonly OpRelease release;
    private readonly Dictionary<string, AttributeValue> added = new(StringComparer.Ordinal);
    private string[] flags = [];
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

    /// <summary>The op that a plugin declares: a line without releases.</summary>
    /// <exception cref="FormatException">The text is no line of the grammar; the message says what was expected at which column.</exception>
    public static OpDefinition ParseDeclaration(string line)
    {
        var parser = new OpLineParser(line, OpRelease.Union);
        try
        {
            OpDefinition definition = parser.Definition();
            return parser.flags.IndexOfAnyExcept(Flags) is >= 0 and var unknown ? throw parser.Broken($"one of {string.Join(", ", Flags)}, found '{parser.flags[unknown]}'") : definition;
        }
        catch (OverflowException error)
        {
            throw new FormatException(error.Message, error);
        }
    }

    /// <summary>Parses one attribute: <c>name: kind [{allowed}] [>= minimum] [= default]</c>.</summary>
    public static AttributeDefinition ParseAttribute(string text) => new OpLineParser(text, OpRelease.Union).Attribute()!;

    /// <summary>Parses <c>(arg: type, …) -> (arg: type, …)</c>.</summary>
    public static (ImmutableArray<ArgumentDefinition> Inputs, ImmutableArray<ArgumentDefinition> Outputs) ParseArguments(string text)
    {
        var parser = new OpLineParser(text, OpRelease.Union);
        var inputs = parser.Arguments();
        parser.Expect(" -> ");
        return (inputs, parser.Arguments());
    }

    /// <summary>Parses <c>+{a, b} -{c}</c>, in which either part may be missing: values that are allowed from here on, and that are not.</summary>
    public static (ImmutableArray<AttributeValue> Added, ImmutableArray<AttributeValue> Removed) ParseAllowedChange(string text, string kind)
    {
        var parser = new OpLineParser(text, OpRelease.Union);
        string element = ElementKind(kind);
        ImmutableArray<AttributeValue> more = parser.Accept("+{") ? parser.Items(element, '}') : [];
        parser.Accept(" ");
        ImmutableArray<AttributeValue> fewer = parser.Accept("-{") ? parser.Items(element, '}') : [];
        return (more, fewer);
    }

    private OpDefinition? Line()
    {
        if (Accept("@1.15 ") && release == OpRelease.Tf212)
            return null;
        if (Accept("@2.12 ") && release == OpRelease.Tf115)
            return null;
        if (Accept("@"))
        {
            Until(" ");
            Expect(" ");
        }
        return Definition();
    }

    private OpDefinition Definition()
    {
        string name = Word();
        var inputs = Arguments();
        Expect(" -> ");
        var outputs = Arguments();
        var attributes = Accept(" {") ? Attributes() : [];
        flags = text[at..].ToString().Split(' ', StringSplitOptions.RemoveEmptyEntries);
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
        AttributeValue? allowed = Accept(" {") ? new ListValue(Items(ElementKind(kind), '}')) : null;
        long? minimum = Accept(" >= ") ? long.Parse(Until(" ;}"), CultureInfo.InvariantCulture) : null;
        AttributeValue? value = Accept(" = ") ? Value(kind) : null;
        bool isAdded = Accept(" @new");
        Accept(" @gone");
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
        if (kind == "string" && close == '}')
            return Choices();
        var items = ImmutableArray.CreateBuilder<AttributeValue>();
        while (!Accept(close.ToString()))
        {
            Accept(", ");
            items.Add(Single(kind));
        }
        return items.ToImmutable();
    }

    /// <summary>The allowed values of a string attribute, which are written without quotes and may be empty.</summary>
    private ImmutableArray<AttributeValue> Choices()
    {
        string[] choices = Until("}").ToString().Split(", ");
        Expect("}");
        return [.. choices.Select(choice => (AttributeValue)choice.Trim('"'))];
    }

    private AttributeValue Single(string kind)
    {
        switch (kind)
        {
            case "string":
                return Current == '"' ? Quoted() : Until(" ,;)]}").ToString();
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
                Expect("tensor");
                return DefaultTensor();
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

    /// <summary><c>(type, shape(…), [values])</c>, all of it left out where the op is TensorFlow's test op DefaultAttrs: there it is the int32 scalar 1.</summary>
    private Tensor DefaultTensor()
    {
        if (!Accept("("))
            return Tensor.FromValues(DataType.Int32, TensorShape.Scalar, BitConverter.GetBytes(1));
        DataType type = Single("type") is TypeValue element ? element.Value : DataType.Invalid;
        Expect(", ");
        TensorShape shape = Shape();
        Expect(", [");
        ImmutableArray<AttributeValue> items = Items("int", ']');
        Expect(")");
        IEnumerable<long> values = items.Select(item => ((IntValue)item).Value);
        return type switch
        {
            DataType.UInt8 => Tensor.FromValues(type, shape, (byte[])[.. values.Select(value => (byte)value)]),
            DataType.Int32 => Tensor.FromValues(type, shape, (byte[])[.. values.SelectMany(value => BitConverter.GetBytes((int)value))]),
            _ => throw Broken("a tensor of uint8 or int32"),
        };
    }

    private static string ElementKind(string kind) => kind.StartsWith("list(", StringComparison.Ordinal) ? kind[5..^1] : kind;

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
        while (Current != '"')
        {
            char next = Next();
            if (next == '\\')
                next = Next() switch { 'n' => '\n', var escaped => escaped };
            value.Append(next);
        }
        at++;
        return value.ToString();
    }

    private readonly char Current => at < text.Length ? text[at] : '\0';

    private char Next() => at < text.Length ? text[at++] : throw Broken("a closing quote");

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

    private readonly FormatException Broken(string expected) => new($"expected {expected} at column {at + 1} of: {text}");
}
