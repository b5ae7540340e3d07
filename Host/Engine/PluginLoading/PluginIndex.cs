using System.Collections.Immutable;
using System.Globalization;
using System.Text;
using TransformFramework.Engine.Files;
using TransformFramework.ModelFiles;

namespace TransformFramework.Engine.PluginLoading;

/// <summary>
/// The descriptions of the program's own plugins as they were read last, so that a start need not read the metadata of every assembly. It lies in the user's folder and counts as long as the folder of
/// plugins, each file's length and its time of change are what they were, in a program of the same build; it may be deleted at any time.
/// </summary>
internal sealed class PluginIndex
{
    private const string Marker = "plugins 1";
    private const int MaxBytes = 1 << 22;
    private const int GuidBytes = 16;
    private const ulong HashStart = 14695981039346656037;
    private const ulong HashFactor = 1099511628211;

    /// <summary>Files that are younger may still change without a later time.</summary>
    private static readonly TimeSpan Settled = TimeSpan.FromSeconds(2);

    private static readonly Guid Build = typeof(PluginIndex).Module.ModuleVersionId;

    private readonly string folder;
    private readonly string file;
    private readonly string? home;

    /// <param name="programFolder">The folder that holds <c>plugins</c> of the program.</param>
    /// <param name="userFolder">The user's folder.</param>
    public PluginIndex(string programFolder, string userFolder)
    {
        folder = Path.Combine(programFolder, "plugins");
        home = Path.GetDirectoryName(userFolder);
        file = Path.Combine(userFolder, "cache", $"plugins-{Hash(Encoding.UTF8.GetBytes(folder)).ToString(CultureInfo.InvariantCulture)}");
    }

    /// <summary>The plugins, in order; null when there is no index, or it is not of the files as they are.</summary>
    public List<PluginDescription>? Read()
    {
        try
        {
            if (!File.Exists(file))
                return null;
            byte[] content = File.ReadAllBytes(file);
            return content.Length is > sizeof(ulong) and <= MaxBytes && Hash(content.AsSpan(sizeof(ulong))) == BitConverter.ToUInt64(content) ? Parse(content) : null;
        }
        catch (Exception error) when (error is IOException or UnauthorizedAccessException)
        {
            return null;
        }
    }

    /// <summary>Keeps descriptions for the next start, if all are sound and no file is younger than a moment; where there is no home, or the file system refuses, nothing is kept.</summary>
    public void Write(IReadOnlyCollection<PluginDescription> plugins)
    {
        try
        {
            DateTime latest = DateTime.UtcNow - Settled;
            bool isSound = plugins.Count > 0 && plugins.Count == Directory.GetDirectories(folder).Length && plugins.All(plugin => plugin.Diagnostics.IsEmpty && File.GetLastWriteTimeUtc(plugin.Path) < latest);
            if (!isSound || !Directory.Exists(home) || Directory.GetLastWriteTimeUtc(folder) >= latest)
                return;
            byte[] content = Format(plugins);
            Directory.CreateDirectory(Path.GetDirectoryName(file)!);
            AtomicFile.Write(file, stream => stream.Write(content));
        }
        catch (Exception error) when (error is IOException or UnauthorizedAccessException or ModelFormatException)
        {
        }
    }

    private byte[] Format(IReadOnlyCollection<PluginDescription> plugins)
    {
        using var memory = new MemoryStream();
        using var writer = new BinaryWriter(memory, Encoding.UTF8);
        writer.Write(0UL);
        writer.Write(Marker);
        writer.Write(Build.ToByteArray());
        writer.Write(folder);
        writer.Write(Directory.GetLastWriteTimeUtc(folder).Ticks);
        writer.Write(plugins.Count);
        foreach (PluginDescription plugin in plugins)
            Write(writer, plugin);
        byte[] content = memory.ToArray();
        BitConverter.TryWriteBytes(content, Hash(content.AsSpan(sizeof(ulong))));
        return content;
    }

    private List<PluginDescription>? Parse(byte[] content)
    {
        using var reader = new BinaryReader(new MemoryStream(content, sizeof(ulong), content.Length - sizeof(ulong)), Encoding.UTF8);
        bool isOurs = reader.ReadString() == Marker && new Guid(reader.ReadBytes(GuidBytes)) == Build && reader.ReadString() == folder && Directory.GetLastWriteTimeUtc(folder).Ticks == reader.ReadInt64();
        if (!isOurs)
            return null;
        int count = reader.ReadInt32();
        var plugins = new List<PluginDescription>(count);
        for (int i = 0; i < count; i++)
        {
            if (ReadPlugin(reader, folder) is not { } plugin)
                return null;
            plugins.Add(plugin);
        }
        return plugins;
    }

    private static void Write(BinaryWriter writer, PluginDescription plugin)
    {
        var information = new FileInfo(plugin.Path);
        writer.Write(plugin.Name);
        writer.Write(information.Length);
        writer.Write(information.LastWriteTimeUtc.Ticks);
        writer.Write(plugin.Version);
        writer.Write(plugin.Build.ToByteArray());
        writer.Write(plugin.Transforms.Length);
        foreach (TransformDescription transform in plugin.Transforms)
        {
            writer.Write(transform.Name);
            writer.Write(transform.Summary);
            Write(writer, transform.Aliases);
            writer.Write(transform.IsClassic);
            writer.Write(transform.NeedsBackend);
            writer.Write(transform.IsLossy);
            writer.Write(transform.TypeName);
        }
        writer.Write(plugin.Offers.Length);
        foreach (OfferedType offer in plugin.Offers)
        {
            writer.Write(offer.Kind);
            writer.Write(offer.Name);
            writer.Write(offer.TypeName);
        }
        writer.Write(plugin.Formats.Length);
        foreach (FormatDescription format in plugin.Formats)
            Write(writer, format);
        Write(writer, plugin.Ops);
        writer.Write(plugin.Tokens.Count);
        foreach (var (name, token) in plugin.Tokens)
        {
            writer.Write(name);
            writer.Write(token);
        }
    }

    /// <summary>A plugin; null when its file is not the one that was described.</summary>
    private static PluginDescription? ReadPlugin(BinaryReader reader, string folder)
    {
        string name = reader.ReadString();
        string path = Path.Combine(folder, name, $"{name}.dll");
        var information = new FileInfo(path);
        bool isSame = information.Exists && information.Length == reader.ReadInt64() && information.LastWriteTimeUtc.Ticks == reader.ReadInt64();
        if (!isSame)
            return null;
        var plugin = new PluginDescription(name, path, reader.ReadString(), IsFirstParty: true) { Build = new Guid(reader.ReadBytes(GuidBytes)) };
        ImmutableArray<TransformDescription> transforms = ReadAll(reader, () => ReadTransform(reader, plugin));
        ImmutableArray<OfferedType> offers = ReadAll(reader, () => new OfferedType(reader.ReadString(), reader.ReadString(), reader.ReadString()));
        ImmutableArray<FormatDescription> formats = ReadAll(reader, () => ReadFormat(reader));
        ImmutableArray<string> ops = ReadTexts(reader);
        var tokens = new Dictionary<string, int>(StringComparer.Ordinal);
        for (int count = reader.ReadInt32(); count > 0; count--)
            tokens.Add(reader.ReadString(), reader.ReadInt32());
        return plugin with { Transforms = transforms, Offers = offers, Formats = formats, Ops = ops, Tokens = tokens };
    }

    private static TransformDescription ReadTransform(BinaryReader reader, PluginDescription plugin)
    {
        string name = reader.ReadString();
        string summary = reader.ReadString();
        ImmutableArray<string> aliases = ReadTexts(reader);
        bool isClassic = reader.ReadBoolean();
        bool needsBackend = reader.ReadBoolean();
        bool isLossy = reader.ReadBoolean();
        return new(name, summary, aliases, isClassic, needsBackend, plugin.Identity, reader.ReadString()) { IsLossy = isLossy };
    }

    private static void Write(BinaryWriter writer, FormatDescription format)
    {
        writer.Write(format.Name);
        Write(writer, format.Extensions);
        writer.Write(format.TypeName);
        writer.Write(format.Reads);
        writer.Write(format.Writes);
        writer.Write(format.Options.Length);
        foreach (FormatOption option in format.Options)
        {
            writer.Write(option.Name);
            writer.Write(option.Values);
            writer.Write(option.Description);
        }
    }

    private static FormatDescription ReadFormat(BinaryReader reader)
    {
        var format = new FormatDescription(reader.ReadString(), ReadTexts(reader), reader.ReadString()) { Reads = reader.ReadBoolean(), Writes = reader.ReadBoolean() };
        return format with { Options = ReadAll(reader, () => new FormatOption(reader.ReadString(), reader.ReadString(), reader.ReadString())) };
    }

    private static void Write(BinaryWriter writer, ImmutableArray<string> texts)
    {
        writer.Write(texts.Length);
        foreach (string text in texts)
            writer.Write(text);
    }

    private static ImmutableArray<string> ReadTexts(BinaryReader reader) => ReadAll(reader, reader.ReadString);

    private static ImmutableArray<T> ReadAll<T>(BinaryReader reader, Func<T> read)
        where T : class
    {
        var items = new T[reader.ReadInt32()];
        for (int i = 0; i < items.Length; i++)
            items[i] = read();
        return [.. items];
    }

    /// <summary>FNV-1a: it tells a damaged file from a whole one.</summary>
    private static ulong Hash(ReadOnlySpan<byte> bytes)
    {
        ulong hash = HashStart;
        foreach (byte value in bytes)
            hash = unchecked((hash ^ value) * HashFactor);
        return hash;
    }
}
