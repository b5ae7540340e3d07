using System.Collections.Immutable;
using TransformFramework.Graphs;
using TransformFramework.Toolkit.Patterns;
using TransformFramework.Transforms;

namespace TransformFramework.Quantization.Static;

/// <summary>Which convolutions and products are quantized by the arguments include, exclude and keep_float.</summary>
/// <param name="Chosen">Those that are, in execution order.</param>
/// <param name="Declined">The others, with the argument that keeps them float.</param>
internal sealed record LayerSelection(ImmutableArray<Node> Chosen, ImmutableArray<(Node Node, Decline Decline)> Declined)
{
    /// <exception cref="TransformException">A pattern matches none of the nodes, or keep_float is neither first nor last.</exception>
    public static LayerSelection Of(Graph graph, List<Node> weighted, Quantize.Options options)
    {
        var include = new NodeSelection("include", options.Include, weighted);
        var exclude = new NodeSelection("exclude", options.Exclude, weighted);
        var ends = new EndLayers(graph, weighted);
        if (options.KeepFloat.FirstOrDefault(end => end is not ("first" or "last")) is { } unknown)
            throw new TransformException($"keep_float=\"{unknown}\" is neither first nor last");
        var chosen = ImmutableArray.CreateBuilder<Node>();
        var declined = ImmutableArray.CreateBuilder<(Node, Decline)>();
        foreach (Node node in weighted)
        {
            string? reason = !include.IsEmpty && !include.Contains(node) ? "no include pattern matches it"
                : exclude.Contains(node) ? "an exclude pattern matches it"
                : options.KeepFloat.Contains("first") && ends.IsFirst(node) ? "keep_float=first"
                : options.KeepFloat.Contains("last") && ends.IsLast(node) ? "keep_float=last"
                : null;
            if (reason is null)
                chosen.Add(node);
            else
                declined.Add((node, new(reason, node)));
        }
        return new(chosen.ToImmutable(), declined.ToImmutable());
    }
}
