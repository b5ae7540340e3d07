using System.Collections.Immutable;
using System.Globalization;
using System.Text;
using System.Text.Json;

namespace TransformFramework.Workflows.Jobs;

/// <summary>
/// The manifest for Kubernetes (batch/v1, from 1.33 on): an Indexed Job for the shards and a Job for the merge. A shard that waits for others, and a merge that waits for shards, end with 75, which does not count as
/// a failure: they are started again until what they need is there.
/// </summary>
/// <param name="Image">The image, made by the Dockerfile of the repository.</param>
/// <param name="Claim">The PersistentVolumeClaim that has model, data and folder, which all pods mount.</param>
/// <param name="MountPath">Where it is mounted; the paths of the command line are below it.</param>
/// <param name="Namespace">The namespace; null for that of the context.</param>
public sealed record KubernetesManifest(string Image, string Claim, string MountPath, string? Namespace)
{
    private const int NotYet = 75;
    private const int RetriesOfIndex = 4;

    /// <summary>The manifest in YAML.</summary>
    public string Of(JobPlan plan)
    {
        string name = NameOf(plan);
        return Job(plan, $"{name}-shards", $"""
              completionMode: Indexed
              completions: {plan.Shards}
              parallelism: {plan.Shards}
              backoffLimitPerIndex: {RetriesOfIndex}
              maxFailedIndexes: 0

            """, plan.ShardWords($"auto/{plan.Shards}")) + "---\n" + Job(plan, $"{name}-merge", $"  backoffLimit: {RetriesOfIndex}\n", plan.MergeWords);
    }

    /// <summary>The name in front of those of the jobs: what they do, and a part of the hash of it, since the jobs of one name are kept.</summary>
    public static string NameOf(JobPlan plan) =>
        $"transform-graph-{plan.Command}-{Sharding.ShardFingerprint.HashOf(string.Join('\n', [plan.Folder, plan.Shards.ToString(CultureInfo.InvariantCulture), .. plan.Words]))[..8]}";

    private string Job(JobPlan plan, string name, string counts, ImmutableArray<string> words)
    {
        var yaml = new StringBuilder();
        yaml.Append(CultureInfo.InvariantCulture, $"""
            apiVersion: batch/v1
            kind: Job
            metadata:
              name: {name}

            """);
        if (Namespace is not null)
            yaml.Append(CultureInfo.InvariantCulture, $"  namespace: {Text(Namespace)}\n");
        yaml.Append(CultureInfo.InvariantCulture, $$"""
              labels:
                app.kubernetes.io/name: transform-graph
                app.kubernetes.io/component: {{plan.Command}}
            spec:
            {{counts.TrimEnd('\n')}}
              podFailurePolicy:
                rules:
                - action: Ignore
                  onPodConditions:
                  - type: DisruptionTarget
                - action: Ignore
                  onExitCodes:
                    containerName: transform-graph
                    operator: In
                    values: [{{NotYet}}]
              template:
                metadata:
                  labels:
                    app.kubernetes.io/name: transform-graph
                spec:
                  restartPolicy: Never
                  automountServiceAccountToken: false
                  securityContext:
                    runAsNonRoot: true
                    runAsUser: 1654
                    runAsGroup: 1654
                    fsGroup: 1654
                    seccompProfile:
                      type: RuntimeDefault
                  containers:
                  - name: transform-graph
                    image: {{Text(Image)}}
                    workingDir: {{Text(plan.WorkingDirectory)}}
                    args:

            """);
        foreach (string word in words)
            yaml.Append(CultureInfo.InvariantCulture, $"        - {Text(word)}\n");
        yaml.Append(CultureInfo.InvariantCulture, $$"""
                    resources:
                      requests:
                        cpu: "1"
                        memory: 2Gi
                      limits:
                        memory: 4Gi
                    securityContext:
                      allowPrivilegeEscalation: false
                      readOnlyRootFilesystem: true
                      capabilities:
                        drop: ["ALL"]
                    volumeMounts:
                    - name: data
                      mountPath: {{Text(MountPath)}}
                    - name: temporary
                      mountPath: /tmp
                  volumes:
                  - name: data
                    persistentVolumeClaim:
                      claimName: {{Text(Claim)}}
                  - name: temporary
                    emptyDir: {}

            """);
        return yaml.ToString();
    }

    /// <summary>A text as YAML takes it whatever it holds: as JSON writes it.</summary>
    private static string Text(string text) => JsonSerializer.Serialize(text);
}
