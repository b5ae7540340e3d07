using System.Collections.Immutable;
using System.Runtime.CompilerServices;
using System.Security.Cryptography;
using System.Text.Json;
using System.Text.Json.Serialization;
using TransformFramework.Diagnostics;

namespace TransformFramework.Engine.PluginLoading;

/// <summary>
/// What plugins were when they were locked: version, source, and a SHA-256 of each DLL of their folder. A plugin that is listed and has changed is rejected. It guards against accidents and quiet updates, not against
/// somebody who can write the user's files: plugins run in the program's process with its rights.
/// </summary>
public sealed partial class PluginLock
{
    /// <summary>Name of the file, in the user's folder.</summary>
    public const string FileName = "plugins.lock.json";

    /// <summary>Names of plugins, separated by commas, that may differ from the lock; <c>*</c> for all.</summary>
    public const string AllowVariable = "TRANSFORMFRAMEWORK_ALLOW_CHANGED_PLUGINS";

    private const int Version = 1;

    private PluginLock(ImmutableArray<LockedPlugin> plugins) => Plugins = plugins;

    /// <summary>A lock without plugins.</summary>
    public static PluginLock Empty { get; } = new([]);

    /// <summary>The plugins, by path.</summary>
    public ImmutableArray<LockedPlugin> Plugins { get; }

    /// <summary>The lock of third-party plugins as they are now.</summary>
    /// <exception cref="IOException">A file cannot be read.</exception>
    public static PluginLock Of(IEnumerable<PluginDescription> plugins) => new([.. plugins
        .Where(plugin => !plugin.IsFirstParty)
        .OrderBy(plugin => plugin.Path, StringComparer.Ordinal)
        .Select(plugin => new LockedPlugin(plugin.Name, plugin.Version, plugin.Path, PluginPackage.SourceOf(plugin.Path), Hashes(plugin.Path)))]);

    /// <summary>Reads the lock of a folder; without a file nothing is locked.</summary>
    /// <exception cref="PluginException">The file is malformed.</exception>
    public static PluginLock Read(string folder)
    {
        string path = Path.Combine(folder, FileName);
        return File.Exists(path) ? ReadFile(path) : Empty;
    }

    /// <summary>Apart from the look for the file, since most users have none: what reads JSON is not loaded then.</summary>
    [MethodImpl(MethodImplOptions.NoInlining)]
    private static PluginLock ReadFile(string path)
    {
        try
        {
            Document? document = JsonSerializer.Deserialize(File.ReadAllBytes(path), Format.Default.Document);
            if (document is not { SchemaVersion: Version, Plugins: { } plugins } || plugins.Exists(plugin => plugin?.Name is null || plugin.Path is null || plugin.Files is null))
                throw new JsonException($"schema_version {Version} with plugins is needed");
            return new([.. plugins]);
        }
        catch (Exception error) when (error is JsonException or IOException or UnauthorizedAccessException)
        {
            throw new PluginException(EngineDiagnostics.BadLock.Id, EngineDiagnostics.BadLock.Format(path, error.Message), error) { Suggestion = "Write it anew by 'transform_graph plugins lock', or delete it to lock nothing." };
        }
    }

    /// <summary>Writes the lock into a folder.</summary>
    /// <exception cref="IOException">The file cannot be written.</exception>
    /// <returns>The file's path.</returns>
    public string Write(string folder)
    {
        Directory.CreateDirectory(folder);
        string path = Path.Combine(folder, FileName);
        Files.AtomicFile.Write(path, stream => JsonSerializer.Serialize(stream, new Document { SchemaVersion = Version, Plugins = [.. Plugins] }, Format.Default.Document));
        return path;
    }

    /// <summary>What has changed of a plugin since it was locked; null when nothing has, or it is not listed.</summary>
    public string? Change(string path)
    {
        if (Plugins.FirstOrDefault(plugin => plugin.Path == path) is not { } locked)
            return null;
        SortedDictionary<string, string> now;
        try
        {
            now = Hashes(path);
        }
        catch (Exception error) when (error is IOException or UnauthorizedAccessException)
        {
            return $"it cannot be read: {error.Message}";
        }
        foreach (var (file, hash) in locked.Files)
        {
            if (!now.TryGetValue(file, out string? found))
                return $"'{file}' is missing";
            if (found != hash)
                return $"'{file}' has SHA-256 {found}, it was {hash}";
        }
        return now.Keys.FirstOrDefault(file => !locked.Files.ContainsKey(file)) is { } added ? $"'{added}' is new" : null;
    }

    /// <summary>A lock that cannot be read: no third-party plugin is accepted until it can.</summary>
    internal static PluginLock Unreadable(PluginException fault) => new([]) { Fault = fault };

    private PluginException? Fault { get; init; }

    /// <summary>The plugin, rejected when it is listed, has changed and is not allowed to.</summary>
    internal PluginDescription Judge(PluginDescription plugin)
    {
        if (Fault is not null && !plugin.IsFirstParty)
            return plugin with { Diagnostics = plugin.Diagnostics.Add(Diagnostic.Error(Fault.DiagnosticId, $"plugin '{plugin.Name}' ({plugin.Path}) is rejected: the lock of plugins {Fault.Message}") with { Suggestion = Fault.Suggestion }) };
        if (plugin.IsFirstParty || Plugins.IsEmpty || IsAllowed(plugin.Name) || Change(plugin.Path) is not { } change)
            return plugin;
        Diagnostic error = EngineDiagnostics.ChangedSinceLock.With(plugin.Name, plugin.Path, $"it has changed since it was locked: {change}") with
        {
            Suggestion = $"If the change is wanted, run 'transform_graph plugins lock' again; to use it once, set {AllowVariable}={plugin.Name}.",
        };
        return plugin with { Diagnostics = plugin.Diagnostics.Add(error) };
    }

    private static bool IsAllowed(string name) =>
        (Environment.GetEnvironmentVariable(AllowVariable) ?? "").Split(',', StringSplitOptions.TrimEntries).Any(allowed => allowed == "*" || allowed == name);

    private static SortedDictionary<string, string> Hashes(string path)
    {
        string folder = Path.GetDirectoryName(path)!;
        bool hasFolder = Path.GetFileName(folder) == Path.GetFileNameWithoutExtension(path);
        var hashes = new SortedDictionary<string, string>(StringComparer.Ordinal);
        foreach (string file in hasFolder ? Directory.EnumerateFiles(folder, "*.dll", SearchOption.AllDirectories) : [path])
        {
            using FileStream stream = File.OpenRead(file);
            hashes.Add(Path.GetRelativePath(folder, file).Replace('\\', '/'), Convert.ToHexStringLower(SHA256.HashData(stream)));
        }
        return hashes;
    }

    private sealed record Document
    {
        public int SchemaVersion { get; set; }

        public List<LockedPlugin>? Plugins { get; set; }
    }

    [JsonSourceGenerationOptions(PropertyNamingPolicy = JsonKnownNamingPolicy.SnakeCaseLower, WriteIndented = true)]
    [JsonSerializable(typeof(Document))]
    private sealed partial class Format : JsonSerializerContext;
}

/// <summary>A plugin as it was when it was locked.</summary>
/// <param name="Name">The plugin.</param>
/// <param name="Version">Version of its assembly.</param>
/// <param name="Path">Its DLL.</param>
/// <param name="Source">The package that it is from, <c>ID VERSION</c>; the path of a file otherwise.</param>
/// <param name="Files">SHA-256 by the name of each DLL of its folder.</param>
public sealed record LockedPlugin(string Name, string Version, string Path, string Source, SortedDictionary<string, string> Files);
