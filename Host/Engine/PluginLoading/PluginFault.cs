using System.Reflection;
using TransformFramework.Diagnostics;
using TransformFramework.ModelFiles;

namespace TransformFramework.Engine.PluginLoading;

/// <summary>Says of an exception that came out of a plugin what it means for the user: a missing dependency, another version of the contract, or a defect.</summary>
internal static class PluginFault
{
    private const string Defect = "This is a defect of the plugin; report it to its author.";

    /// <summary>Whether a plugin is to blame for an exception: for want of memory, or for a model's file that changes while it is read, one of the program's own is not.</summary>
    public static bool Blames(PluginIdentity plugin, Exception error) => error is not (OutOfMemoryException or ModelFormatException) || !plugin.IsFirstParty;

    /// <summary>Wraps an exception.</summary>
    /// <param name="plugin">Whose code threw.</param>
    /// <param name="kind">The diagnostic for a defect.</param>
    /// <param name="doing">What threw, in front of "of plugin …".</param>
    /// <param name="error">The exception; of a reflective call, the cause counts.</param>
    /// <param name="place">Where it threw, behind the exception's name.</param>
    public static PluginException Of(PluginIdentity plugin, DiagnosticDescriptor kind, string doing, Exception error, string place = "")
    {
        Exception cause = error;
        while (cause is TargetInvocationException or TypeInitializationException && cause.InnerException is { } inner)
            cause = inner;
        return cause switch
        {
            PluginException fault => fault,
            FileNotFoundException { FileName: { } file } when IsAssemblyName(file) => Lacks(plugin, file, cause),
            FileLoadException { FileName: { } file } => Lacks(plugin, file, cause),
            TypeLoadException or MissingMemberException or BadImageFormatException when plugin.IsFirstParty => Mixed(cause),
            TypeLoadException or MissingMemberException or BadImageFormatException => new(EngineDiagnostics.MismatchedPlugin.Id, EngineDiagnostics.MismatchedPlugin.Format(plugin, cause.Message), cause)
            {
                Suggestion = "Build it against this program's TransformFramework.Abstractions, or get the program that it was built for.",
            },
            _ => new(kind.Id, $"{doing} of plugin {plugin} threw {cause.GetType().Name}{place}: {MessageOf(cause)}", cause) { Suggestion = Defect },
        };
    }

    /// <summary>What the runtime misses in the program's own files.</summary>
    public static PluginException Mixed(Exception cause) => new(EngineDiagnostics.MixedBuilds.Id, EngineDiagnostics.MixedBuilds.Format(cause.Message), cause) { Suggestion = EngineDiagnostics.MixedBuilds.Remedy };

    /// <summary>A result that the contract does not allow.</summary>
    /// <param name="plugin">Whose code gave it.</param>
    /// <param name="kind">The diagnostic.</param>
    /// <param name="doing">What gave it, in front of "of plugin …".</param>
    /// <param name="flaw">What it gave, after "gives".</param>
    public static PluginException Of(PluginIdentity plugin, DiagnosticDescriptor kind, string doing, string flaw) => new(kind.Id, $"{doing} of plugin {plugin} gives {flaw}") { Suggestion = Defect };

    /// <summary>The text of an exception, whose own code may throw too.</summary>
    private static string MessageOf(Exception error)
    {
        try
        {
            return error.Message;
        }
        catch (Exception)
        {
            return "its message cannot be read";
        }
    }

    /// <summary>A file that a plugin's code opens has no version; an assembly that the runtime looks for has.</summary>
    private static bool IsAssemblyName(string file) => file.Contains(", Version=", StringComparison.Ordinal);

    private static PluginException Lacks(PluginIdentity plugin, string file, Exception cause) => new(EngineDiagnostics.MissingDependency.Id, EngineDiagnostics.MissingDependency.Format(plugin, file), cause)
    {
        Suggestion = $"Put {file.Split(',')[0]}.dll into '{Path.GetDirectoryName(plugin.Path)}'.",
    };
}

/// <summary>Which plugin: name, assembly version, file.</summary>
public sealed record PluginIdentity(string Name, string Version, string Path)
{
    /// <summary>True for plugins that are beside the program.</summary>
    public bool IsFirstParty { get; init; }

    public override string ToString() => $"'{Name}' {Version}";
}
