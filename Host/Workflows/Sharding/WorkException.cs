using TransformFramework.Diagnostics;

namespace TransformFramework.Workflows.Sharding;

/// <summary>Work on samples or shards cannot go on.</summary>
public sealed class WorkException(Diagnostic diagnostic) : Exception(diagnostic.Message)
{
    /// <summary>What is wrong, and what to do.</summary>
    public Diagnostic Diagnostic { get; } = diagnostic;

    /// <summary>True when an option names no shard.</summary>
    public bool IsOfCommandLine => Diagnostic.Id == WorkflowsDiagnostics.BadShard.Id;

    /// <summary>True when shards are missing that may still come.</summary>
    public bool IsMissing => Diagnostic.Id == WorkflowsDiagnostics.MissingShards.Id;
}
