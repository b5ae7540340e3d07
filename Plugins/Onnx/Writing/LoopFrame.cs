using TransformFramework.Graphs;
using TransformFramework.ModelFiles;

namespace TransformFramework.Onnx.Writing;

/// <summary>A variable of a loop frame.</summary>
/// <param name="Merge">Its value in an iteration.</param>
/// <param name="Initial">What enters the loop.</param>
/// <param name="Next">What the next iteration gets.</param>
/// <param name="Switch">The node that ends or goes on with it, or null.</param>
/// <param name="Exit">The node that gives it after the loop, or null.</param>
internal sealed record FrameVariable(Node Merge, NodeInput Initial, NodeInput Next, Node? Switch, Node? Exit);

/// <summary>A loop of the older kind: nodes between Enter and Exit of one frame name.</summary>
internal sealed record LoopFrame(IReadOnlyList<FrameVariable> Variables, NodeInput Condition, IReadOnlyList<NodeInput> Entering)
{
    /// <exception cref="ModelFormatException">The nodes do not make a loop.</exception>
    public static LoopFrame Of(Graph graph, Node exit)
    {
        Node? ending = graph.Find(exit.Inputs[0].Node);
        if (ending is not { Op: "Switch" or "RefSwitch" } || graph.Find(ending.Inputs[1].Node) is not { Op: "LoopCond" } condition)
            throw Broken(exit);
        var variables = new List<FrameVariable>();
        string? frame = null;
        foreach (Node choice in graph.ConsumersOf(condition).Where(consumer => consumer.Input == 1).Select(consumer => consumer.Node).Distinct())
        {
            Node merge = graph.Find(choice.Inputs[0].Node) is { Op: "Merge" or "RefMerge" } found ? found : throw Broken(exit);
            Node[] sources = [.. merge.DataInputs.Select(input => graph.Find(input.Node)).OfType<Node>()];
            Node enter = Array.Find(sources, source => source.Op is "Enter" or "RefEnter") ?? throw Broken(exit);
            Node next = Array.Find(sources, source => source.Op is "NextIteration" or "RefNextIteration") ?? throw Broken(exit);
            Node? leaving = graph.ConsumersOf(choice).Where(consumer => consumer.Node.Op is "Exit" or "RefExit").Select(consumer => consumer.Node).FirstOrDefault();
            frame ??= FrameOf(enter);
            variables.Add(new(merge, enter.Inputs[0], next.Inputs[0], choice, leaving));
        }
        if (variables.Count == 0 || frame is null)
            throw Broken(exit);
        NodeInput[] entering = [.. graph.Nodes.Where(node => node.Op is "Enter" or "RefEnter" && FrameOf(node) == frame).Select(node => node.Inputs[0])];
        return new(variables, condition.Inputs[0], entering);
    }

    private static string FrameOf(Node enter) => enter.String("frame_name", "");

    private static ModelFormatException Broken(Node exit) => OnnxDiagnostics.Decline($"the nodes around '{exit.Name}' do not make a loop of Enter, Merge, Switch, NextIteration and Exit");
}
