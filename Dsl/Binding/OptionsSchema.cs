using System.Collections.Immutable;
using TransformFramework.Dsl.Syntax;

namespace TransformFramework.Dsl.Binding;

/// <summary>Describes the arguments that an options record declares.</summary>
public static class OptionsSchema
{
    /// <summary>The arguments in declaration order.</summary>
    /// <exception cref="InvalidOperationException">The record is not fit for arguments; the message says why.</exception>
    public static ImmutableArray<OptionDescription> Of(Type optionsType)
    {
        ArgumentNullException.ThrowIfNull(optionsType);
        var properties = OptionProperty.Of(optionsType);
        if (properties.IsEmpty)
            return [];
        object defaults = OptionProperty.CreateDefaults(optionsType);
        return [.. properties.Select(property => Describe(property, defaults))];
    }

    private static OptionDescription Describe(OptionProperty property, object defaults) => new(
        property.Name,
        property.Reader.TypeText,
        property.IsRequired ? null : property.Attribute.DefaultText ?? Default(property, defaults),
        property.IsRequired,
        property.IsRepeatable,
        property.Attribute.Description);

    private static string? Default(OptionProperty property, object defaults)
    {
        string[] values = [.. property.Get(defaults).Select(value => Spell(property.Reader.Show(value)))];
        return values.Length == 0 ? null : string.Join(", ", values);
    }

    private static string Spell(string value) => Characters.IsQuotable(value) ? ScriptFormatter.FormatValue(value) : value;
}
