namespace TransformFramework.Workflows.Data;

/// <summary>A value for an input, samples or labelled images cannot be made of what was given.</summary>
/// <param name="message">What is wrong.</param>
/// <param name="inner">The cause.</param>
public sealed class FeedException(string message, Exception? inner = null) : Exception(message, inner)
{
    /// <summary>The input that the value is for; null when it is for none alone.</summary>
    public string? Input { get; init; }

    /// <summary>True when labelled images are meant, not a value of an input or samples.</summary>
    public bool IsOfLabelledImages { get; init; }

    /// <summary>What to do next, a sentence; or null.</summary>
    public string? Suggestion { get; init; }
}

/// <summary>An input or output that was asked for is not in the graph, or none was asked for and the graph leaves a choice.</summary>
/// <param name="message">What is wrong.</param>
/// <param name="list">Which list the name is in: <c>inputs</c> or <c>outputs</c>.</param>
public sealed class EndpointException(string message, string list) : Exception(message)
{
    /// <summary>Which list the name is in: <c>inputs</c> or <c>outputs</c>.</summary>
    public string List { get; } = list;

    /// <summary>What to do next, a sentence; or null.</summary>
    public string? Suggestion { get; init; }
}
