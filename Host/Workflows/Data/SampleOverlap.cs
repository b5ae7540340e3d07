using TransformFramework.Diagnostics;

namespace TransformFramework.Workflows.Data;

/// <summary>Finds that a graph is judged on the samples that it was calibrated on.</summary>
public static class SampleOverlap
{
    /// <summary>A warning when one of two places is the other, or is within it; null otherwise.</summary>
    /// <param name="samples">Path and options of the samples.</param>
    /// <param name="labelled">Path and options of the labelled images; null for none.</param>
    public static Diagnostic? Find(string samples, string? labelled)
    {
        if (labelled is null)
            return null;
        string first = FullPath(samples), second = FullPath(labelled);
        return Holds(first, second) || Holds(second, first)
            ? WorkflowsDiagnostics.KnownImages.With(SampleSources.PathOf(labelled)) with { Suggestion = "Calibrate on other samples than those that the result is judged by, such as a part of the training data." }
            : null;
    }

    private static string FullPath(string value) => Path.TrimEndingDirectorySeparator(Path.GetFullPath(SampleSources.PathOf(value).TrimStart('@')));

    private static bool Holds(string folder, string path) => path == folder || path.StartsWith(folder + Path.DirectorySeparatorChar, StringComparison.Ordinal);
}
