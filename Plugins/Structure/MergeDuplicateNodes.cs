using System.Collections.Immutable;
using TransformFramework.Diagnostics;
using TransformFramework.Graphs;
using TransformFramework.Toolkit.Classic;
using TransformFramework.Toolkit.Ops;
using TransformFramework.Transforms;

namespace TransformFramework.Structure;

/// <summary>
/// Merges nodes of equal op, inputs, attributes and device, again and again until none are equal.
/// <code>
/// a = Relu(x)            a = Relu(x)
/// b = Relu(x)        →   y = Add(a, a)
/// y = Add(a, b)
/// </code>
/// Stateful ops stay, and so do the run's inputs and outputs. What the graph computes does not change. The result is listed in the order of the
/// original's node hash. The original also merges placeholders that are not listed as inputs, nodes of different loop frames, and outputs
/// listed with a port; without --verbatim these stay.
/// </summary>
[Transform("merge_duplicate_nodes", Summary = "Merges nodes that compute the same.", IsClassic = true)]
public sealed class MergeDuplicateNodes : Transform
{
    protected override Graph Apply(Graph graph, TransformContext context)
    {
        HashSet<string> keptNames = [.. context.InputNames, .. context.OutputNames];
        if (!context.IsVerbatim)
            keptNames.UnionWith(keptNames.Select(name => new NodeInput(name).Node).ToArray());
        var unmergeable = new UnmergeableOps(context);
        var frames = context.IsVerbatim ? null : LoopFrames.Of(graph, out _);
        while (true)
        {
            context.Cancellation.ThrowIfCancellationRequested();
            var renames = new Dictionary<string, string>(StringComparer.Ordinal);
            var nodes = ImmutableArray.CreateBuilder<Node>(graph.Nodes.Length);
            foreach (var group in Groups(graph, keptNames, frames))
            {
                nodes.Add(group[0]);
                foreach (Node duplicate in group.Skip(1))
                {
                    if (unmergeable.Contains(duplicate))
                        nodes.Add(duplicate);
                    else
                        renames[duplicate.Name + ":*"] = group[0].Name;
                }
            }
            foreach (Node node in graph.Nodes)
                unmergeable.Check(node);
            graph = graph.WithNodes(nodes.ToImmutable());
            if (renames.Count == 0)
                return graph.AsNodesOnly(context);
            context.Count("nodes merged", renames.Count);
            graph = InputRenaming.Apply(graph, renames);
        }
    }

    private static IEnumerable<List<Node>> Groups(Graph graph, HashSet<string> keptNames, Dictionary<string, string>? frames)
    {
        var groups = new SortedDictionary<ulong, List<(string Frame, List<Node> Nodes)>>();
        foreach (Node node in graph.Nodes)
        {
            ulong hash = NodeHash.Compute(node, keptNames.Contains(node.Name) ? node.Name : "");
            string frame = frames?.GetValueOrDefault(node.Name) ?? "";
            if (!groups.TryGetValue(hash, out var sameHash))
                groups[hash] = sameHash = [];
            var group = sameHash.Find(entry => entry.Frame == frame).Nodes;
            if (group is null)
                sameHash.Add((frame, group = []));
            group.Add(node);
        }
        return groups.Values.SelectMany(sameHash => sameHash.Select(entry => entry.Nodes));
    }

    /// <summary>Ops whose nodes differ although they look the same.</summary>
    private sealed class UnmergeableOps(TransformContext context)
    {
        private readonly OpRelease release = context.IsVerbatim ? OpRelease.Tf115 : OpRelease.Union;
        private readonly HashSet<string> unknown = new(StringComparer.Ordinal);

        public bool Contains(Node node)
        {
            if (!context.IsVerbatim && node.Op is "Placeholder" or "PlaceholderV2")
                return true;
            return OpTable.Find(node.Op, release) is not { IsStateful: false };
        }

        public void Check(Node node)
        {
            if (OpTable.Find(node.Op, release) is not null || !unknown.Add(node.Op))
                return;
            if (context.IsVerbatim)
                throw new TransformException(StatusKind.NotFound, $"Op type not registered '{node.Op}' in binary running on HOST. Make sure the Op and Kernel are registered in the binary running in this process.", node.Name);
            context.Report(Diagnostic.Warning("TFX2011", $"op '{node.Op}' is not known, so its nodes are not merged") with { Node = node.Name });
        }
    }
}
