using TransformFramework.Graphs;

namespace TransformFramework.Toolkit.Graphs;

/// <summary>A variable of a loop frame.</summary>
/// <param name="Merge">Its value in an iteration.</param>
/// <param name="Initial">What enters the loop.</param>
/// <param name="Next">What the next iteration gets.</param>
/// <param name="Switch">The node that ends or goes on with it.</param>
/// <param name="Exit">The node that gives it after the loop, or null.</param>
public sealed record FrameVariable(Node Merge, NodeInput Initial, NodeInput Next, Node Switch, Node? Exit);

/// <summary>A loop of Enter, Merge, Switch, NextIteration and Exit nodes of one frame name.</summary>
/// <param name="Variables">What the loop carries from an iteration to the next.</param>
/// <param name="Condition">Whether another iteration follows.</param>
/// <param name="Entering">What all Enter nodes of the frame read.</param>
/// <param name="Invariants">The Enter nodes whose values all iterations share.</param>
public sealed record FrameLoop(IReadOnlyList<FrameVariable> Variables, NodeInput Condition, IReadOnlyList<NodeInput> Entering, IReadOnlyList<Node> Invariants)
{
    /// <summary>The loop that an Exit ends, or null when the nodes around it do not make one.</summary>
    public static FrameLoop? Of(Graph graph, Node exit)
    {
        Node? ending = graph.Find(exit.Inputs[0].Node);
        if (ending is not { Op: "Switch" or "RefSwitch" } || graph.Find(ending.Inputs[1].Node) is not { Op: "LoopCond" } condition)
            return null;
        var variables = new List<FrameVariable>();
        var initial = new HashSet<string>(StringComparer.Ordinal);
        string? frame = null;
        foreach (Node choice in graph.ConsumersOf(condition).Where(consumer => consumer.Input == 1).Select(consumer => consumer.Node).Distinct())
        {
            if (graph.Find(choice.Inputs[0].Node) is not { Op: "Merge" or "RefMerge" } merge)
                return null;
            Node[] sources = [.. merge.DataInputs.Select(input => graph.Find(input.Node)).OfType<Node>()];
            Node? enter = Array.Find(sources, source => source.Op is "Enter" or "RefEnter");
            Node? next = Array.Find(sources, source => source.Op is "NextIteration" or "RefNextIteration");
            if (enter is null || next is null)
                return null;
            Node? leaving = graph.ConsumersOf(choice).Where(consumer => consumer.Node.Op is "Exit" or "RefExit").Select(consumer => consumer.Node).FirstOrDefault();
            frame ??= FrameOf(enter);
            initial.Add(enter.Name);
            variables.Add(new(merge, enter.Inputs[0], next.Inputs[0], choice, leaving));
        }
        if (variables.Count == 0 || frame is null)
            return null;
        Node[] entering = [.. graph.Nodes.Where(node => node.Op is "Enter" or "RefEnter" && FrameOf(node) == frame)];
        return new(variables, condition.Inputs[0], [.. entering.Select(node => node.Inputs[0])], [.. entering.Where(node => !initial.Contains(node.Name))]);
    }

    private static string FrameOf(Node enter) => enter.String("frame_name", "");
}
