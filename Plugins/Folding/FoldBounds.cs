using TransformFramework.Diagnostics;
using TransformFramework.Graphs;
using TransformFramework.Toolkit.Ops;
using TransformFramework.Transforms;

namespace TransformFramework.Folding;

/// <summary>The listed inputs and outputs as a run of the graph takes them, and what of the graph is between.</summary>
internal sealed class FoldBounds
{
    private readonly Graph graph;
    private readonly OpRelease release;
    private readonly HashSet<string> fed;
    private readonly bool keepsDefaults;

    /// <exception cref="TransformException">An input or output does not exist, is given twice, or both fed and fetched.</exception>
    public FoldBounds(Graph graph, TransformContext context)
    {
        this.graph = graph;
        keepsDefaults = !context.IsVerbatim;
        release = context.IsVerbatim ? OpRelease.Tf115 : OpRelease.Union;
        if (context.OutputNames.IsEmpty)
            throw new TransformException(StatusKind.InvalidArgument, "Must specify at least one target to fetch or execute.") { Suggestion = "List the graph's outputs with --outputs." };
        var listed = new HashSet<string>(StringComparer.Ordinal);
        foreach (string input in context.InputNames)
        {
            if (!listed.Add(input))
                throw new TransformException(StatusKind.InvalidArgument, $"Endpoint \"{input}\" fed more than once.", new NodeInput(input).Node);
            if (context.OutputNames.Contains(input))
                throw new TransformException(StatusKind.InvalidArgument, $"{input} is both fed and fetched.", new NodeInput(input).Node);
        }
        foreach (string input in context.InputNames)
            CheckInput(input);
        foreach (string output in context.OutputNames)
            CheckOutput(output);
        if (context.OutputNames.FirstOrDefault(output => context.InputNames.Any(input => new NodeInput(input).Canonical == new NodeInput(output).Canonical)) is { } both)
            throw new TransformException(StatusKind.InvalidArgument, $"You must feed a value for placeholder tensor '{new NodeInput(both).Node}': it is both an input and an output", new NodeInput(both).Node);
        fed = context.InputNames.Select(input => new NodeInput(input).Canonical).ToHashSet(StringComparer.Ordinal);
        Outputs = [.. context.OutputNames.Select(output => new NodeInput(output))];
    }

    public IReadOnlyList<NodeInput> Outputs { get; }

    /// <summary>True when the reference is to a fed tensor.</summary>
    public bool IsFed(NodeInput input) => !input.IsControl && fed.Contains(input.Canonical);

    /// <summary>True for an input whose default stays in the graph.</summary>
    public bool HasDefault(Node node) => keepsDefaults && node is { Op: "PlaceholderWithDefault", Inputs.Length: > 0 };

    /// <summary>Names of the nodes that the outputs need, the walk back ending at fed tensors; those that compute defaults of inputs are needed.</summary>
    /// <exception cref="TransformException">InvalidArgument: a producer does not exist.</exception>
    public HashSet<string> Needed(Graph within)
    {
        var needed = new HashSet<string>(StringComparer.Ordinal);
        var open = new Stack<NodeInput>(Outputs.Select(output => new NodeInput(output.Canonical)));
        foreach (string input in fed)
        {
            if (graph.Find(new NodeInput(input).Node) is { } placeholder && HasDefault(placeholder))
                open.Push(placeholder.Inputs[0]);
        }
        while (open.TryPop(out var input))
        {
            if (IsFed(input) || (input.IsControl && fed.Contains(input.Node + ":0")) || needed.Contains(input.Node))
                continue;
            Node node = within.Find(input.Node) ?? throw new TransformException(StatusKind.InvalidArgument, $"Input node {input.Node} not found in graph", input.Node);
            needed.Add(node.Name);
            foreach (NodeInput next in node.Inputs)
                open.Push(next);
        }
        return needed;
    }

    private void CheckInput(string input)
    {
        var reference = new NodeInput(input);
        Node node = graph.Find(reference.Node) ?? throw new TransformException(StatusKind.NotFound, $"FeedInputs: unable to find feed output {input}", reference.Node);
        if (OutputCount(node) is { } count && reference.Port >= count)
            throw new TransformException(StatusKind.InvalidArgument, $"FeedInputs: {input} should have output index < {count}", node.Name);
    }

    private void CheckOutput(string output)
    {
        var reference = new NodeInput(output);
        Node node = graph.Find(reference.Node) ?? throw new TransformException(StatusKind.NotFound, $"FetchOutputs node {output}: not found", reference.Node);
        if (OutputCount(node) is not { } count)
            return;
        if (count == 0)
            throw new TransformException(StatusKind.InvalidArgument, $"Tried to fetch data for '{output}', which produces no output.  To run to a node but not fetch any data, pass '{output}' as an argument to the 'target_node_names' argument of the Session::Run API.", node.Name);
        if (reference.Port >= count)
            throw new TransformException(StatusKind.InvalidArgument, $"FetchOutputs {output}: output index too large, must be < {count}", node.Name);
    }

    private int? OutputCount(Node node) =>
        (graph.Functions.Find(node.Op)?.Signature ?? OpTable.Find(node.Op, release)) is { } definition ? OpTypes.OutputTypes(node, definition).Length : null;
}
