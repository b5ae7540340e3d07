using System.Collections.Immutable;

namespace TransformFramework.Dsl.Binding;

/// <summary>Describes the arguments that an options record declares.</summary>
public static class OptionsSchema
{
    /// <summary>The arguments in declaration order.</summary>
    public static ImmutableArray<OptionDescription> Of(Type optionsType)
    {
        ArgumentNullException.ThrowIfNull(optionsType);
        return [];
    }
}
