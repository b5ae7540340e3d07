using TransformFramework.Diagnostics;

namespace TransformFramework.Engine.Pipeline;

/// <summary>A step of a script failed, and the workflow that ran the script cannot go on.</summary>
/// <param name="failure">The step and why it failed.</param>
/// <param name="script">The script.</param>
public sealed class PipelineException(StepFailure failure, ScriptText script) : Exception(failure.Diagnostic.Message)
{
    /// <summary>What failed, with the transform's name in front.</summary>
    public Diagnostic Diagnostic { get; } = failure.Diagnostic with { Message = $"{failure.Call?.QualifiedName}: {failure.Diagnostic.Message}" };

    /// <summary>True when a plugin, not the graph or the arguments, is to blame.</summary>
    public bool IsPluginFault { get; } = failure.IsPluginFault;

    /// <summary>The script that the diagnostic's place refers to.</summary>
    public ScriptText Script { get; } = script;
}
