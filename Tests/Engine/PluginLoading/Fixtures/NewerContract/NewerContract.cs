using TransformFramework.Graphs;
using TransformFramework.Transforms;

[assembly: TransformApi(1, 0)]

namespace NewerContract;

[Transform("needs_nothing_new")]
public sealed class NeedsNothingNew : Transform
{
    protected override Graph Apply(Graph graph, TransformContext context) => graph.Select(node => node with { Device = "/newer" });
}

[Transform("needs_the_addition")]
public sealed class NeedsTheAddition : Transform
{
    protected override Graph Apply(Graph graph, TransformContext context) => graph.Select(node => node with { Device = Addition.Answer() });
}
