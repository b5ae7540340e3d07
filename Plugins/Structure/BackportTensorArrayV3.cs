using TransformFramework.Graphs;
using TransformFramework.Toolkit.Classic;
using TransformFramework.Transforms;

namespace TransformFramework.Structure;

/// <summary>
/// Turns the tensor arrays of version 3 into version 2, for old runtimes. The flow output, which version 2 lacks, becomes a constant.
/// <code>
/// a = TensorArrayV3(n)                   a = TensorArrayV2(n)
/// w = TensorArrayWriteV3(a, i, v, a:1)   a/replacement_flow_node = Const() {dtype=float, value=1}
///                                    →   w = TensorArrayWriteV2(a, i, v, a/replacement_flow_node)
/// </code>
/// As in the original: attributes that version 2 does not know stay, and TensorArrayGradWithShape is left alone.
/// </summary>
[Transform("backport_tensor_array_v3", Summary = "Turns version 3 tensor arrays into version 2.", IsClassic = true)]
public sealed class BackportTensorArrayV3 : Transform
{
    private static readonly string[] Followers = ["Write", "Read", "Gather", "Scatter", "Concat", "Split", "Size", "Close"];

    private static readonly Dictionary<string, string> Backports =
        Followers.ToDictionary(name => $"TensorArray{name}V3", name => $"TensorArray{name}V2", StringComparer.Ordinal);

    protected override Graph Apply(Graph graph, TransformContext context)
    {
        var renames = new Dictionary<string, string>(StringComparer.Ordinal);
        graph = PatternReplacement.Apply(graph, "TensorArrayV3|TensorArrayGradV3", site => Backport(site.Match.Node, renames), allowInconsistencies: true);
        graph = InputRenaming.Apply(graph, renames);
        context.Count("tensor arrays backported", renames.Count);
        return graph.Select(node => Backports.TryGetValue(node.Op, out string? op) ? node with { Op = op } : node).AsNodesOnly(context);
    }

    private static Node[] Backport(Node node, Dictionary<string, string> renames)
    {
        string flow = node.Name + "/replacement_flow_node";
        renames[node.Name + ":1"] = flow;
        return
        [
            node with { Op = node.Op == "TensorArrayV3" ? "TensorArrayV2" : "TensorArrayGradV2" },
            Node.Constant(flow, Tensor.Scalar(1f)),
        ];
    }
}
