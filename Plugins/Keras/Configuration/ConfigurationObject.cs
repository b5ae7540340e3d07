using System.Collections.Immutable;
using System.Globalization;
using System.Text.Json;

namespace TransformFramework.Keras.Configuration;

/// <summary>An object of a model's configuration with the checks that its values need; errors name its owner and the key.</summary>
/// <param name="Element">The JSON object.</param>
/// <param name="Owner">Whom it configures, for messages, such as <c>layer 'conv2d' (Conv2D)</c>.</param>
internal sealed record ConfigurationObject(JsonElement Element, string Owner)
{
    /// <summary>Largest size, count or distance that a configuration may ask for.</summary>
    private const long Most = 1 << 28;

    /// <summary>Wraps an element that must be an object.</summary>
    /// <exception cref="KerasException">It is not.</exception>
    public static ConfigurationObject Of(JsonElement element, string owner) =>
        element.ValueKind == JsonValueKind.Object ? new(element, owner) : throw KerasException.Configuration($"{owner}: its configuration is not an object");

    /// <summary>True when the key is there and not null.</summary>
    public bool Has(string key) => Element.TryGetProperty(key, out JsonElement value) && value.ValueKind != JsonValueKind.Null;

    /// <summary>The value, or null where it is absent or null.</summary>
    public JsonElement? Find(string key) => Element.TryGetProperty(key, out JsonElement value) && value.ValueKind != JsonValueKind.Null ? value : null;

    /// <summary>A value that must be there.</summary>
    public JsonElement Get(string key) => Find(key) ?? throw Missing(key);

    /// <summary>A list that must be there.</summary>
    public IReadOnlyList<JsonElement> List(string key) =>
        Get(key) is { ValueKind: JsonValueKind.Array } list ? [.. list.EnumerateArray()] : throw Wrong(key, "a list");

    /// <summary>An object that must be there.</summary>
    public ConfigurationObject Object(string key) => Get(key) is { ValueKind: JsonValueKind.Object } value ? new(value, Owner) : throw Wrong(key, "an object");

    public string Text(string key) => TextOf(Get(key)) ?? throw Wrong(key, "a text");

    public string Text(string key, string fallback) => Find(key) is { } value ? TextOf(value) ?? throw Wrong(key, "a text") : fallback;

    public bool Flag(string key, bool fallback) => Find(key) switch
    {
        null => fallback,
        { ValueKind: JsonValueKind.True } => true,
        { ValueKind: JsonValueKind.False } => false,
        { ValueKind: JsonValueKind.Number } number => number.GetDouble() != 0,
        _ => throw Wrong(key, "true or false"),
    };

    /// <summary>An integer.</summary>
    public long Integer(string key) => IntegerOf(Get(key), key);

    public long Integer(string key, long fallback) => Find(key) is { } value ? IntegerOf(value, key) : fallback;

    /// <summary>A size or count, which is at least one.</summary>
    public long Count(string key) => Positive(Integer(key), key);

    public long Count(string key, long fallback) => Positive(Integer(key, fallback), key);

    public double Number(string key) => NumberOf(Get(key)) ?? throw Wrong(key, "a number");

    public double Number(string key, double fallback) => Find(key) is { } value ? NumberOf(value) ?? throw Wrong(key, "a number") : fallback;

    /// <summary>A number, or null where the configuration has none.</summary>
    public double? Optional(string key) => Find(key) is { } value ? NumberOf(value) ?? throw Wrong(key, "a number") : null;

    /// <summary>Integers: a list, or one number.</summary>
    public ImmutableArray<long> Integers(string key)
    {
        JsonElement value = Get(key);
        return value.ValueKind == JsonValueKind.Array ? [.. value.EnumerateArray().Select(item => IntegerOf(item, key))] : [IntegerOf(value, key)];
    }

    /// <summary>Sizes, one an axis: a list of that length, or one number for all.</summary>
    public ImmutableArray<long> Counts(string key, int length, long? fallback = null)
    {
        if (!Has(key) && fallback is { } same)
            return [.. Enumerable.Repeat(same, length)];
        ImmutableArray<long> values = Integers(key);
        if (values.Length == 1 && length > 1)
            values = [.. Enumerable.Repeat(values[0], length)];
        if (values.Length != length)
            throw Wrong(key, $"{length} numbers");
        foreach (long value in values)
            Positive(value, key);
        return values;
    }

    /// <summary>Numbers: nested lists flattened, or one number.</summary>
    public ImmutableArray<double> Numbers(string key) => Numbers(Get(key), key);

    /// <summary>A shape, null for unknown dimensions.</summary>
    public ImmutableArray<long> Shape(string key) => ShapeOf(Get(key)) ?? throw Wrong(key, "a shape");

    /// <summary>A word of several.</summary>
    public string Word(string key, string fallback, params ReadOnlySpan<string> allowed)
    {
        string value = Text(key, fallback);
        foreach (string word in allowed)
        {
            if (word == value)
                return value;
        }
        throw KerasException.Configuration($"{Owner}: {key} '{value}' is not one of {string.Join(", ", allowed)}");
    }

    /// <summary>Refuses a value.</summary>
    public KerasException Wrong(string key, string wanted) => KerasException.Configuration($"{Owner}: {key} {Short(Get(key))} is not {wanted}");

    /// <summary>A shape from a list of numbers and nulls, or null when it is none.</summary>
    public static ImmutableArray<long>? ShapeOf(JsonElement value)
    {
        if (value.ValueKind == JsonValueKind.Object && value.TryGetProperty("items", out JsonElement items))
            value = items;
        if (value.ValueKind != JsonValueKind.Array)
            return null;
        var dimensions = ImmutableArray.CreateBuilder<long>();
        foreach (JsonElement item in value.EnumerateArray())
        {
            if (item.ValueKind == JsonValueKind.Null)
                dimensions.Add(-1);
            else if (item.ValueKind == JsonValueKind.Number && item.TryGetInt64(out long size) && size is >= 0 and <= Most)
                dimensions.Add(size);
            else
                return null;
        }
        return dimensions.ToImmutable();
    }

    /// <summary>A number, also one that JSON has no word for, or null when it is none.</summary>
    public static double? NumberOf(JsonElement value) => value.ValueKind switch
    {
        JsonValueKind.Number => value.GetDouble(),
        JsonValueKind.True => 1,
        JsonValueKind.False => 0,
        JsonValueKind.String => value.GetString() switch
        {
            "NaN" => double.NaN,
            "Infinity" => double.PositiveInfinity,
            "-Infinity" => double.NegativeInfinity,
            _ => null,
        },
        JsonValueKind.Object when value.TryGetProperty("class_name", out JsonElement name) && name.ValueKind == JsonValueKind.String && name.GetString() == "__numpy__"
            && value.TryGetProperty("config", out JsonElement config) && config.ValueKind == JsonValueKind.Object && config.TryGetProperty("value", out JsonElement inner) => NumberOf(inner),
        _ => null,
    };

    private ImmutableArray<double> Numbers(JsonElement value, string key) => value switch
    {
        { ValueKind: JsonValueKind.Array } => [.. value.EnumerateArray().SelectMany(item => Numbers(item, key))],
        { ValueKind: JsonValueKind.Object } when value.TryGetProperty("config", out JsonElement config) && config.ValueKind == JsonValueKind.Object && config.TryGetProperty("value", out JsonElement inner) => Numbers(inner, key),
        _ => [NumberOf(value) ?? throw Wrong(key, "numbers")],
    };

    private static string? TextOf(JsonElement value) => value.ValueKind == JsonValueKind.String ? value.GetString() : null;

    private long IntegerOf(JsonElement value, string key)
    {
        if (NumberOf(value) is not { } number || number != Math.Floor(number) || Math.Abs(number) > Most)
            throw Wrong(key, $"an integer below {Most.ToString(CultureInfo.InvariantCulture)}");
        return (long)number;
    }

    private long Positive(long value, string key) => value > 0 ? value : throw KerasException.Configuration($"{Owner}: {key} is {value}; it must be positive");

    private KerasException Missing(string key) => KerasException.Configuration($"{Owner}: {key} is missing");

    private static string Short(JsonElement value)
    {
        string text = value.GetRawText();
        return text.Length <= 60 ? text : text[..60] + "…";
    }
}
