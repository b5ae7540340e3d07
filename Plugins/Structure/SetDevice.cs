using TransformFramework.Graphs;
using TransformFramework.Toolkit.Classic;
using TransformFramework.Transforms;

namespace TransformFramework.Structure;

/// <summary>
/// Assigns a device to every node, or only to those that have none.
/// <code>
/// y = Relu(x)            →   y = Relu(x) @/cpu:0
/// </code>
/// As in the original.
/// </summary>
[Transform("set_device", Summary = "Assigns a device to nodes.", IsClassic = true)]
public sealed class SetDevice : Transform<SetDevice.Options>
{
    public sealed record Options
    {
        [Option("device", "Device string, such as /cpu:0.")]
        public string Device { get; init; } = "";

        [Option("if_default", "Only nodes without a device.")]
        public bool IfDefault { get; init; }
    }

    protected override Graph Apply(Graph graph, Options options, TransformContext context) => graph.Select(node =>
        node.Device == options.Device || (options.IfDefault && node.Device.Length > 0) ? node : node with { Device = options.Device }).AsNodesOnly(context);
}
