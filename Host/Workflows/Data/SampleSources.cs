using System.Globalization;
using TransformFramework.Workflows.Sharding;

namespace TransformFramework.Workflows.Data;

/// <summary>The files that <c>--data</c> names: one, those of a folder in order, or those of a list.</summary>
public static class SampleSources
{
    /// <summary>The files.</summary>
    /// <param name="path">A file, a folder, or a list: <c>FILE.list</c>, <c>FILE.lst</c> or <c>@FILE</c> with a path or address a line, and a class behind a tab.</param>
    /// <exception cref="FeedException">There is nothing to read.</exception>
    public static IReadOnlyList<SampleSource> Of(string path)
    {
        if (SampleSource.IsList(path))
            return Listed(path.TrimStart('@'));
        var source = new SampleSource(path);
        if (File.Exists(path))
            return source.IsKnown ? [source] : throw new FeedException($"'{path}' is no image, .npz, .npy or .wav file, no .tfrecord, .tar or .list") { Suggestion = "A list of files of any name is given as @FILE." };
        if (!Directory.Exists(path))
            throw new FeedException($"'{path}' is neither a file nor a folder") { Suggestion = "Check the path; a relative one counts from the working directory." };
        SampleSource[] files = [.. Directory.EnumerateFiles(path, "*", SearchOption.AllDirectories).Order(StringComparer.Ordinal).Select(file => new SampleSource(file)).Where(file => file.IsKnown)];
        return files.Length > 0 ? files : throw new FeedException($"'{path}' has no images, .npz, .npy or .wav files, no .tfrecord or .tar");
    }

    /// <summary>A hash of the list of data: names and lengths, not contents, and signatures of addresses do not count.</summary>
    /// <param name="value">Path and options, as <c>--data</c> takes them.</param>
    /// <exception cref="FeedException">There is nothing to read.</exception>
    public static string Fingerprint(string value)
    {
        string path = PathOf(value);
        string folder = Directory.Exists(path) ? path : Path.GetDirectoryName(Path.GetFullPath(path.TrimStart('@')))!;
        return ShardFingerprint.HashOf(value[path.Length..] + "\n" + string.Join('\n', Of(path).Select(source => $"{source.Identity(folder)}\t{source.Label}")));
    }

    /// <summary>What is in front of the options of <c>--data</c>.</summary>
    internal static string PathOf(string value) => value.Split('?')[0];

    private static SampleSource[] Listed(string path)
    {
        string folder = Path.GetDirectoryName(Path.GetFullPath(path))!;
        SampleSource[] sources = [.. new SampleSource(path).Guard(() => File.ReadAllLines(path)).Select(line => line.Trim()).Where(line => line.Length > 0 && line[0] != '#').Select(Parse)];
        return sources.Length > 0 ? sources : throw new FeedException($"the list '{path}' is empty");

        SampleSource Parse(string line)
        {
            string[] parts = line.Split('\t', StringSplitOptions.TrimEntries);
            int? label = parts.Length < 2 ? null : int.TryParse(parts[1], NumberStyles.None, CultureInfo.InvariantCulture, out int number) ? number : throw new FeedException($"the list '{path}' has a class '{parts[1]}', which is no number");
            var source = new SampleSource(parts[0], label);
            if (!source.IsRemote)
                source = source with { Location = Path.Combine(folder, parts[0]) };
            return source.IsKnown ? source : throw new FeedException($"the list '{path}' has '{source.Name}', which is no image, .npz, .npy, .wav, .tfrecord or .tar file");
        }
    }
}
