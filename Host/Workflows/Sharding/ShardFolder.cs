using System.Collections.Immutable;
using System.Globalization;
using System.Text.RegularExpressions;

namespace TransformFramework.Workflows.Sharding;

/// <summary>The folder in which the shards of a work leave their files, <c>STEP-00002-of-00008.shard</c>.</summary>
/// <param name="path">The folder; it is made where it is missing.</param>
public sealed partial class ShardFolder(string path)
{
    private const string Ending = ".shard";
    private const int MostNamed = 10;

    /// <summary>The folder.</summary>
    public string Path => path;

    /// <summary>The file of a shard.</summary>
    public string PathOf(string step, ShardNumber shard) => System.IO.Path.Combine(path, string.Create(CultureInfo.InvariantCulture, $"{step}-{shard.Index:D5}-of-{shard.Count:D5}{Ending}"));

    /// <summary>The files of a step, by name. What cannot be read as one is refused.</summary>
    /// <exception cref="WorkException">A file is damaged.</exception>
    public IReadOnlyList<ShardFile> Files(string step) => Directory.Exists(path)
        ? [.. Directory.EnumerateFiles(path, "*" + Ending).Order(StringComparer.Ordinal).Where(file => MayBeOf(file, step)).Select(ShardFile.Open).Where(file => file.Header.Step == step)]
        : [];

    /// <summary>The steps of which there are files, by the time of their first one.</summary>
    public ImmutableArray<string> Steps() => Directory.Exists(path)
        ? [.. new DirectoryInfo(path).EnumerateFiles("*" + Ending).OrderBy(file => file.LastWriteTimeUtc).Select(file => Name().Match(file.Name)).Where(name => name.Success).Select(name => name.Groups[1].Value).Distinct(StringComparer.Ordinal)]
        : [];

    /// <summary>The finished file of a shard, if there is one of this fingerprint.</summary>
    public ShardFile? Finished(string step, ShardNumber shard, ShardFingerprint fingerprint)
    {
        try
        {
            string file = PathOf(step, shard);
            return File.Exists(file) && ShardFile.Open(file) is { } found && found.Header.Fingerprint == fingerprint && found.Header.Step == step && (found.Header.Shard, found.Header.Shards) == (shard.Index, shard.Count) ? found : null;
        }
        catch (WorkException)
        {
            return null;
        }
    }

    /// <summary>Writes the file of a shard, in place of one of another fingerprint.</summary>
    /// <param name="step">The step.</param>
    /// <param name="shard">The shard.</param>
    /// <param name="fingerprint">What its result depends on.</param>
    /// <param name="items">How many samples or candidates were worked on.</param>
    /// <param name="bad">Number of broken samples that were left out.</param>
    /// <param name="write">Writes the content.</param>
    /// <param name="cancellation">Ends the writing.</param>
    public void Write(string step, ShardNumber shard, ShardFingerprint fingerprint, long items, int bad, Action<Stream> write, CancellationToken cancellation)
    {
        Directory.CreateDirectory(path);
        using var content = new MemoryStream();
        write(content);
        var header = new ShardHeader { Step = step, Shard = shard.Index, Shards = shard.Count, Fingerprint = fingerprint, Items = items, Bad = bad, Bytes = 0, Sha256 = "" };
        ShardFile.Write(PathOf(step, shard), header, content.GetBuffer().AsMemory(0, (int)content.Length), cancellation);
    }

    /// <summary>The shards of a step, each once and none missing, in order.</summary>
    /// <param name="step">The step.</param>
    /// <param name="fingerprint">What all of them must be of; null for that of the first.</param>
    /// <exception cref="WorkException">Shards are missing, doubled, or of other work.</exception>
    public IReadOnlyList<ShardFile> Complete(string step, ShardFingerprint? fingerprint)
    {
        IReadOnlyList<ShardFile> files = Files(step);
        if (files.Count == 0)
            throw new WorkException(WorkflowsDiagnostics.MissingShards.With($"'{path}' has no shard of '{step}'") with { Suggestion = "Run the shards first, with --shard=I/N and --folder." });
        ShardHeader first = files[0].Header;
        foreach (ShardFile file in files)
        {
            if (!file.Header.Fingerprint.IsOfThisProgram)
                throw Foreign($"'{file.Path}' was written by version {file.Header.Fingerprint.Program} of the program");
            var differences = file.Header.Fingerprint.DifferencesFrom(fingerprint ?? first.Fingerprint);
            if (!differences.IsEmpty)
                throw Foreign($"'{file.Path}' is a shard of other work: {string.Join(", ", differences)} differ{(differences.Length == 1 ? "s" : "")}{(fingerprint is null ? $" from those of '{files[0].Path}'" : "")}");
            if (file.Header.Shards != first.Shards)
                throw Foreign($"'{file.Path}' is one of {file.Header.Shards} shards, '{files[0].Path}' one of {first.Shards}");
        }
        if (files.GroupBy(file => file.Header.Shard).FirstOrDefault(group => group.Count() > 1) is { } doubled)
            throw new WorkException(WorkflowsDiagnostics.DoubledShard.With(doubled.Key, string.Join(" and ", doubled.Select(file => $"'{file.Path}'"))) with { Suggestion = "Keep one of them." });
        int[] missing = [.. Enumerable.Range(0, first.Shards).Except(files.Select(file => file.Header.Shard))];
        return missing.Length == 0
            ? [.. files.OrderBy(file => file.Header.Shard)]
            : throw new WorkException(WorkflowsDiagnostics.MissingShards.With($"of {first.Shards} shards in '{path}' {(missing.Length == 1 ? "one is" : $"{missing.Length} are")} missing: {Named(missing)}") with { Suggestion = "Run them, and merge again: those that are there are kept." });
    }

    private static WorkException Foreign(string message) => new(WorkflowsDiagnostics.ForeignShard.With(message) with { Suggestion = "Give each work a folder of its own, or delete the files that are not wanted any more." });

    private static string Named(int[] indexes) => string.Join(", ", indexes.Take(MostNamed)) + (indexes.Length > MostNamed ? ", …" : "");

    /// <summary>Files with the name of another step need not be opened.</summary>
    private static bool MayBeOf(string file, string step) => Name().Match(System.IO.Path.GetFileName(file)) is not { Success: true } name || name.Groups[1].Value == step;

    [GeneratedRegex(@"^([a-z_]+)-[0-9]{5,}-of-[0-9]{5,}\.shard$", RegexOptions.None, 60_000)]
    private static partial Regex Name();
}
