using TransformFramework.Dsl.Binding;
using TransformFramework.Engine.PluginLoading;

namespace TransformFramework.Cli.CommandLineParsing;

/// <summary>Transforms as options and arguments name them: <c>name</c> or <c>plugin::name</c>.</summary>
internal static class TransformNames
{
    private const string Separator = "::";

    public static TransformDescription? FindQualified(this PluginCatalog catalog, string name)
    {
        int separator = name.IndexOf(Separator, StringComparison.Ordinal);
        return separator < 0 ? catalog.Find(null, name) : catalog.Find(name[..separator], name[(separator + Separator.Length)..]);
    }

    public static CommandException Unknown(this PluginCatalog catalog, string name)
    {
        string? nearest = Suggestions.Nearest(name, catalog.Names);
        return CommandException.Usage($"there is no transform '{name}'", nearest is null ? "'transform_graph list' shows every transform." : $"Did you mean '{nearest}'?");
    }
}
