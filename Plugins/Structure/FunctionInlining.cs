using System.Collections.Immutable;
using System.Globalization;
using TransformFramework.Diagnostics;
using TransformFramework.Graphs;
using TransformFramework.Toolkit.Functions;
using TransformFramework.Transforms;

namespace TransformFramework.Structure;

/// <summary>
/// Inlines function calls by meaning. Body references <c>node:output:index</c> become flat ports by the op table, arguments the caller's inputs, attribute
/// placeholders the call's attributes; control inputs of the call go to every body node that would start without inputs, control readers of the call wait for its
/// control outputs and results.
/// </summary>
internal static class FunctionInlining
{
    private const int MaxDepth = 64;

    /// <summary>The graph without calls.</summary>
    /// <exception cref="TransformException">A function is missing, called with other arguments, or calls itself.</exception>
    public static Graph Apply(Graph graph, TransformContext context)
    {
        for (int depth = 0; depth < MaxDepth; depth++)
        {
            var calls = graph.Nodes.Where(node => node.Op is "PartitionedCall" or "StatefulPartitionedCall").ToList();
            if (calls.Count == 0)
                return graph;
            context.Count("calls inlined", calls.Count);
            graph = InlineLevel(graph);
        }
        throw new TransformException(StatusKind.InvalidArgument, $"calls are nested more than {MaxDepth} deep: a function calls itself");
    }

    private static Graph InlineLevel(Graph graph)
    {
        var results = new Dictionary<string, NodeInput>(StringComparer.Ordinal);
        var finished = new Dictionary<string, ImmutableArray<NodeInput>>(StringComparer.Ordinal);
        var nodes = ImmutableArray.CreateBuilder<Node>(graph.Nodes.Length);
        foreach (Node node in graph.Nodes)
        {
            if (node.Op is not ("PartitionedCall" or "StatefulPartitionedCall"))
            {
                nodes.Add(node);
                continue;
            }
            var body = new InlinedCall(graph, node);
            nodes.AddRange(body.Nodes());
            for (int k = 0; k < body.Results.Length; k++)
                results[string.Create(CultureInfo.InvariantCulture, $"{node.Name}:{k}")] = body.Results[k];
            finished[node.Name] = body.Finished;
        }
        return graph.WithNodes([.. nodes.Select(node => node with { Inputs = Redirect(node.Inputs, results, finished) })]);
    }

    private static ImmutableArray<NodeInput> Redirect(ImmutableArray<NodeInput> inputs, Dictionary<string, NodeInput> results, Dictionary<string, ImmutableArray<NodeInput>> finished)
    {
        var redirected = ImmutableArray.CreateBuilder<NodeInput>(inputs.Length);
        foreach (NodeInput input in inputs)
        {
            NodeInput current = input;
            for (int i = 0; i <= results.Count && !current.IsControl && results.TryGetValue(current.Canonical, out var result); i++)
                current = result;
            if (current.IsControl && finished.TryGetValue(current.Node, out var controls))
                redirected.AddRange(controls.Where(control => !redirected.Contains(control)));
            else
                redirected.Add(current);
        }
        return redirected.ToImmutable();
    }

    private sealed class InlinedCall
    {
        private readonly Node call;
        private readonly FunctionBody body;

        public InlinedCall(Graph graph, Node call)
        {
            this.call = call;
            if (!call.Attributes.TryGetValue("f", out var value) || value is not FunctionValue called)
                throw new TransformException(StatusKind.NotFound, $"Node {call.Name} has no attribute: f", call.Name);
            FunctionDefinition function = graph.Functions.Find(called.Name)
                ?? throw new TransformException(StatusKind.NotFound, $"function {called.Name} Not found", call.Name);
            AttributeMap attributes = AttributeMap.Create([.. call.Attributes, .. called.Attributes]);
            try
            {
                body = new(graph.Functions, function, attributes, [.. call.DataInputs], name => $"{call.Name}/{name}");
            }
            catch (TransformException error) when (error.Node is null)
            {
                throw new TransformException(error.Kind, error.Message, call.Name);
            }
        }

        public ImmutableArray<NodeInput> Results => body.Results;

        public ImmutableArray<NodeInput> Finished =>
            [.. body.ControlReturns.Concat(Results.Select(result => result.Node)).Distinct(StringComparer.Ordinal).Select(NodeInput.Control)];

        public IEnumerable<Node> Nodes()
        {
            NodeInput[] controls = [.. call.ControlInputs];
            foreach (Node node in body.Nodes)
            {
                var inputs = node.Inputs;
                if (inputs.All(input => input.IsControl))
                    inputs = [.. inputs, .. controls.Where(control => !inputs.Contains(control))];
                yield return node with { Inputs = inputs, Device = node.Device.Length == 0 ? call.Device : node.Device };
            }
        }
    }
}
