using System.Text.Json;
using TransformFramework.Engine.Files;

namespace TransformFramework.Workflows.Jobs;

/// <summary>Submits to Kubernetes by <c>kubectl</c>.</summary>
/// <param name="manifest">How the jobs are described.</param>
public sealed class KubernetesEngine(KubernetesManifest manifest) : IJobEngine
{
    private const string FileName = "jobs.yaml";

    /// <inheritdoc/>
    public IReadOnlyDictionary<string, string> Files(JobPlan plan) => new Dictionary<string, string>(StringComparer.Ordinal) { [FileName] = manifest.Of(plan) };

    /// <inheritdoc/>
    public JobPlan Submit(JobPlan plan, Action<string> say, CancellationToken cancellation)
    {
        string path = Path.Combine(plan.Folder, FileName);
        AtomicFile.WriteText(path, manifest.Of(plan));
        string name = KubernetesManifest.NameOf(plan);
        plan = plan with { Jobs = [$"job/{name}-shards", $"job/{name}-merge"] };
        plan.Save();
        Tool.Run("kubectl", ["delete", "--ignore-not-found", "--filename", path], cancellation);
        say(Tool.Run("kubectl", ["apply", "--filename", path], cancellation).TrimEnd());
        say($"watch with: kubectl get --watch --filename {path}; transform_graph status {plan.Folder}");
        return plan;
    }

    /// <inheritdoc/>
    public IReadOnlyDictionary<int, TaskState> States(JobPlan plan, CancellationToken cancellation) =>
        StatesIn(Tool.Run("kubectl", ["get", "--ignore-not-found", "--output=json", "--filename", Path.Combine(plan.Folder, FileName)], cancellation), plan);

    /// <summary>Reads a list of Jobs: indexes that have failed, how many pods are there, and how many of them are ready.</summary>
    internal static IReadOnlyDictionary<int, TaskState> StatesIn(string list, JobPlan plan)
    {
        var states = new Dictionary<int, TaskState>();
        if (string.IsNullOrWhiteSpace(list))
            return states;
        using var document = JsonDocument.Parse(list);
        JsonElement root = document.RootElement;
        foreach (JsonElement job in root.TryGetProperty("items", out JsonElement items) ? items.EnumerateArray().ToArray() : [root])
        {
            if (!job.TryGetProperty("status", out JsonElement status))
                continue;
            bool isMerge = job.GetProperty("metadata").GetProperty("name").GetString()!.EndsWith("-merge", StringComparison.Ordinal);
            int active = Count(status, "active");
            int[] failed = [.. Indexes(status, "failedIndexes", plan.Shards)];
            int[] over = isMerge ? [] : [.. failed, .. Indexes(status, "completedIndexes", plan.Shards)];
            foreach (int task in active == 0 ? [] : isMerge ? [JobPlan.Merge] : Enumerable.Range(0, plan.Shards).Except(over))
                states[task] = new(Count(status, "ready") > 0 ? TaskPhase.Running : TaskPhase.Waiting);
            foreach (int task in isMerge && Count(status, "failed") > 0 && active == 0 ? [JobPlan.Merge] : failed)
                states[task] = new(TaskPhase.Failed, $"kubectl logs job/{job.GetProperty("metadata").GetProperty("name").GetString()} says why");
        }
        return states;
    }

    private static int Count(JsonElement status, string name) => status.TryGetProperty(name, out JsonElement value) ? value.GetInt32() : 0;

    /// <summary>Indexes as a Job's status has them: <c>0-3,7</c>.</summary>
    private static IEnumerable<int> Indexes(JsonElement status, string name, int shards)
    {
        string text = status.TryGetProperty(name, out JsonElement value) ? value.GetString() ?? "" : "";
        foreach (string range in text.Split(',', StringSplitOptions.RemoveEmptyEntries))
        {
            int[] ends = [.. range.Split('-').Select(end => Sharding.ShardNumber.Number(end) ?? 0)];
            for (int index = ends[0]; index <= Math.Min(ends[^1], shards - 1); index++)
                yield return index;
        }
    }

    /// <inheritdoc/>
    public void Cancel(JobPlan plan, CancellationToken cancellation) => Tool.Run("kubectl", ["delete", "--ignore-not-found", "--filename", Path.Combine(plan.Folder, FileName)], cancellation);
}
