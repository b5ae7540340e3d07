using System.Collections.Immutable;
using TransformFramework.Diagnostics;
using TransformFramework.Execution;
using TransformFramework.Graphs;

namespace TransformFramework.Cpu.Planning;

/// <summary>Finds the loop frame of every node: Enter leads into its frame, Exit back out, every other node stays where its inputs are.</summary>
internal static class FrameAnalysis
{
    /// <exception cref="ExecutionException">A node reads from two frames, or leaves a frame that it is not in.</exception>
    public static ImmutableArray<ProgramFrame> Assign(List<ProgramNode> nodes)
    {
        var frames = new List<ProgramFrame> { new(0, -1, "") };
        var children = new Dictionary<(int Parent, string Name), int>();
        int[] assigned = new int[nodes.Count];
        Array.Fill(assigned, -1);
        var ready = new Queue<int>();
        foreach (ProgramNode node in nodes)
        {
            if (node.DataInputs + node.ControlInputs > 0)
                continue;
            assigned[node.Index] = 0;
            ready.Enqueue(node.Index);
        }
        while (ready.TryDequeue(out int index))
        {
            ProgramNode node = nodes[index];
            node.Frame = assigned[index];
            if (node.Kind == NodeKind.Enter)
                EnterFrame(node, frames, children);
            int target = OutputFrame(node, frames);
            if (target < 0)
                throw new ExecutionException(StatusKind.InvalidArgument, $"node '{node.Node.Name}' (Exit) is not inside a loop", node.Node.Name);
            foreach (ProgramEdge edge in node.Edges)
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
        foreach (ProgramNode node in nodes)
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

    /// <summary>The frame of a node's readers.</summary>
    public static int OutputFrame(ProgramNode node, IReadOnlyList<ProgramFrame> frames) => node.Kind switch
    {
        NodeKind.Enter => node.ChildFrame,
        NodeKind.Exit => frames[node.Frame].Parent,
        _ => node.Frame,
    };

    private static void EnterFrame(ProgramNode node, List<ProgramFrame> frames, Dictionary<(int Parent, string Name), int> children)
    {
        string name = node.Node.Attributes.TryGetValue("frame_name", out var value) && value is BytesValue bytes ? bytes.Text : "";
        if (!children.TryGetValue((node.Frame, name), out int child))
        {
            child = frames.Count;
            children.Add((node.Frame, name), child);
            frames.Add(new(child, node.Frame, name));
        }
        frames[child].Entries++;
        node.ChildFrame = child;
        node.IsLoopInvariant = node.Node.Attributes.TryGetValue("is_constant", out var constant) && constant is BoolValue { Value: true };
    }
}
