using System.Collections.Immutable;
using TransformFramework.Graphs;

namespace TransformFramework.Toolkit.Ops.Releases;

/// <summary>The release that wrote a graph, and what that release refuses in it: what is made of the graph must not add to that.</summary>
public sealed class ReleaseBaseline
{
    private readonly ImmutableHashSet<string> known;
    private readonly ImmutableHashSet<string> flaws;
    private readonly int producer;

    private ReleaseBaseline(Graph graph, TensorFlowRelease release, ImmutableArray<ReleaseProblem> problems)
    {
        Release = release;
        producer = ProducerOf(graph);
        known = [.. problems.Select(problem => problem.Entry)];
        flaws = [.. problems.Where(problem => problem.IsMalformed).Select(FlawOf)];
    }

    /// <summary>The oldest release that may have written the graph and reads it; where none of those reads it, the one that refuses least. For a graph without a producer number the oldest that reads it, from 1.15 on.</summary>
    public TensorFlowRelease Release { get; }

    /// <summary>The baseline of a graph.</summary>
    public static ReleaseBaseline Of(Graph graph)
    {
        ReleaseBaseline? best = null;
        int least = int.MaxValue;
        foreach (TensorFlowRelease release in Writers(graph))
        {
            var problems = ReleaseVerifier.Verify(graph, release);
            if (problems.Length >= least)
                continue;
            least = problems.Length;
            best = new(graph, release, problems);
            if (least == 0)
                break;
        }
        return best!;
    }

    /// <summary>What a release refuses in a graph that was made from this one, and did not refuse before. A graph with a lower producer number was rewritten for an older release, which must read all of it.</summary>
    /// <param name="written">The graph that was made.</param>
    /// <param name="least">The oldest release that it was written for, where a transform says so; else null.</param>
    public ReleaseFindings Find(Graph written, TensorFlowRelease? least)
    {
        int number = ProducerOf(written);
        bool isDowngraded = number > 0 && number < producer;
        TensorFlowRelease own = isDowngraded ? TensorFlowRelease.All.Last(release => release.Producer <= Math.Max(number, TensorFlowRelease.All[0].Producer)) : Release;
        TensorFlowRelease release = least is not null && least > own ? least : own;
        var found = ReleaseVerifier.Verify(written, release).ToLookup(problem => !problem.IsForeign && (isDowngraded || IsNew(problem)));
        return new(release, [.. found[true]], producer == 0 ? [] : [.. found[false]]);
    }

    private bool IsNew(ReleaseProblem problem) => problem.IsMalformed ? !flaws.Contains(FlawOf(problem)) : !known.Contains(problem.Entry);

    /// <summary>What is wrong, without the names of nodes and without numbers.</summary>
    private static string FlawOf(ReleaseProblem problem) => string.Join(' ', problem.Message.Split(' ').Where(word => !word.Contains('\'', StringComparison.Ordinal) && !word.Any(char.IsAsciiDigit) && word != problem.Node?.Name));

    private static int ProducerOf(Graph graph) => graph.Versions?.Producer ?? 0;

    private static IEnumerable<TensorFlowRelease> Writers(Graph graph)
    {
        int written = ProducerOf(graph);
        if (written == 0)
            return TensorFlowRelease.All.Where(release => release >= StoredDefaults.Common);
        TensorFlowRelease last = TensorFlowRelease.All.LastOrDefault(release => release.Producer <= written) ?? TensorFlowRelease.All[0];
        return TensorFlowRelease.All.Where(release => release.Producer == last.Producer || (last.Producer < written && release.Order == last.Order + 1));
    }
}

/// <summary>What a release refuses in a graph that is to be written.</summary>
/// <param name="Release">The release.</param>
/// <param name="New">What the graph that it was made from did not have.</param>
/// <param name="Old">What that graph had, and ops that no release has; empty where that graph does not say what wrote it.</param>
public sealed record ReleaseFindings(TensorFlowRelease Release, ImmutableArray<ReleaseProblem> New, ImmutableArray<ReleaseProblem> Old)
{
    /// <summary>Everything that a release refuses in a graph which must be read by it.</summary>
    public static ReleaseFindings Of(Graph written, TensorFlowRelease release) => new(release, ReleaseVerifier.Verify(written, release), []);
}
