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
    public void Cancel(JobPlan plan, CancellationToken cancellation) => Tool.Run("kubectl", ["delete", "--ignore-not-found", "--filename", Path.Combine(plan.Folder, FileName)], cancellation);
}
