using TransformFramework.Graphs;
using TransformFramework.Workflows.Sharding;

namespace TransformFramework.Workflows.Tests.Sharding;

public sealed class ShardFolderTests : IDisposable
{
    private const string Step = "calibrate";
    private static readonly ShardFingerprint Ours = ShardFingerprint.Of([GraphText.Parse("x = Placeholder() {dtype=float}")], "--samples=3", "d", CancellationToken.None);

    private readonly DirectoryInfo directory = Directory.CreateTempSubdirectory("shards");

    [Fact]
    public void Complete_shards_come_in_order_with_their_content()
    {
        Write(2, 3);
        Write(0, 3);
        Write(1, 3);
        Write(0, 2, step: "other");
        var shards = Folder.Complete(Step, Ours);
        Assert.Equal([0, 1, 2], shards.Select(shard => shard.Header.Shard));
        Assert.Equal([[0, 9], [1, 9], [2, 9]], shards.Select(shard => shard.Content()));
    }

    [Fact]
    public void Missing_shards_are_named()
    {
        Assert.True(Refusal(Ours).IsMissing);
        Write(1, 4);
        WorkException refusal = Refusal(null);
        Assert.True(refusal.IsMissing);
        Assert.EndsWith("3 are missing: 0, 2, 3", refusal.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void A_doubled_shard_is_named_with_its_files()
    {
        Write(0, 2);
        Write(1, 2);
        File.Copy(Folder.PathOf(Step, new(0, 2)), Path.Combine(directory.FullName, "copy-of-it.shard"));
        Assert.Matches("TFX5042.*shard 0 .*-00000-of-00002.*copy-of-it", Text(Refusal(Ours)));
    }

    public static TheoryData<string, string> Others => new()
    {
        { "graph", "the graph differs" },
        { "options", "the options (--samples=9, not --samples=3) differs" },
        { "data", "the list of data differs" },
        { "program", "was written by version 0.1" },
    };

    [Theory]
    [MemberData(nameof(Others))]
    public void A_shard_of_other_work_is_named_with_the_difference(string part, string message)
    {
        ShardFingerprint other = part switch
        {
            "graph" => Ours with { Graph = "0" },
            "options" => Ours with { Options = "--samples=9" },
            "data" => Ours with { Data = "0" },
            _ => Ours with { Program = "0.1" },
        };
        Write(0, 2);
        Write(1, 2, fingerprint: other);
        foreach (ShardFingerprint? fingerprint in (ShardFingerprint?[])[Ours, null])
            Assert.Contains($"TFX5043 '{Folder.PathOf(Step, new(1, 2))}'", Text(Refusal(fingerprint)), StringComparison.Ordinal);
        Assert.Contains(message, Refusal(Ours).Message, StringComparison.Ordinal);
        Assert.Null(Folder.Finished(Step, new(1, 2), Ours));
        Assert.NotNull(Folder.Finished(Step, new(0, 2), Ours));
    }

    [Fact]
    public void Shards_of_another_number_are_foreign()
    {
        Write(0, 2);
        Write(1, 3);
        Assert.Contains("TFX5043", Text(Refusal(Ours)), StringComparison.Ordinal);
    }

    [Theory]
    [InlineData(0)]
    [InlineData(10)]
    [InlineData(-1)]
    public void A_file_that_is_cut_short_is_no_finished_shard(int length)
    {
        Write(0, 1);
        string path = Folder.PathOf(Step, new(0, 1));
        byte[] content = File.ReadAllBytes(path);
        File.WriteAllBytes(path, length < 0 ? content[..^1] : content[..length]);
        Assert.Null(Folder.Finished(Step, new(0, 1), Ours));
        Assert.Contains("TFX5044", Text(Refusal(Ours)), StringComparison.Ordinal);
        Write(0, 1);
        Assert.Single(Folder.Complete(Step, Ours));
    }

    [Fact]
    public void Content_that_has_changed_is_refused()
    {
        Write(0, 1);
        string path = Folder.PathOf(Step, new(0, 1));
        byte[] content = File.ReadAllBytes(path);
        content[^1] ^= 1;
        File.WriteAllBytes(path, content);
        ShardFile shard = Assert.Single(Folder.Complete(Step, Ours));
        Assert.Contains("TFX5044", Text(Assert.Throws<WorkException>(shard.Content)), StringComparison.Ordinal);
    }

    public void Dispose() => directory.Delete(recursive: true);

    private ShardFolder Folder => new(directory.FullName);

    private void Write(int index, int count, string step = Step, ShardFingerprint? fingerprint = null) =>
        Folder.Write(step, new(index, count), fingerprint ?? Ours, items: 1, bad: 0, stream => stream.Write([(byte)index, 9]), CancellationToken.None);

    private WorkException Refusal(ShardFingerprint? fingerprint) => Assert.Throws<WorkException>(() => Folder.Complete(Step, fingerprint));

    private static string Text(WorkException error) => $"{error.Diagnostic.Id} {error.Message}";
}
