namespace TransformFramework.Transforms;

/// <summary>How a run treats rewrites of the original tool that break graphs.</summary>
public enum TransformMode
{
    /// <summary>Matches whose rewrite would break the graph are declined with a diagnostic; versions are kept; stale colocations are dropped.</summary>
    Safe,

    /// <summary>The original's output exactly, flaws included.</summary>
    Verbatim,
}
