namespace TransformFramework.Workflows.Progress;

/// <summary>How far a workflow is.</summary>
/// <param name="Phase">What it does now, such as <c>calibrating</c>.</param>
/// <param name="Done">Units of the phase that are done: samples, layers, runs.</param>
/// <param name="Total">Units of the phase; null where it is unknown.</param>
public sealed record WorkProgress(string Phase, long Done, long? Total)
{
    /// <summary>Units done in a second; null at the beginning.</summary>
    public double? PerSecond { get; init; }

    /// <summary>The best result so far, for people; null while there is none.</summary>
    public string? Best { get; init; }
}
