using TransformFramework.Graphs;
using TransformFramework.Toolkit.Graphs;
using TransformFramework.Toolkit.Simplification;
using TransformFramework.Transforms;

namespace TransformFramework.Structure.Surgery;

/// <summary>
/// Gives a placeholder a fixed value, and drops what the graph then never does: branches that a constant predicate does not take, and dropout that keeps everything.
/// <code>
/// is_training = Placeholder() {dtype=bool}
/// s = Switch(x, is_training)
/// m = Merge(inference of s, training of s:1)   →   m = Identity(inference of x)
/// </code>
/// The value is one element, which fills a known shape, or elements separated by commas. If and Case with a constant selector become a call of the branch.
/// </summary>
[Transform("freeze_input", Summary = "Gives an input a fixed value and drops dead branches and dropout.", NeedsBackend = true)]
public sealed class FreezeInput : Transform<FreezeInput.Options>
{
    public sealed record Options
    {
        [Option("name", "The placeholder.")]
        public required string Name { get; init; }

        [Option("value", "Its value: true, 0.5, or elements separated by commas.")]
        public required string Value { get; init; }
    }

    protected override Graph Apply(Graph graph, Options options, TransformContext context)
    {
        Graph frozen = FixedValue.Apply(graph, options.Name, options.Value);
        Graph living = DeadBranches.Remove(frozen, context.OutputNames, context.Cancellation, shaped => InferredShapes.Of(shaped, context));
        context.Count("nodes removed", graph.Nodes.Length - living.Nodes.Length);
        return living;
    }
}
