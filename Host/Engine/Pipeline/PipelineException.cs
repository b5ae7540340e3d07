using TransformFramework.Diagnostics;

namespace TransformFramework.Engine.Pipeline;

/// <summary>A step of a script or pipeline failed, and what ran it cannot go on.</summary>
/// <param name="failure">The step and why it failed.</param>
/// <param name="script">The script; null for a pipeline that was built of calls.</param>
public sealed class PipelineException(StepFailure failure, ScriptText? script = null)
    : Exception(failure.Diagnostic.Suggestion is null ? $"{failure.Diagnostic}" : $"{failure.Diagnostic} {failure.Diagnostic.Suggestion}")
{
    /// <summary>The step, its kind of failure and the graph before it.</summary>
    public StepFailure Failure { get; } = failure;

    /// <summary>What failed, with the transform's name in front.</summary>
    public Diagnostic Diagnostic { get; } = failure.Diagnostic with { Message = $"{failure.Call?.QualifiedName}: {failure.Diagnostic.Message}" };

    /// <summary>The script that the diagnostic's place refers to; null when there is none.</summary>
    public ScriptText? Script { get; } = script;
}
