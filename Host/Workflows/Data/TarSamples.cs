using System.Formats.Tar;
using System.Globalization;
using System.IO.Compression;
using System.Text;
using TransformFramework.Graphs;

namespace TransformFramework.Workflows.Data;

/// <summary>
/// Samples of a tar archive as WebDataset lays them out: files in a row that have the same name up to its first dot are one sample. An image, sound or array is for the only input, or for the one that
/// it is named after (<c>0001.INPUT.npy</c>, / as __); <c>.cls</c> holds the class.
/// </summary>
internal static class TarSamples
{
    private const long MostBytes = 1L << 28;

    /// <summary>The samples; the archive is read along with them.</summary>
    /// <param name="wanted">The inputs.</param>
    /// <param name="source">The archive, compressed by gzip where its name says so.</param>
    /// <param name="isWanted">Whether a sample is asked for; others are gone past.</param>
    public static IEnumerable<SampleItem> Of(SampleInputs wanted, SampleSource source, Func<long, bool> isWanted)
    {
        Stream stream = source.Open();
        using var reader = new TarReader(source.Ending is ".gz" or ".tgz" ? new GZipStream(stream, CompressionMode.Decompress) : stream);
        long sample = -1;
        string? key = null;
        Dictionary<string, byte[]>? files = null;
        while (true)
        {
            var (next, error) = Next(reader, source);
            if (next is null || next.Key != key)
            {
                if (key is not null)
                    yield return files is null ? SampleItem.Unwanted : Item(wanted, $"'{source.Name}' ({key})", files);
                if (error is not null && isWanted(sample + 1))
                    yield return SampleItem.Broken($"what follows {key ?? "the beginning"} in '{source.Name}'", error);
                if (next is null)
                    yield break;
                key = next.Key;
                files = isWanted(++sample) ? new(StringComparer.OrdinalIgnoreCase) : null;
            }
            if (files is null || Keep(next, files, source) is not { } damage)
                continue;
            yield return SampleItem.Broken($"'{source.Name}' ({key}) and what follows it", damage);
            yield break;
        }
    }

    /// <summary>The next file; null at the end, or where the archive is damaged.</summary>
    private static (Part? Part, FeedException? Error) Next(TarReader reader, SampleSource source)
    {
        try
        {
            while (source.Guard(() => reader.GetNextEntry(copyData: false)) is { } entry)
            {
                string name = Path.GetFileName(entry.Name);
                int dot = name.IndexOf('.', StringComparison.Ordinal);
                if (entry.EntryType is TarEntryType.RegularFile or TarEntryType.V7RegularFile or TarEntryType.ContiguousFile && dot > 0)
                    return (new(entry.Name[..(entry.Name.Length - name.Length + dot)], name[(dot + 1)..], entry), null);
            }
            return (null, null);
        }
        catch (FeedException error)
        {
            return (null, new FeedException(error.Message, error) { Suggestion = "Copy or write the archive again; samples behind this place cannot be found." });
        }
    }

    private static FeedException? Keep(Part part, Dictionary<string, byte[]> files, SampleSource source)
    {
        try
        {
            files[part.Ending] = part.Entry.DataStream is { } data ? source.Guard(() => BoundedReading.ToEnd(data, MostBytes)) : [];
            return null;
        }
        catch (FeedException error)
        {
            return error;
        }
    }

    private static SampleItem Item(SampleInputs wanted, string name, Dictionary<string, byte[]> files) => new(name, () => Values(wanted, name, files))
    {
        Label = () => files.TryGetValue("cls", out byte[]? text) && int.TryParse(Encoding.UTF8.GetString(text), NumberStyles.AllowLeadingWhite | NumberStyles.AllowTrailingWhite, CultureInfo.InvariantCulture, out int label)
            ? label
            : throw SampleInputs.Unlabelled(name),
    };

    private static Dictionary<string, Tensor> Values(SampleInputs wanted, string name, Dictionary<string, byte[]> files)
    {
        var values = new Dictionary<string, Tensor>(StringComparer.Ordinal);
        foreach (var (ending, content) in files)
        {
            string kind = Path.GetExtension("." + ending).ToLowerInvariant();
            if (kind is not (".npy" or ".wav") && !ImageFile.IsImage(kind))
                continue;
            string key = ending[..(ending.Length + 1 - kind.Length)].TrimEnd('.');
            if ((key.Length == 0 ? wanted.Only() : wanted.Find(key)) is { } input)
                values[input.Name] = wanted.Decode(input, $"{name} .{ending}", kind, content);
        }
        return values.Count > 0 ? values : throw new FeedException($"the sample {name} has no image, .wav or .npy for an input; it has {string.Join(", ", files.Keys.Order(StringComparer.Ordinal))}");
    }

    /// <summary>A file of an archive.</summary>
    /// <param name="Key">Its name up to the first dot.</param>
    /// <param name="Ending">What follows the dot.</param>
    /// <param name="Entry">The file.</param>
    private sealed record Part(string Key, string Ending, TarEntry Entry);
}
