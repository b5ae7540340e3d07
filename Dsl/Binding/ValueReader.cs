using TransformFramework.Graphs;

namespace TransformFramework.Dsl.Binding;

/// <summary>Reads the text of an argument as one type.</summary>
/// <param name="TypeText">The type as help shows it.</param>
/// <param name="Read">Gives the value and null, or null and what is wrong; takes the argument's name and text.</param>
/// <param name="Show">A value as a script would spell it.</param>
/// <param name="Hint">What a value looks like, for the suggestion after an error.</param>
internal sealed record ValueReader(string TypeText, Func<string, string, (object? Value, string? Problem)> Read, Func<object, string> Show, string Hint)
{
    /// <summary>The reader of a type, or null when arguments cannot have it.</summary>
    public static ValueReader? For(Type type)
    {
        if (Nullable.GetUnderlyingType(type) is { } underlying)
            return For(underlying);
        if (type == typeof(DataType))
            return ValueReaders.DataType;
        if (type.IsEnum)
            return EnumReader.For(type);
        return ValueReaders.ByType.GetValueOrDefault(type);
    }
}
