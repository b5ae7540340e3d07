using System.Collections.Immutable;
using TransformFramework.Graphs;
using TransformFramework.ModelFiles;
using TransformFramework.Toolkit.Simplification;
using TransformFramework.Transforms;

namespace TransformFramework.SavedModel.Reading;

/// <summary>Puts constants in place of placeholders that are given a fixed value.</summary>
internal static class FixedInputs
{
    /// <summary>The graph with fixed placeholders.</summary>
    /// <param name="graph">The graph.</param>
    /// <param name="values">Values as text, by node name or public name.</param>
    /// <param name="inputs">The signature's inputs, whose public names count too.</param>
    /// <exception cref="ModelFormatException">There is no such placeholder, or the text is no value of its type.</exception>
    public static Graph Apply(Graph graph, ImmutableDictionary<string, string> values, SignatureInputs inputs)
    {
        try
        {
            return values.OrderBy(entry => entry.Key, StringComparer.Ordinal).Aggregate(graph, (current, entry) => FixedValue.Apply(current, inputs.NodeOf(entry.Key) ?? entry.Key, entry.Value));
        }
        catch (TransformException error)
        {
            throw new ModelFormatException(error.Message, error) { DiagnosticId = SavedModelDiagnostics.FixedInput.Id, Suggestion = "Name a placeholder and a value of its type: --set=NAME=VALUE." };
        }
    }
}
