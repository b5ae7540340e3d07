using TransformFramework.Diagnostics;

namespace TransformFramework.Engine.PluginLoading;

/// <summary>
/// Where plugins are looked for: paths given (a DLL, a source file, a plugin's folder, or a folder of plugin folders), paths in <c>transformframework.json</c> beside the program
/// or in the user's folder, the user's folder <c>~/.transformframework/plugins</c>, and <c>plugins</c> beside the program. Never the current directory by itself.
/// </summary>
internal static class PluginLocations
{
    /// <summary>Plugins that are not the program's own.</summary>
    /// <param name="explicitPaths">Paths that are looked at first.</param>
    /// <param name="configured">Paths of the configuration files.</param>
    /// <param name="userFolder">The user's folder; null for none.</param>
    /// <param name="diagnostics">Takes what is wrong with the paths.</param>
    /// <param name="cancellation">Ends the compilation of source files.</param>
    public static IEnumerable<string> FindOthers(IEnumerable<string> explicitPaths, IEnumerable<string> configured, string? userFolder, List<Diagnostic> diagnostics, CancellationToken cancellation)
    {
        foreach (string path in explicitPaths.Concat(configured))
        {
            foreach (string assembly in Expand(path, diagnostics, cancellation))
                yield return assembly;
        }
        if (OfUser(userFolder) is { } folder)
        {
            foreach (string assembly in PluginFolders(folder, diagnostics))
                yield return assembly;
        }
    }

    /// <summary>The plugins beside the program.</summary>
    /// <param name="programFolder">The folder that holds <c>plugins</c> of the program.</param>
    /// <param name="diagnostics">Takes what is wrong with the folders.</param>
    public static IEnumerable<string> FindOwn(string programFolder, List<Diagnostic> diagnostics) => PluginFolders(Path.Combine(programFolder, "plugins"), diagnostics);

    /// <summary>Where the user's own plugins are.</summary>
    public static string? OfUser(string? userFolder) => userFolder is null ? null : Path.Combine(userFolder, "plugins");

    private static IEnumerable<string> Expand(string path, List<Diagnostic> diagnostics, CancellationToken cancellation)
    {
        string full = Path.GetFullPath(path);
        if (File.Exists(full))
            return SourceFilePlugin.Is(full) ? Compiled(full, diagnostics, cancellation) : [full];
        if (!Directory.Exists(full))
        {
            diagnostics.Add(EngineDiagnostics.NoPlugin.With($"there is no plugin at '{path}'") with { Suggestion = "Name a plugin's DLL or its folder." });
            return [];
        }
        return OwnAssembly(full) is { } assembly ? [assembly] : PluginFolders(full, diagnostics, isNamed: true);
    }

    private static IEnumerable<string> Compiled(string source, List<Diagnostic> diagnostics, CancellationToken cancellation)
    {
        try
        {
            return [SourceFilePlugin.Compile(source, Path.Combine(PluginCatalog.UserFolder() ?? Path.Combine(Path.GetTempPath(), "transformframework"), "cache"), cancellation)];
        }
        catch (PluginException error)
        {
            diagnostics.Add(Diagnostic.Error(error.DiagnosticId, error.Message) with { Suggestion = error.Suggestion });
        }
        catch (Exception error) when (error is IOException or UnauthorizedAccessException)
        {
            diagnostics.Add(EngineDiagnostics.UnreadableAssembly.With(Path.GetFileNameWithoutExtension(source), source, $"it cannot be compiled: {error.Message}"));
        }
        return [];
    }

    private static List<string> PluginFolders(string folder, List<Diagnostic> diagnostics, bool isNamed = false)
    {
        var found = new List<string>();
        if (!Directory.Exists(folder))
            return found;
        string[] plugins = Directory.GetDirectories(folder);
        Array.Sort(plugins, StringComparer.Ordinal);
        foreach (string plugin in plugins)
        {
            if (OwnAssembly(plugin) is { } assembly)
                found.Add(assembly);
            else
                diagnostics.Add(EngineDiagnostics.FolderWithoutPlugin.With(plugin, Path.GetFileName(plugin)));
        }
        if (isNamed && found.Count == 0)
            diagnostics.Add(EngineDiagnostics.NoPlugin.With($"the folder '{folder}' holds no plugin") with { Suggestion = "A plugin's DLL bears its folder's name: <Name>/<Name>.dll." });
        return found;
    }

    private static string? OwnAssembly(string folder)
    {
        string assembly = Path.Combine(folder, Path.GetFileName(Path.TrimEndingDirectorySeparator(folder)) + ".dll");
        return File.Exists(assembly) ? assembly : null;
    }
}
