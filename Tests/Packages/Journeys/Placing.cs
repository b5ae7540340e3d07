using TransformFramework.Graphs;
using TransformFramework.Transforms;

/// <summary>Puts every node on a device.</summary>
[Transform("place", Summary = "Puts every node on a device.")]
public sealed class Place : Transform<Place.Options>
{
    public sealed record Options
    {
        [Option("device", "The device.")]
        public required string Device { get; init; }
    }

    protected override Graph Apply(Graph graph, Options options, TransformContext context) => graph.Select(node => node with { Device = options.Device });
}
