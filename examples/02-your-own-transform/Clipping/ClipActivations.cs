using TransformFramework.Graphs;
using TransformFramework.Transforms;

[assembly: TransformApi(1, 0)]

namespace Clipping;

/// <summary>
/// Lets activations clip at a limit of your choice.
/// <code>
/// y = Relu6(x)           →   y = ClippedRelu(x) {limit=4.0}
/// </code>
/// Inputs and control inputs stay. The graph computes something else wherever an activation passes the limit.
/// </summary>
[Transform("clip_activations", Summary = "Replaces Relu6 by ClippedRelu, which clips at a limit.", IsLossy = true)]
public sealed class ClipActivations : Transform<ClipActivations.Options>
{
    public sealed record Options
    {
        [Option("limit", "Largest activation.")]
        public required float Limit { get; init; }

        [Option("op", "Op to replace.")]
        public string Op { get; init; } = "Relu6";
    }

    protected override Graph Apply(Graph graph, Options options, TransformContext context)
    {
        if (options.Limit <= 0)
            throw new TransformException($"limit={options.Limit} would clip every activation to 0") { Suggestion = "Give a limit above 0, such as limit=4." };
        return graph.Select(node =>
        {
            if (node.Op != options.Op)
                return node;
            context.Count("activations clipped");
            return (node with { Op = ClippedRelu.Op }).With(ClippedRelu.Limit, options.Limit);
        });
    }
}
