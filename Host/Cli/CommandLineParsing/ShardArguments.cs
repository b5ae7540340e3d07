using System.CommandLine;
using TransformFramework.Toolkit.Calibration;
using TransformFramework.Toolkit.Sampling;
using TransformFramework.Workflows.Data;
using TransformFramework.Workflows.Reports;
using TransformFramework.Workflows.Sharding;

namespace TransformFramework.Cli.CommandLineParsing;

/// <summary>The options by which a command does a part of its work, or merges what such parts left: <c>--shard</c>, <c>--folder</c>, <c>--merge</c>, <c>--max_bad</c>.</summary>
internal sealed class ShardArguments
{
    private readonly Option<string> shard = new("--shard") { HelpName = "I/N", Description = "Do part I, from 0, of N, and leave the result in --folder; auto, or auto/N, asks the scheduler (Slurm, Kubernetes, Open MPI, Grid Engine, AWS Batch)" };
    private readonly Option<string> folder = new("--folder") { HelpName = "FOLDER", Description = "Where shards leave their files; finished ones are kept" };
    private readonly Option<string> merge = new("--merge") { HelpName = "FOLDER", Description = "Take what the shards left in a folder in place of measuring; the result has the bytes of one run" };
    private readonly Option<string> maxBad = new("--max_bad") { HelpName = "N", Description = "Broken samples that may be left out, over all shards; none without it" };

    /// <summary>Broken samples that were named, since samples are read several times.</summary>
    private readonly HashSet<string> named = new(StringComparer.Ordinal);

    /// <summary>Adds the options to a command.</summary>
    /// <param name="command">The command.</param>
    /// <param name="hasMerge">Whether <c>--merge</c> is this one; a command may have another.</param>
    public ShardArguments AddTo(Command command, bool hasMerge = true)
    {
        command.Options.Add(shard);
        command.Options.Add(folder);
        if (hasMerge)
            command.Options.Add(merge);
        command.Options.Add(maxBad);
        return this;
    }

    /// <summary>The part that is asked for; null for all of the work.</summary>
    /// <exception cref="CommandException">The options contradict each other.</exception>
    /// <exception cref="WorkException">The scheduler does not say which part this is.</exception>
    /// <param name="context">The command.</param>
    /// <param name="keepsAlone">Whether <c>--folder</c> means something without <c>--shard</c>, see <see cref="KeptOf"/>.</param>
    public ShardNumber? ShardOf(CommandContext context, bool keepsAlone = false)
    {
        if (context.Value(shard) is not { } value)
            return context.Has(folder) && !keepsAlone ? throw CommandException.Usage("--folder goes with --shard", "Add --shard=I/N, or merge with --merge=FOLDER.") : null;
        if (context.Has(merge))
            throw CommandException.Usage("--shard and --merge are given", "Run the shards first, then merge without --shard.");
        return ShardEnvironment.Resolve(value, Environment.GetEnvironmentVariable);
    }

    /// <summary>The folder that keeps what work in one process has measured, so that it goes on from there; null without one.</summary>
    public ShardFolder? KeptOf(CommandContext context)
    {
        if (context.Has(folder) && context.Has(merge))
            throw CommandException.Usage("--folder and --merge are given", "Merge without --folder.");
        return context.Path(folder) is { } path ? new(path) : null;
    }

    /// <summary>The folder to merge; null when nothing is.</summary>
    public ShardFolder? MergedOf(CommandContext context) => context.Path(merge) is { } path ? new(path) : null;

    /// <summary>The folder that shards are written to.</summary>
    public ShardFolder FolderOf(CommandContext context) => new(context.RequiredPath(folder));

    /// <summary>How many broken samples may be left out.</summary>
    public int MostBad(CommandContext context) => (int)context.Integer(maxBad, otherwise: 0, least: 0, most: int.MaxValue);

    /// <summary>The samples that are read.</summary>
    /// <param name="context">The command.</param>
    /// <param name="part">The shard.</param>
    /// <param name="most">Largest number of samples over all shards.</param>
    public SampleSelection SelectionOf(CommandContext context, ShardNumber? part, int most = int.MaxValue) =>
        new() { Shard = part ?? ShardNumber.All, Most = most, Bad = new(MostBad(context), diagnostic => context.Say(named.Add(diagnostic.Message) ? [diagnostic] : [])) };

    /// <summary>How many broken samples were left out, to follow a number of samples.</summary>
    public static string LeftOut(int bad) => bad == 0 ? "" : $" ({bad} broken left out)";

    /// <summary>The fingerprint of the list of data that an option names.</summary>
    /// <exception cref="CommandException">There are none.</exception>
    public static string FingerprintOf(CommandContext context, Option<string> data) => DataOption.Read(data, () => SampleSources.Fingerprint(context.RequiredPath(data)));

    /// <summary>Does the work of a shard, where its file is not there yet.</summary>
    /// <param name="context">The command.</param>
    /// <param name="step">The step of the work.</param>
    /// <param name="part">The shard.</param>
    /// <param name="fingerprint">What its result depends on.</param>
    /// <param name="work">Does it: gives the number of items, the number of broken samples, and what writes the result.</param>
    public int Run(CommandContext context, string step, ShardNumber part, ShardFingerprint fingerprint, Func<(long Items, int Bad, Action<Stream> Write)> work)
    {
        ShardFolder target = FolderOf(context);
        ShardFile? finished = target.Finished(step, part, fingerprint);
        string path = target.PathOf(step, part);
        if (finished is null)
        {
            var (items, bad, write) = work();
            target.Write(step, part, fingerprint, items, bad, write, context.Cancellation);
        }
        ShardHeader header = (finished ?? ShardFile.Open(path)).Header;
        if (context.IsJson)
            Console.Out.WriteLine(RunReport.SerializeLine(new { schema_version = 1, step, shard = part.Index, shards = part.Count, items = header.Items, bad_samples = header.Bad, file = path, was_there = finished is not null }));
        else if (!context.IsQuiet)
            Console.Out.WriteLine($"{step}, shard {part}: {header.Items} items{LeftOut(header.Bad)}{(finished is null ? "" : ", there already")}: {path}");
        return ExitCodes.Done;
    }

    /// <summary>The shards of a step, none missing, with no more broken samples than are allowed.</summary>
    /// <param name="context">The command.</param>
    /// <param name="source">The folder.</param>
    /// <param name="step">The step.</param>
    /// <param name="fingerprint">What they must be of; null for that of the first.</param>
    /// <param name="bad">Broken samples of all shards.</param>
    /// <exception cref="WorkException">They do not merge.</exception>
    public IReadOnlyList<ShardFile> Complete(CommandContext context, ShardFolder source, string step, ShardFingerprint? fingerprint, out int bad)
    {
        var shards = source.Complete(step, fingerprint);
        bad = shards.Sum(shard => shard.Header.Bad);
        BadSamples.Check(bad, MostBad(context));
        return shards;
    }

    /// <summary>What the shards of a step measured as one, and the broken samples of all of them.</summary>
    /// <param name="context">The command.</param>
    /// <param name="source">The folder.</param>
    /// <param name="step">The step.</param>
    /// <param name="fingerprint">What they must be of; null for that of the first.</param>
    /// <param name="read">Reads the content of a shard.</param>
    /// <param name="merge">Adds the second to the first.</param>
    /// <exception cref="WorkException">They do not merge.</exception>
    public (T Merged, int Bad) Merge<T>(CommandContext context, ShardFolder source, string step, ShardFingerprint? fingerprint, Func<byte[], T> read, Action<T, T> merge)
    {
        var shards = Complete(context, source, step, fingerprint, out int bad);
        T merged = shards[0].Read(read);
        foreach (T next in ReadOf(context, shards.Skip(1), read))
            merge(merged, next);
        return (merged, bad);
    }

    /// <summary>Adds the ranges of a step's shards to others.</summary>
    /// <returns>The broken samples of all shards.</returns>
    /// <exception cref="WorkException">They do not merge.</exception>
    public int MergeRanges(CommandContext context, ShardFolder source, string step, ShardFingerprint? fingerprint, RangeFile ranges)
    {
        var shards = Complete(context, source, step, fingerprint, out int bad);
        foreach (RangeFile part in ReadOf(context, shards, content => RangeFile.ReadCompact(new MemoryStream(content))))
            ranges.Merge(part);
        return bad;
    }

    /// <summary>The content of shards in order; as many are read at a time as there are processors.</summary>
    private static IEnumerable<T> ReadOf<T>(CommandContext context, IEnumerable<ShardFile> shards, Func<byte[], T> read) => SampleRuns.InOrder(shards, shard => shard.Read(read), context.Cancellation);
}
