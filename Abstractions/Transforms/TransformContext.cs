using System.Collections.Immutable;
using TransformFramework.Diagnostics;
using TransformFramework.Execution;

namespace TransformFramework.Transforms;

/// <summary>What a transform may know of its run. One instance per step, made by the host; tests make their own.</summary>
public class TransformContext
{
    private readonly List<Diagnostic> diagnostics = [];
    private readonly Dictionary<string, long> statistics = new(StringComparer.Ordinal);

    /// <summary>The run's <c>--inputs</c>, verbatim and in order.</summary>
    public ImmutableArray<string> InputNames { get; init; } = [];

    /// <summary>The run's <c>--outputs</c>, verbatim and in order.</summary>
    public ImmutableArray<string> OutputNames { get; init; } = [];

    public TransformMode Mode { get; init; }

    /// <summary>True in <see cref="TransformMode.Verbatim"/>.</summary>
    public bool IsVerbatim => Mode == TransformMode.Verbatim;

    /// <summary>Numbers for generated names; shared by all steps of a run, so that names differ between steps.</summary>
    public RunCounter Counter { get; init; } = new();

    public CancellationToken Cancellation { get; init; }

    /// <summary>The oldest release of TensorFlow that reads what the step wrote, such as <c>tf2.7</c>, where that is newer than the one that wrote the step's graph; null otherwise. The program refuses to write a graph that the release it is written for would not read.</summary>
    public string? WrittenFor { get; set; }

    /// <summary>Runs graphs; null when no backend is installed.</summary>
    public virtual IBackend? Backend => null;

    /// <summary>True when somebody reads <see cref="Explain"/>; lets a transform skip the work for it.</summary>
    public virtual bool IsExplaining => false;

    public IReadOnlyList<Diagnostic> Diagnostics => diagnostics;

    /// <summary>What the step counted, by name.</summary>
    public IReadOnlyDictionary<string, long> Statistics => statistics;

    public void Report(Diagnostic diagnostic) => diagnostics.Add(diagnostic);

    /// <summary>Adds to a named count of the step's statistics ("nodes removed", "bytes saved").</summary>
    public void Count(string what, long by = 1) => statistics[what] = statistics.GetValueOrDefault(what) + by;

    /// <summary>Says why a node was left as it is.</summary>
    public virtual void Explain(string node, string reason)
    {
    }

    /// <summary>Opens a file that an option names, for reading; relative names are relative to the working directory.</summary>
    /// <exception cref="TransformException">The file cannot be opened (NotFound).</exception>
    public virtual Stream OpenFile(string path)
    {
        try
        {
            return File.OpenRead(path);
        }
        catch (Exception error) when (error is FileNotFoundException or DirectoryNotFoundException)
        {
            throw new TransformException(StatusKind.NotFound, $"{path}; No such file or directory", inner: error) { Suggestion = "Check the path; a relative one counts from the working directory." };
        }
        catch (Exception error) when (error is IOException or UnauthorizedAccessException)
        {
            throw new TransformException(StatusKind.FailedPrecondition, $"{path}; {error.Message}", inner: error);
        }
    }
}

/// <summary>A counter that starts at 0.</summary>
public sealed class RunCounter
{
    private long next;

    /// <summary>The current number; the next call gives the next one.</summary>
    public long Next() => Interlocked.Increment(ref next) - 1;
}
