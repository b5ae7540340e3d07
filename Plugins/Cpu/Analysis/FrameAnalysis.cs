using System.Collections.Immutable;
using TransformFramework.Diagnostics;
using TransformFramework.Execution;
using TransformFramework.Graphs;

namespace TransformFramework.Cpu.Analysis;

/// <summary>Finds the loop frame of every node: Enter leads into its frame, Exit back out, every other node stays where its inputs are.</summary>
internal static class FrameAnalysis
{
    /// <exception cref="ExecutionException">A node reads from two frames, or leaves a frame that it is not in.</exception>
    public static ImmutableArray<LoopFrame> Assign(List<AnalyzedNode> nodes)
    {
        var frames = new List<LoopFrame> { new(0, -1, "") };
        var children = new Dictionary<FrameName, int>();
        int[] assigned = new int[nodes.Count];
        for (int i = 0; i < assigned.Length; i++)
            assigned[i] = -1;
        var ready = new Queue<int>();
        foreach (AnalyzedNode node in nodes)
        {
            if (node.DataInputs + node.ControlInputs > 0)
                continue;
            assigned[node.Index] = 0;
            ready.Enqueue(node.Index);
        }
        while (ready.TryDequeue(out int index))
        {
            AnalyzedNode node = nodes[index];
            node.Frame = assigned[index];
            if (node.Kind == NodeKind.Enter)
                EnterFrame(node, frames, children);
            int target = OutputFrame(node, frames);
            if (target < 0)
                throw new ExecutionException(StatusKind.InvalidArgument, $"node '{node.Node.Name}' (Exit) is not inside a loop", node.Node.Name);
            foreach (AnalyzedEdge edge in node.Edges)
            {
                if (assigned[edge.Consumer] < 0)
                {
                    assigned[edge.Consumer] = target;
                    ready.Enqueue(edge.Consumer);
                }
                else if (assigned[edge.Consumer] != target)
                {
                    string name = nodes[edge.Consumer].Node.Name;
                    throw new ExecutionException(StatusKind.InvalidArgument,
                        $"node '{name}' has inputs from different loop frames: '{node.Node.Name}' is in frame '{frames[target].Name}', another one in '{frames[assigned[edge.Consumer]].Name}'", name);
                }
            }
        }
        foreach (AnalyzedNode node in nodes)
        {
            if (assigned[node.Index] < 0)
                throw new ExecutionException(StatusKind.InvalidArgument, $"node '{node.Node.Name}' is part of a cycle that no loop closes", node.Node.Name);
            node.Local = frames[node.Frame].Nodes.Count;
            frames[node.Frame].Nodes.Add(node.Index);
            if (node.Kind == NodeKind.Exit)
                frames[node.Frame].Exits.Add(node.Index);
        }
        return [.. frames];
    }

    /// <summary>The frame of a node's consumers.</summary>
    public static int OutputFrame(AnalyzedNode node, IReadOnlyList<LoopFrame> frames) => node.Kind switch
    {
        NodeKind.Enter => node.ChildFrame,
        NodeKind.Exit => frames[node.Frame].Parent,
        _ => node.Frame,
    };

    private static void EnterFrame(AnalyzedNode node, List<LoopFrame> frames, Dictionary<FrameName, int> children)
    {
        string name = node.Node.String("frame_name", "");
        if (!children.TryGetValue(new(node.Frame, name), out int child))
        {
            child = frames.Count;
            children.Add(new(node.Frame, name), child);
            frames.Add(new(child, node.Frame, name));
        }
        frames[child].Entries++;
        node.ChildFrame = child;
        node.IsLoopInvariant = node.Node.Bool("is_constant", otherwise: false);
    }

    private readonly record struct FrameName(int Parent, string Name);
}
