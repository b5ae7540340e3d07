using System.Collections.Immutable;
using TransformFramework.Diagnostics;
using TransformFramework.Graphs;
using TransformFramework.Toolkit.Graphs;
using TransformFramework.Toolkit.Ops;
using TransformFramework.Transforms;

namespace TransformFramework.Toolkit.Classic;

/// <summary>Merges nodes of equal op, inputs, attributes and device until none are equal; the result is in the order of the node hash.</summary>
public static class DuplicateMerging
{
    /// <summary>The graph without duplicates. In verbatim mode also placeholders that are not listed as inputs and nodes of different loop frames are merged.</summary>
    /// <exception cref="TransformException">NotFound, in verbatim mode: an op is not known.</exception>
    public static Graph Apply(Graph graph, TransformContext context)
    {
        HashSet<string> keptNames = [.. context.InputNames, .. context.OutputNames];
        if (!context.IsVerbatim)
            keptNames.UnionWith(keptNames.Select(name => new NodeInput(name).Node).ToArray());
        var unmergeable = new UnmergeableOps(context);
        var frames = context.IsVerbatim ? [] : LoopFrames.Of(graph, out _);
        var hashes = new Dictionary<Node, ulong>(ReferenceEqualityComparer.Instance);
        while (true)
        {
            context.Cancellation.ThrowIfCancellationRequested();
            var renames = new Dictionary<string, string>(StringComparer.Ordinal);
            var nodes = ImmutableArray.CreateBuilder<Node>(graph.Nodes.Length);
            foreach (var group in Groups(graph, node => HashOf(node, keptNames, hashes), frames))
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
                return graph;
            context.Count("nodes merged", renames.Count);
            graph = InputRenaming.Apply(graph, renames);
        }
    }

    /// <summary>Nodes of the same hash and loop frame, in the order of hashes and, where these are equal, of the graph.</summary>
    private static IEnumerable<Node[]> Groups(Graph graph, Func<Node, ulong> hashOf, Dictionary<string, string> frames)
    {
        ulong[] hashes = [.. graph.Nodes.Select(hashOf)];
        int[] order = [.. Enumerable.Range(0, hashes.Length)];
        Array.Sort(hashes, order);
        for (int start = 0, end; start < order.Length; start = end)
        {
            end = start + 1;
            while (end < order.Length && hashes[end] == hashes[start])
                end++;
            if (end == start + 1)
            {
                yield return [graph.Nodes[order[start]]];
                continue;
            }
            Array.Sort(order, start, end - start);
            var nodes = order[start..end].Select(index => graph.Nodes[index]);
            foreach (var group in nodes.GroupBy(node => frames.GetValueOrDefault(node.Name, ""), StringComparer.Ordinal))
                yield return [.. group];
        }
    }

    /// <summary>A node's hash; that of a node that the last round left alone is known.</summary>
    private static ulong HashOf(Node node, HashSet<string> keptNames, Dictionary<Node, ulong> known)
    {
        if (!known.TryGetValue(node, out ulong hash))
            known[node] = hash = NodeHash.Compute(node, keptNames.Contains(node.Name) ? node.Name : "");
        return hash;
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
            context.Report(ToolkitDiagnostics.UnknownOp.At(node, node.Op, "its nodes are not merged"));
        }
    }
}
