using TransformFramework.Diagnostics;
using TransformFramework.Workflows.Sharding;

namespace TransformFramework.Workflows.Data;

/// <summary>Counts samples that cannot be read, names them, and ends the work when there are too many.</summary>
/// <param name="most">How many may be left out.</param>
/// <param name="report">Receives a warning for each one.</param>
public sealed class BadSamples(int most, Action<Diagnostic> report)
{
    private const int MostNamed = 100;

    /// <summary>Leaves all of them out without a word, for a look at the others.</summary>
    public static BadSamples Unnoticed => new(int.MaxValue, _ => { });

    /// <summary>How many were left out.</summary>
    public int Count { get; private set; }

    /// <summary>How many may be left out.</summary>
    public int Most => most;

    /// <summary>Leaves a sample out.</summary>
    /// <param name="name">The sample.</param>
    /// <param name="error">Why it cannot be read.</param>
    /// <exception cref="FeedException">None may be left out.</exception>
    /// <exception cref="WorkException">There are too many.</exception>
    public void Add(string name, FeedException error)
    {
        if (most == 0)
            throw new FeedException(error.Message, error) { Suggestion = error.Suggestion, Input = error.Input, IsOfLabelledImages = error.IsOfLabelledImages };
        if (++Count <= MostNamed)
            report(WorkflowsDiagnostics.BrokenSample.With(name, error.Message) with { Suggestion = error.Suggestion });
        Check(Count, most, error.Message);
    }

    /// <summary>Refuses more broken samples than are allowed.</summary>
    /// <param name="count">How many there are.</param>
    /// <param name="most">How many may be left out.</param>
    /// <param name="last">What is wrong with the last one; null when that is not known.</param>
    /// <exception cref="WorkException">There are too many.</exception>
    public static void Check(int count, int most, string? last = null)
    {
        if (count > most)
            throw new WorkException(WorkflowsDiagnostics.TooManyBroken.With($"{count} samples are broken, and --max_bad allows {most}{(last is null ? "" : $"; the last: {last}")}") with { Suggestion = "Look at the samples that are named; a larger --max_bad leaves more of them out." });
    }
}
