using System.Collections.Frozen;
using System.Collections.Immutable;
using System.Globalization;

namespace TransformFramework.TfLite.Schema;

/// <summary>Kinds of option fields.</summary>
internal enum FieldKind
{
    Bool,
    Byte,
    Int,
    Long,
    Float,
    Text,
    Ints,
    Longs,
    Floats,
    Bytes,
    Unused,
}

/// <summary>A field of an operator's options.</summary>
/// <param name="Name">Name for look-ups.</param>
/// <param name="Kind">What it holds.</param>
/// <param name="Default">Value of an absent field, for numbers and truth values.</param>
internal sealed record OptionField(string Name, FieldKind Kind, double Default);

/// <summary>A builtin operator: its number, its name, and the table of its options.</summary>
/// <param name="Number">Number in files.</param>
/// <param name="Name">Name such as <c>CONV_2D</c>.</param>
/// <param name="OptionsType">Number of the options table in its union; 0 for none.</param>
/// <param name="UsesSecondUnion">True when the options are in the second union.</param>
/// <param name="Fields">Fields of the options by field number.</param>
internal sealed record OperatorSchema(int Number, string Name, int OptionsType, bool UsesSecondUnion, ImmutableArray<OptionField> Fields)
{
    /// <summary>Number of CUSTOM.</summary>
    public const int Custom = 32;

    private static readonly FrozenDictionary<int, OperatorSchema> ByNumber = Load().ToFrozenDictionary(schema => schema.Number);
    private static readonly FrozenDictionary<string, OperatorSchema> ByName = ByNumber.Values.ToFrozenDictionary(schema => schema.Name, StringComparer.Ordinal);

    /// <summary>All operators.</summary>
    public static IEnumerable<OperatorSchema> All => ByNumber.Values.OrderBy(schema => schema.Number);

    /// <summary>The operator of a number, or null.</summary>
    public static OperatorSchema? Find(int number) => ByNumber.GetValueOrDefault(number);

    /// <summary>The operator of a name.</summary>
    public static OperatorSchema Of(string name) => ByName[name];

    /// <summary>Number of a field.</summary>
    public int FieldOf(string name)
    {
        for (int i = 0; i < Fields.Length; i++)
        {
            if (Fields[i].Name == name)
                return i;
        }
        throw new ArgumentException($"{Name} has no option '{name}'", nameof(name));
    }

    private static IEnumerable<OperatorSchema> Load()
    {
        using Stream stream = typeof(OperatorSchema).Assembly.GetManifestResourceStream("operators.txt")
            ?? throw new InvalidOperationException("the operator table is missing from the assembly");
        using var reader = new StreamReader(stream);
        while (reader.ReadLine() is { } line)
            yield return Parse(line.Split(' ', StringSplitOptions.RemoveEmptyEntries));
    }

    private static OperatorSchema Parse(string[] parts)
    {
        bool isSecond = parts[2].StartsWith("2.", StringComparison.Ordinal);
        int options = ParseNumber(isSecond ? parts[2][2..] : parts[2]);
        return new(ParseNumber(parts[0]), parts[1], options, isSecond, [.. parts.Skip(3).Select(ParseField)]);
    }

    private static OptionField ParseField(string text)
    {
        int colon = text.IndexOf(':', StringComparison.Ordinal);
        FieldKind kind = text[colon + 1] switch
        {
            'b' => FieldKind.Bool,
            'y' => FieldKind.Byte,
            'i' => FieldKind.Int,
            'l' => FieldKind.Long,
            'f' => FieldKind.Float,
            's' => FieldKind.Text,
            'I' => FieldKind.Ints,
            'L' => FieldKind.Longs,
            'F' => FieldKind.Floats,
            'u' => FieldKind.Bytes,
            _ => FieldKind.Unused,
        };
        int equals = text.IndexOf('=', StringComparison.Ordinal);
        return new(text[..colon], kind, equals < 0 ? 0 : ParseNumber(text[(equals + 1)..]));
    }

    private static int ParseNumber(string text) => int.Parse(text, CultureInfo.InvariantCulture);
}
