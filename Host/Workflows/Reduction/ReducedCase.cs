using TransformFramework.Engine.Files;
using TransformFramework.Engine.Models;
using TransformFramework.Graphs;
using TransformFramework.Toolkit.Arrays;

namespace TransformFramework.Workflows.Reduction;

/// <summary>A graph with values for its inputs, which may show a fault.</summary>
/// <param name="Graph">The graph.</param>
/// <param name="Reference">The graph that it is compared with; null when there is none.</param>
/// <param name="Output">The tensor that it is run for.</param>
/// <param name="Feeds">Values by node of the inputs.</param>
public sealed record ReducedCase(Graph Graph, Graph? Reference, string Output, IReadOnlyDictionary<string, Tensor> Feeds)
{
    /// <summary>Writes <c>graph.pb</c>, <c>graph.gtxt</c>, <c>feeds.npz</c> (arrays named after the inputs, <c>/</c> as <c>__</c>) and, with a reference, <c>reference.pb</c> into a folder.</summary>
    /// <exception cref="ModelFiles.ModelFormatException">A file cannot be written.</exception>
    public void Write(string folder, CancellationToken cancellation)
    {
        Directory.CreateDirectory(folder);
        ModelFile.Save(Graph, Path.Combine(folder, "graph.pb"), asText: false, cancellation);
        AtomicFile.WriteText(Path.Combine(folder, "graph.gtxt"), GraphText.Print(Graph));
        if (Reference is not null)
            ModelFile.Save(Reference, Path.Combine(folder, "reference.pb"), asText: false, cancellation);
        AtomicFile.Write(Path.Combine(folder, "feeds.npz"), stream => NpzFile.Write(stream, Feeds.OrderBy(feed => feed.Key, StringComparer.Ordinal).Select(feed => KeyValuePair.Create(feed.Key.Replace("/", "__", StringComparison.Ordinal), feed.Value))), cancellation: cancellation);
    }
}
