using TransformFramework.Graphs;
using TransformFramework.Toolkit.Calibration;
using TransformFramework.Workflows.Sharding;
using TransformFramework.Workflows.Tuning;

namespace TransformFramework.Workflows.Tests.Tuning;

/// <summary>What a tuning measured is found again by the same work, and by no other.</summary>
public sealed class TuningJournalTests : IDisposable
{
    private static readonly ShardFingerprint Ours = ShardFingerprint.Of([GraphText.Parse("x = Placeholder() {dtype=float}")], "", "d", CancellationToken.None);

    private readonly DirectoryInfo folder = Directory.CreateTempSubdirectory("journal");

    [Fact]
    public void What_was_measured_is_there_again()
    {
        TuningJournal journal = Journal(Ours);
        Assert.Null(journal.Known.Ranges);
        journal.Add(new RangeFile { Samples = 3 });
        journal.Add([new("a", 20), new("b", double.PositiveInfinity)]);
        journal.Add([new("c", 7)]);
        journal.Add(new TuningPoint(2, 31.5, 0.25, 4, 900));
        journal.Add(5, 0.5);
        TuningMeasurements known = Journal(Ours).Known;
        Assert.Equal(3, known.Ranges!.Samples);
        Assert.Equal([("a", 20), ("b", double.PositiveInfinity), ("c", 7)], known.Sensitivities.OrderBy(entry => entry.Key, StringComparer.Ordinal).Select(entry => (entry.Key, entry.Value)));
        Assert.Equal(new TuningPoint(2, 31.5, 0.25, 4, 900), known.Points[2]);
        Assert.Equal(0.5, known.Losses[5]);
        Assert.False(known.IsOfShards);
    }

    [Fact]
    public void Other_work_begins_again()
    {
        Journal(Ours).Add([new("a", 20)]);
        Assert.Empty(Journal(Ours with { Options = "--method=entropy" }).Known.Sensitivities);
    }

    [Fact]
    public void A_file_that_was_cut_short_begins_again()
    {
        Journal(Ours).Add([new("a", 20)]);
        string file = Assert.Single(folder.GetFiles()).FullName;
        File.WriteAllBytes(file, File.ReadAllBytes(file)[..^3]);
        Assert.Empty(Journal(Ours).Known.Sensitivities);
    }

    public void Dispose() => folder.Delete(recursive: true);

    private TuningJournal Journal(ShardFingerprint fingerprint) => new(new(folder.FullName), fingerprint, next: null, CancellationToken.None);
}
