using System.Collections.Immutable;
using System.Text.Json;
using System.Text.Json.Serialization;
using TransformFramework.Engine.Files;
using TransformFramework.Workflows.Sharding;

namespace TransformFramework.Workflows.Jobs;

/// <summary>Work on many machines: an array of shards, once or as often as they wait for each other, and the merge.</summary>
public sealed partial record JobPlan
{
    /// <summary>The version of the format.</summary>
    private const int Version = 1;

    private const string FileName = "submission.json";

    /// <summary>Stands for the merge where tasks have numbers.</summary>
    public const int Merge = -1;

    public int SchemaVersion { get; init; } = Version;

    /// <summary>The command, such as <c>calibrate</c>.</summary>
    public required string Command { get; init; }

    /// <summary>Words of the command line behind the command, without those of shards and merge.</summary>
    public required ImmutableArray<string> Words { get; init; }

    /// <summary>The folder of the shards.</summary>
    public required string Folder { get; init; }

    /// <summary>Number of shards.</summary>
    public required int Shards { get; init; }

    /// <summary>The steps whose files the shards leave, in order. Each needs all shards of the one before.</summary>
    public required ImmutableArray<string> Steps { get; init; }

    /// <summary>What runs it.</summary>
    public required string Engine { get; init; }

    /// <summary>The program, as the machines that run it find it.</summary>
    public required string Program { get; init; }

    /// <summary>Folder in which relative paths count.</summary>
    public required string WorkingDirectory { get; init; }

    /// <summary>Ids of jobs or processes that were started.</summary>
    public ImmutableArray<string> Jobs { get; init; } = [];

    /// <summary>The file of what the merge prints.</summary>
    [JsonIgnore]
    public string ResultPath => Path.Combine(Folder, "result.txt");

    /// <summary>The folder of what shards print.</summary>
    [JsonIgnore]
    public string LogFolder => Path.Combine(Folder, "logs");

    /// <summary>The command line of a shard.</summary>
    /// <param name="shard">The shard, as <c>--shard</c> takes it.</param>
    public ImmutableArray<string> ShardWords(string shard) => [Command, .. Words, $"--shard={shard}", $"--folder={Folder}", "--progress=off"];

    /// <summary>The command line of the merge.</summary>
    [JsonIgnore]
    public ImmutableArray<string> MergeWords => [Command, .. Words, $"--merge={Path.TrimEndingDirectorySeparator(Folder)}/", "--progress=off"];

    /// <summary>Whether the folder holds files of the same command line, so that shards with all of their files need not be asked.</summary>
    [JsonIgnore]
    public bool IsResumed { get; init; }

    /// <summary>The shards to run.</summary>
    public ImmutableArray<int> Pending()
    {
        if (!IsResumed)
            return [.. Enumerable.Range(0, Shards)];
        var folder = new ShardFolder(Folder);
        return [.. Enumerable.Range(0, Shards).Where(index => Steps.Any(step => !File.Exists(folder.PathOf(step, new(index, Shards)))))];
    }

    /// <summary>Whether another plan is of the same command line.</summary>
    public bool IsSameWorkAs(JobPlan other) => Command == other.Command && Words.SequenceEqual(other.Words) && Shards == other.Shards && Program == other.Program;

    /// <summary>Writes the plan into the folder.</summary>
    public void Save()
    {
        Directory.CreateDirectory(LogFolder);
        AtomicFile.Write(Path.Combine(Folder, FileName), stream => JsonSerializer.Serialize(stream, this, PlanFormat.Default.JobPlan));
    }

    /// <summary>The plan in a folder; null when there is none.</summary>
    /// <exception cref="WorkException">The file is none.</exception>
    public static JobPlan? Find(string folder)
    {
        string path = Path.Combine(folder, FileName);
        if (!File.Exists(path))
            return null;
        try
        {
            JobPlan? plan = JsonSerializer.Deserialize(File.ReadAllBytes(path), PlanFormat.Default.JobPlan);
            return plan is { SchemaVersion: Version, Command: not null, Words.IsDefault: false, Shards: > 0, Steps.IsDefaultOrEmpty: false, Jobs.IsDefault: false, Engine: not null, Program: not null, WorkingDirectory: not null } ? plan with { Folder = folder } : throw new JsonException();
        }
        catch (Exception error) when (error is JsonException or NotSupportedException or IOException or UnauthorizedAccessException)
        {
            throw ShardFile.Unreadable(path, new InvalidDataException("it is no plan of a submission", error));
        }
    }

    [JsonSourceGenerationOptions(PropertyNamingPolicy = JsonKnownNamingPolicy.SnakeCaseLower, WriteIndented = true)]
    [JsonSerializable(typeof(JobPlan))]
    private sealed partial class PlanFormat : JsonSerializerContext;
}
