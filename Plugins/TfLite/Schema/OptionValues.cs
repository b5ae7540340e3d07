using System.Collections.Immutable;

namespace TransformFramework.TfLite.Schema;

/// <summary>Values of an operator's options. Absent fields have their defaults.</summary>
internal sealed class OptionValues(OperatorSchema schema, ImmutableDictionary<string, object> values)
{
    /// <summary>The fields that are present, by name: bool, int (also for bytes), long, float, string, or an array of those.</summary>
    public ImmutableDictionary<string, object> Present => values;

    /// <summary>Options with every field at its default.</summary>
    public static OptionValues Defaults(OperatorSchema schema) => new(schema, ImmutableDictionary<string, object>.Empty);

    /// <summary>Options of the given fields.</summary>
    public static OptionValues Of(OperatorSchema schema, params ReadOnlySpan<(string Name, object Value)> fields)
    {
        var values = ImmutableDictionary.CreateBuilder<string, object>(StringComparer.Ordinal);
        foreach (var (name, value) in fields)
        {
            schema.FieldOf(name);
            values[name] = value;
        }
        return new(schema, values.ToImmutable());
    }

    /// <summary>These options with one replaced.</summary>
    public OptionValues With(string name, object value)
    {
        schema.FieldOf(name);
        return new(schema, values.SetItem(name, value));
    }

    public int Int(string name) => values.TryGetValue(name, out object? value) ? (int)value : (int)Default(name);

    public long Long(string name) => values.TryGetValue(name, out object? value) ? (long)value : (long)Default(name);

    public bool Flag(string name) => values.TryGetValue(name, out object? value) ? (bool)value : Default(name) != 0;

    public float Real(string name) => values.TryGetValue(name, out object? value) ? (float)value : (float)Default(name);

    public string Text(string name) => values.TryGetValue(name, out object? value) ? (string)value : "";

    public int[] Ints(string name) => values.TryGetValue(name, out object? value) ? (int[])value : [];

    public float[] Floats(string name) => values.TryGetValue(name, out object? value) ? (float[])value : [];

    private double Default(string name) => schema.Fields[schema.FieldOf(name)].Default;
}
