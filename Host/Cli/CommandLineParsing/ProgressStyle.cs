namespace TransformFramework.Cli.CommandLineParsing;

/// <summary>How progress is shown.</summary>
internal enum ProgressStyle
{
    /// <summary>Not at all.</summary>
    None,

    /// <summary>A line that is redrawn, on a terminal.</summary>
    Terminal,

    /// <summary>A line every ten seconds.</summary>
    Lines,

    /// <summary>A JSON object a line.</summary>
    Json,
}
