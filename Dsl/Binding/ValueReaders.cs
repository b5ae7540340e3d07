using System.Globalization;
using TransformFramework.Dsl.Syntax;
using TransformFramework.Graphs;

namespace TransformFramework.Dsl.Binding;

/// <summary>The readers of the built-in types, with the original's rules and messages.</summary>
internal static class ValueReaders
{
    public static readonly ValueReader DataType = new(
        "type",
        (_, text) => DataTypes.TryParse(text, out var type) ? (type, null) : (null, $"Couldn't understand type argument '{text}'"),
        value => ((DataType)value).Name(),
        $"A type is one of {string.Join(", ", DataTypes.KnownNames)}.");

    public static readonly Dictionary<Type, ValueReader> ByType = new()
    {
        [typeof(string)] = new("string", (_, text) => (text, null), value => (string)value, ""),
        [typeof(bool)] = new("bool", ReadBool, value => (bool)value ? "true" : "false", "Write true or false in lower case."),
        [typeof(int)] = new("int", Number(text => Numbers.TryParseInteger(text, out int value) ? value : null, "number"), Show, "An integer is digits only, with '-' before a negative one, within 32 bits."),
        [typeof(long)] = new("int", Number(text => Numbers.TryParseInteger(text, out long value) ? value : null, "number"), Show, "An integer is digits only, with '-' before a negative one, within 64 bits."),
        [typeof(float)] = new("float", Number(text => Numbers.TryParseFloat(text, out float value) ? value : null, "float number"), Show, "A number looks like 0.5, -3 or 1e-5."),
        [typeof(double)] = new("float", Number(text => Numbers.TryParseFloat(text, out double value) ? value : null, "float number"), Show, "A number looks like 0.5, -3 or 1e-5."),
        [typeof(TensorShape)] = new("shape", ReadShape, value => string.Join(',', ((TensorShape)value).Dimensions), "A shape is a list of sizes in quotes, such as \"1,224,224,3\"."),
    };

    private static (object? Value, string? Problem) ReadBool(string name, string text) => text switch
    {
        "true" or "1" => (true, null),
        "false" or "0" => (false, null),
        _ => (null, $"Couldn't interpret the {name} argument as a boolean:{text} (expected true, false, 0 or 1)"),
    };

    private static Func<string, string, (object? Value, string? Problem)> Number(Func<string, object?> parse, string kind) => (name, text) =>
        parse(text) is { } value ? (value, null) : (null, $"Couldn't interpret the {name} argument as a {kind}:{text}");

    private static (object? Value, string? Problem) ReadShape(string name, string text)
    {
        if (text.Length == 0)
            return (null, "Specificed shape is empty.");

        string[] pieces = text.Split(',');
        long[] dimensions = new long[pieces.Length];
        for (int index = 0; index < pieces.Length; index++)
        {
            if (!Numbers.TryParseInteger(pieces[index], out dimensions[index]))
                return (null, $"Could parse as shape: '{text}'");
        }

        if (Array.Exists(dimensions, dimension => dimension < 0))
            return (null, $"The shape '{text}' has a negative size");
        return IsCountable(dimensions) ? (TensorShape.Of(dimensions), null) : (null, $"The shape '{text}' has more elements than 63 bits can count");
    }

    private static bool IsCountable(long[] dimensions)
    {
        Int128 count = 1;
        foreach (long dimension in dimensions)
        {
            count *= dimension;
            if (count > long.MaxValue)
                return false;
        }

        return true;
    }

    private static string Show(object value) => ((IFormattable)value).ToString(null, CultureInfo.InvariantCulture);
}
