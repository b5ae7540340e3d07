using System.Text.Json;

namespace TransformFramework.Engine.PluginLoading;

/// <summary>A plugin that is a NuGet package, restored by the ordinary client into the user's plugin folder with what it depends on.</summary>
public static class PluginPackage
{
    private const string SourceFile = "package.source.json";
    private const string Restoring = "restoring";

    /// <summary>Adds a plugin; an older one of the same name is replaced.</summary>
    /// <param name="id">The package.</param>
    /// <param name="version">Its version; null for the newest.</param>
    /// <param name="sources">Folders or addresses that packages are taken from; none for those that NuGet is configured for.</param>
    /// <param name="cancellation">Ends the work; nothing is added then.</param>
    /// <exception cref="PluginException">The package cannot be restored or holds no plugin.</exception>
    /// <exception cref="IOException">The user's folder cannot be written.</exception>
    /// <returns>The plugin in its new place.</returns>
    public static PluginDescription Add(string id, string? version, IEnumerable<string> sources, CancellationToken cancellation)
    {
        string user = PluginCatalog.UserFolder() ?? throw new PluginException(EngineDiagnostics.PackageNotRestored.Id, "there is no home folder to add a plugin to") { Suggestion = "Set HOME." };
        return Add(id, version, sources, user, cancellation);
    }

    internal static PluginDescription Add(string id, string? version, IEnumerable<string> sources, string userFolder, CancellationToken cancellation)
    {
        if (!id.All(letter => char.IsAsciiLetterOrDigit(letter) || letter is '.' or '_' or '-') || id.Length == 0)
            throw new PluginException(EngineDiagnostics.PackageNotRestored.Id, $"'{id}' is not the name of a package") { Suggestion = "Letters, digits, dots and dashes make one, such as Example.Plugin." };
        Directory.CreateDirectory(userFolder);
        string building = Path.Combine(userFolder, $"adding-{Path.GetRandomFileName()}");
        Directory.CreateDirectory(building);
        try
        {
            string published = Restore(id, version, sources, building, cancellation);
            PluginDescription found = Find(id, published);
            File.WriteAllText(Path.Combine(published, SourceFile), JsonSerializer.Serialize($"{id} {version ?? found.Version}", PackageJson.Default.String));
            string folder = Path.Combine(userFolder, "plugins", found.Name);
            Directory.CreateDirectory(Path.GetDirectoryName(folder)!);
            if (Directory.Exists(folder))
                Directory.Delete(folder, recursive: true);
            Directory.Move(published, folder);
            return PluginScanner.Scan(Path.Combine(folder, $"{found.Name}.dll"), isFirstParty: false);
        }
        finally
        {
            Directory.Delete(building, recursive: true);
        }
    }

    /// <summary>The package that a plugin is from; its own path when it is from none.</summary>
    internal static string SourceOf(string path)
    {
        string file = Path.Combine(Path.GetDirectoryName(path)!, SourceFile);
        try
        {
            return File.Exists(file) ? JsonSerializer.Deserialize(File.ReadAllBytes(file), PackageJson.Default.String) ?? path : path;
        }
        catch (Exception error) when (error is JsonException or IOException or UnauthorizedAccessException)
        {
            return path;
        }
    }

    private static string Restore(string id, string? version, IEnumerable<string> sources, string building, CancellationToken cancellation)
    {
        string project = Path.Combine(building, $"{Restoring}.csproj");
        string[] properties = ["<SatelliteResourceLanguages>en</SatelliteResourceLanguages>", "<TransformFrameworkPlugins>false</TransformFrameworkPlugins>", "<DebugType>none</DebugType>"];
        File.WriteAllText(project, PluginProject.Text(properties, [$"<PackageReference Include=\"{id}\" Version=\"{PluginProject.Escape(version ?? "*")}\" />"]));
        string output = Path.Combine(building, "out");
        var (exitCode, text) = DotnetCommand.Run(["publish", project, "-c", "Release", "-o", output, "-v", "q", "-nologo", "-clp:NoSummary", .. Sources(sources)], cancellation);
        if (exitCode != 0)
        {
            string reason = text.Split('\n').Select(line => line.Trim()).FirstOrDefault(line => line.Contains("error", StringComparison.Ordinal)) ?? text.Trim();
            throw new PluginException(EngineDiagnostics.PackageNotRestored.Id, $"the package '{id}' cannot be restored: {reason.Split(" [")[0]}") { Suggestion = "Check the name, and the sources that 'dotnet nuget list source' shows, or name one by --source." };
        }
        foreach (string file in Directory.EnumerateFiles(output, $"{Restoring}.*"))
            File.Delete(file);
        return output;
    }

    /// <summary>Several sources are one property.</summary>
    private static IEnumerable<string> Sources(IEnumerable<string> sources)
    {
        string[] given = [.. sources];
        return given.Length == 0 ? [] : [$"-p:RestoreSources={string.Join("%3B", given.Select(source => Directory.Exists(source) ? Path.GetFullPath(source) : source))}"];
    }

    private static PluginDescription Find(string id, string folder)
    {
        PluginDescription[] plugins = [.. Directory.EnumerateFiles(folder, "*.dll").Order(StringComparer.Ordinal).Select(path => PluginScanner.Scan(path, isFirstParty: false))];
        PluginDescription[] accepted = [.. plugins.Where(plugin => plugin.IsAccepted)];
        if (accepted.Length > 0)
            return Array.Find(accepted, plugin => plugin.Name == id) ?? accepted[0];
        PluginDescription? own = Array.Find(plugins, plugin => plugin.Name == id);
        throw new PluginException(EngineDiagnostics.PackageWithoutPlugin.Id, $"the package '{id}' holds no plugin{(own is null ? "" : $": {own.Diagnostics[0].Message}")}") { Suggestion = own?.Diagnostics[0].Suggestion ?? "A plugin's DLL says [assembly: TransformApi(1, 0)]." };
    }
}

[System.Text.Json.Serialization.JsonSerializable(typeof(string))]
internal sealed partial class PackageJson : System.Text.Json.Serialization.JsonSerializerContext;
