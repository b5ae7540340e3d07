using System.Collections.Immutable;
using TransformFramework.Diagnostics;
using TransformFramework.Graphs;
using TransformFramework.ModelFiles;
using TransformFramework.Toolkit.Ops.Releases;

namespace TransformFramework.Engine.Models;

/// <summary>Where a graph comes from that is to be written.</summary>
/// <param name="Baseline">What was read.</param>
/// <param name="WrittenFor">The oldest release that the steps wrote it for, such as <c>tf2.7</c>; null for that of the graph that was read.</param>
public sealed record GraphOrigin(ReleaseBaseline Baseline, string? WrittenFor = null);

/// <summary>Sees to it that the release of TensorFlow which must read a graph does so: before a file is written.</summary>
internal static class ReleaseCheck
{
    private const int MostNamed = 5;

    /// <summary>Warnings of what was wrong with the graph before.</summary>
    /// <param name="graph">The graph to write.</param>
    /// <param name="reader">The release that must read all of it; null for the one that wrote what was read.</param>
    /// <param name="origin">What was read; null checks nothing but the reader.</param>
    /// <exception cref="ModelRefusedException">The release refuses what was not there before, or anything where a reader is given.</exception>
    public static ImmutableArray<Diagnostic> Run(Graph graph, TensorFlowRelease? reader, GraphOrigin? origin)
    {
        ReleaseFindings? findings = reader is not null
            ? ReleaseFindings.Of(graph, reader)
            : origin?.Baseline.Find(graph, origin.WrittenFor is { } version ? TensorFlowRelease.Find(version) : null);
        if (findings is null)
            return [];
        if (!findings.New.IsEmpty)
            throw new ModelRefusedException(Refusal(findings, isAsked: reader is not null));
        return findings.Old.IsEmpty ? [] : [EngineDiagnostics.NotReadByItsRelease.With(findings.Release, Text(findings.Old)) with { Node = findings.Old[0].Node?.Name }];
    }

    private static ModelFormatException Refusal(ReleaseFindings findings, bool isAsked) =>
        new(EngineDiagnostics.RefusedByRelease.Format(findings.Release, isAsked ? "--for asks for" : "wrote the graph that was read", Text(findings.New)))
        {
            DiagnosticId = EngineDiagnostics.RefusedByRelease.Id,
            Suggestion = findings.New.All(problem => problem.IsMalformed)
                ? "No release reads such a node: leave out the step that makes it, or give it what its op needs, as with set_attribute."
                : $"Add downgrade(target=tf{findings.Release.Version}) to the end of the script, or give --for the release that is to read the graph.",
        };

    private static string Text(ImmutableArray<ReleaseProblem> problems)
    {
        var texts = problems.DistinctBy(problem => problem.Entry.Length > 0 ? problem.Entry : problem.Message, StringComparer.Ordinal).Take(MostNamed).ToList();
        return string.Join("; ", texts.Select(problem => problem.Message)) + (problems.Length > texts.Count ? $"; {problems.Length - texts.Count} more" : "");
    }
}
