using TransformFramework.Diagnostics;
using TransformFramework.Graphs;
using TransformFramework.Transforms;

namespace TransformFramework.Toolkit.Functions;

/// <summary>Counts nodes as they would be without calls, each function once. Finds functions that call themselves.</summary>
internal sealed class InlinedSize(ScopedGraph graph)
{
    private readonly Dictionary<string, long> sizes = new(StringComparer.Ordinal);
    private readonly HashSet<string> open = new(StringComparer.Ordinal);

    /// <summary>Nodes of the graph and of each function that a branch or a loop of it needs.</summary>
    public long Total()
    {
        var roots = new HashSet<string>(StringComparer.Ordinal);
        var seen = new HashSet<string>(StringComparer.Ordinal) { "" };
        var pending = new Queue<string>(seen);
        long total = SizeOf("");
        while (pending.TryDequeue(out string? name))
        {
            foreach (Node node in NodesOf(name))
            {
                bool isCall = CallSite.Of(node, graph.Functions) is { Kind: CallKind.Call };
                foreach (string function in CallSite.Mentioned(node).Append(node.Op).Where(function => graph.Functions.Find(function) is not null))
                {
                    if (!isCall && roots.Add(function))
                        total = Add(total, SizeOf(function));
                    if (seen.Add(function))
                        pending.Enqueue(function);
                }
            }
        }
        return total;
    }

    private IEnumerable<Node> NodesOf(string name) => name.Length == 0 ? graph.Main.Nodes : graph.Functions.Find(name)!.Nodes;

    private long SizeOf(string root)
    {
        var path = new Stack<(string Name, IEnumerator<Node> Nodes, long Size)>();
        Open(root, path, caller: null);
        while (path.TryPop(out var level))
        {
            if (!level.Nodes.MoveNext())
            {
                open.Remove(level.Name);
                sizes[level.Name] = level.Size;
                if (path.TryPop(out var above))
                    path.Push(above with { Size = Add(above.Size, level.Size) });
                continue;
            }
            Node node = level.Nodes.Current;
            if (CallSite.Of(node, graph.Functions) is not { Kind: CallKind.Call } site)
            {
                path.Push(level with { Size = Add(level.Size, 1) });
            }
            else if (sizes.TryGetValue(site.Functions[0].Name, out long known))
            {
                path.Push(level with { Size = Add(level.Size, known) });
            }
            else
            {
                path.Push(level);
                Open(site.Functions[0].Name, path, node.Name);
            }
        }
        return sizes[root];
    }

    private void Open(string name, Stack<(string Name, IEnumerator<Node> Nodes, long Size)> path, string? caller)
    {
        if (sizes.TryGetValue(name, out long known))
        {
            path.Push((name, Enumerable.Empty<Node>().GetEnumerator(), known));
            return;
        }
        if (!open.Add(name))
            throw new TransformException(StatusKind.InvalidArgument, $"function '{name}' calls itself, a recursion without end", caller);
        if (name.Length > 0 && graph.Functions.Find(name) is null)
            throw new TransformException(StatusKind.NotFound, $"function {name} Not found", caller);
        path.Push((name, NodesOf(name).GetEnumerator(), 0));
    }

    private static long Add(long left, long right) => left > long.MaxValue - right ? long.MaxValue : left + right;
}
