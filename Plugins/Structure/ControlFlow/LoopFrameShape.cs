using System.Collections.Immutable;
using TransformFramework.Graphs;
using TransformFramework.Toolkit.Weights;
using TransformFramework.Transforms;

namespace TransformFramework.Structure.ControlFlow;

/// <summary>The nodes of a loop frame, by the part that they play.</summary>
internal sealed class LoopFrameShape
{
    private readonly Graph graph;
    private readonly HashSet<string> members;

    private LoopFrameShape(Graph graph, string name, ImmutableArray<Node> enters, HashSet<string> members)
    {
        this.graph = graph;
        this.members = members;
        Name = name;
        Enters = enters;
        Variables = [.. enters.Where(enter => !IsInvariant(enter)).Select(Variable)];
        Invariants = [.. enters.Where(IsInvariant)];
        Conditions = [.. Members("LoopCond")];
        (ConditionNodes, BodyNodes) = Parts();
    }

    public string Name { get; }

    public ImmutableArray<Node> Enters { get; }

    /// <summary>Loop variables: each with the nodes on its way, null where the graph has not exactly one.</summary>
    public ImmutableArray<LoopVariable> Variables { get; }

    /// <summary>Enter nodes of values that stay the same.</summary>
    public ImmutableArray<Node> Invariants { get; }

    public ImmutableArray<Node> Conditions { get; }

    /// <summary>Nodes that the condition is computed by.</summary>
    public ImmutableArray<Node> ConditionNodes { get; }

    /// <summary>All other nodes of the loop, in graph order.</summary>
    public ImmutableArray<Node> BodyNodes { get; }

    /// <summary>A frame without loops inside that is not among those left out, or null.</summary>
    public static LoopFrameShape? Innermost(Graph graph, IReadOnlySet<string> leftOut)
    {
        foreach (var frame in graph.Nodes.Where(node => node.Op == "Enter").GroupBy(FrameName, StringComparer.Ordinal))
        {
            if (frame.Key.Length == 0 || leftOut.Contains(frame.Key))
                continue;
            ImmutableArray<Node> enters = [.. frame];
            var inside = Inside(graph, enters);
            bool isInnermost = !graph.Nodes.Any(node => node.Op is "Enter" or "RefEnter" && FrameName(node) != frame.Key && inside.Contains(node.Name));
            if (isInnermost)
                return new(graph, frame.Key, enters, inside);
        }
        return null;
    }

    public bool Contains(string node) => members.Contains(node);

    /// <summary>The nodes of the frame that have an op.</summary>
    public IEnumerable<Node> Members(string op) => graph.Nodes.Where(node => node.Op == op && members.Contains(node.Name));

    /// <summary>Why the frame cannot be raised, or null.</summary>
    public string? Decline(TransformContext context)
    {
        if (Conditions.Length != 1)
            return $"it has {Conditions.Length} LoopCond nodes";
        if (Variables.IsEmpty)
            return "it has no loop variable";
        if (Variables.FirstOrDefault(variable => variable.Merge is null || variable.Next is null || variable.Switch is null) is { } open)
            return $"the loop variable of '{open.Enter.Name}' does not go through one Merge, one Switch and one NextIteration";
        if (Variables.FirstOrDefault(variable => new NodeInput(variable.Switch!.Inputs[1].Text).Node != Conditions[0].Name) is { } other)
            return $"'{other.Switch!.Name}' does not switch by '{Conditions[0].Name}'";
        var merges = Variables.Select(variable => variable.Merge!.Name).ToHashSet(StringComparer.Ordinal);
        var plumbing = Plumbing();
        foreach (Node node in BodyNodes)
        {
            if (node.DataInputs.Any(input => merges.Contains(input.Node)))
                return $"'{node.Name}' of the body reads a loop variable before its Switch";
            if (node.DataInputs.Any(input => Variables.Any(variable => variable.Switch!.Name == input.Node && input.Port != 1)))
                return $"'{node.Name}' reads a loop variable as it is after the loop";
        }
        foreach (Node node in ConditionNodes.Concat(BodyNodes))
        {
            if (context.IsListed(node.Name))
                return $"'{node.Name}' is an input or output of the run";
            if (node.Inputs.FirstOrDefault(input => !members.Contains(input.Node)) is { Text: not null } outside)
                return $"'{node.Name}' reads '{outside}' from outside the loop";
        }
        if (graph.Nodes.FirstOrDefault(node => !members.Contains(node.Name) && node.Inputs.Any(input => members.Contains(input.Node) && graph.Find(input.Node) is not { Op: "Exit" })) is { } reader)
            return $"'{reader.Name}' reads the inside of the loop";
        return plumbing.Any(context.IsListed) ? "a node of its frame is an input or output of the run" : null;
    }

    /// <summary>Names of the nodes that carry loop variables, but for the exits.</summary>
    public HashSet<string> Plumbing() =>
    [
        .. Enters.Select(enter => enter.Name), .. Conditions.Select(condition => condition.Name),
        .. Variables.SelectMany(variable => new[] { variable.Merge, variable.Switch, variable.Next }).OfType<Node>().Select(node => node.Name),
    ];

    private static string FrameName(Node node) => node.String("frame_name", "");

    private static HashSet<string> Inside(Graph graph, ImmutableArray<Node> enters)
    {
        var inside = new HashSet<string>(StringComparer.Ordinal);
        var pending = new Stack<Node>(enters);
        while (pending.TryPop(out Node? node))
        {
            if (!inside.Add(node.Name) || node.Op == "Exit")
                continue;
            foreach (Consumer consumer in graph.ConsumersOf(node))
                pending.Push(consumer.Node);
        }
        return inside;
    }

    private bool IsInvariant(Node enter) =>
        enter.Bool("is_constant", otherwise: false) || !graph.ConsumersOf(enter).Any(consumer => consumer.Node.Op == "Merge");

    private LoopVariable Variable(Node enter)
    {
        Node? merge = Only(graph.ConsumersOf(enter).Where(consumer => consumer.Input >= 0).Select(consumer => consumer.Node), "Merge");
        if (merge is null || merge.DataInputs.Count() != 2)
            return new(enter, null, null, null, []);
        Node? next = merge.DataInputs.Select(input => graph.Find(input.Node)).OfType<Node>().SingleOrDefault(node => node.Op == "NextIteration");
        Node? choice = Only(graph.ConsumersOf(merge).Where(consumer => consumer.Input == 0).Select(consumer => consumer.Node).Where(node => node.Op == "Switch"), "Switch");
        return new(enter, merge, choice, next, choice is null ? [] : [.. graph.ConsumersOf(choice).Select(consumer => consumer.Node).Where(node => node.Op == "Exit")]);
    }

    private static Node? Only(IEnumerable<Node> nodes, string op) => nodes.Distinct().Take(2).ToArray() is [{ } only] && only.Op == op ? only : null;

    private (ImmutableArray<Node> Condition, ImmutableArray<Node> Body) Parts()
    {
        var plumbing = Plumbing();
        var condition = new HashSet<string>(StringComparer.Ordinal);
        var pending = new Stack<string>(Conditions.SelectMany(node => node.Inputs).Select(input => input.Node));
        while (pending.TryPop(out string? name))
        {
            if (plumbing.Contains(name) || !members.Contains(name) || !condition.Add(name))
                continue;
            foreach (NodeInput input in graph.Find(name)?.Inputs ?? [])
                pending.Push(input.Node);
        }
        var inside = graph.Nodes.Where(node => members.Contains(node.Name) && node.Op != "Exit" && !plumbing.Contains(node.Name));
        var neededByBody = new HashSet<string>(StringComparer.Ordinal);
        pending = new(inside.Where(node => !condition.Contains(node.Name)).Select(node => node.Name).Concat(Variables.Select(variable => variable.Next?.DataInputs.First().Node ?? "")));
        while (pending.TryPop(out string? name))
        {
            if (plumbing.Contains(name) || !members.Contains(name) || !neededByBody.Add(name))
                continue;
            foreach (NodeInput input in graph.Find(name)?.DataInputs ?? [])
                pending.Push(input.Node);
        }
        return ([.. inside.Where(node => condition.Contains(node.Name))], [.. inside.Where(node => neededByBody.Contains(node.Name))]);
    }
}

/// <summary>A loop variable: the nodes that carry it.</summary>
internal sealed record LoopVariable(Node Enter, Node? Merge, Node? Switch, Node? Next, ImmutableArray<Node> Exits);
