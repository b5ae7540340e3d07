using System.Collections.Immutable;
using System.Globalization;
using TransformFramework.Diagnostics;
using TransformFramework.Graphs;
using TransformFramework.Toolkit.Ops;
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
        private readonly FunctionDefinition function;
        private readonly AttributeMap attributes;
        private readonly Dictionary<string, NodeInput> arguments = new(StringComparer.Ordinal);
        private readonly Dictionary<string, Node> body;
        private readonly Graph graph;

        public InlinedCall(Graph graph, Node call)
        {
            this.graph = graph;
            this.call = call;
            if (!call.Attributes.TryGetValue("f", out var value) || value is not FunctionValue called)
                throw new TransformException(StatusKind.NotFound, $"Node {call.Name} has no attribute: f", call.Name);
            function = graph.Functions.Find(called.Name)
                ?? throw new TransformException(StatusKind.NotFound, $"function {called.Name} Not found", call.Name);
            attributes = called.Attributes;
            body = function.Nodes.ToDictionary(node => node.Name, StringComparer.Ordinal);
            ImmutableArray<NodeInput> inputs = [.. call.DataInputs];
            if (inputs.Length != function.Signature.Inputs.Length)
                throw new TransformException(StatusKind.InvalidArgument, $"Called function  {called.Name} has invalid input signature.", call.Name);
            for (int i = 0; i < inputs.Length; i++)
                arguments[function.Signature.Inputs[i].Name] = inputs[i];
            Results = [.. function.Signature.Outputs.Select(output => Result(output.Name))];
            Finished = [.. FinishedControls()];
        }

        public ImmutableArray<NodeInput> Results { get; }

        public ImmutableArray<NodeInput> Finished { get; }

        public IEnumerable<Node> Nodes()
        {
            NodeInput[] controls = [.. call.ControlInputs];
            foreach (Node node in function.Nodes)
            {
                ImmutableArray<NodeInput> inputs = [.. node.Inputs.Select(Translate)];
                if (inputs.All(input => input.IsControl))
                    inputs = [.. inputs, .. controls.Where(control => !inputs.Contains(control))];
                var instantiated = AttributeMap.Create(node.Attributes.Select(entry => KeyValuePair.Create(entry.Key, Instantiate(entry.Value))));
                yield return node with { Name = Inner(node.Name), Inputs = inputs, Attributes = instantiated, Device = node.Device.Length == 0 ? call.Device : node.Device };
            }
        }

        private NodeInput Result(string output) =>
            function.Returns.TryGetValue(output, out string? returned)
                ? Translate(returned)
                : throw new TransformException(StatusKind.InvalidArgument, $"function {function.Signature.Name} returns nothing for its output '{output}'", call.Name);

        private IEnumerable<NodeInput> FinishedControls()
        {
            var controls = function.ControlReturns.Values.Select(Inner)
                .Concat(Results.Select(result => result.Node))
                .Distinct(StringComparer.Ordinal)
                .Select(NodeInput.Control);
            return controls;
        }

        private NodeInput Translate(NodeInput input)
        {
            string[] pieces = input.Text.Split(':');
            string name = pieces[0].TrimStart('^');
            if (input.IsControl)
                return arguments.TryGetValue(name, out var argument) ? NodeInput.Control(argument.Node) : NodeInput.Control(Inner(name));
            if (arguments.TryGetValue(name, out var passed) && !body.ContainsKey(name))
                return passed;
            if (pieces.Length < 3 || !body.TryGetValue(name, out var producer))
                return new NodeInput(Inner(input.Text));
            int index = int.TryParse(pieces[2], NumberStyles.None, CultureInfo.InvariantCulture, out int number) ? number : 0;
            return NodeInput.Data(Inner(name), FirstPort(producer, pieces[1]) + index);
        }

        private int FirstPort(Node producer, string output)
        {
            OpDefinition? definition = graph.Functions.Find(producer.Op)?.Signature ?? OpTable.Find(producer.Op);
            if (definition is null)
                return 0;
            Node typed = producer with { Attributes = AttributeMap.Create(producer.Attributes.Select(entry => KeyValuePair.Create(entry.Key, Instantiate(entry.Value)))) };
            int port = OpTypes.FirstPort(WithDefaults(typed, definition), definition, output);
            return port >= 0
                ? port
                : throw new TransformException(StatusKind.InvalidArgument, $"op '{producer.Op}' has no output '{output}', which function {function.Signature.Name} reads", call.Name);
        }

        private static Node WithDefaults(Node node, OpDefinition definition) =>
            definition.Attributes.Where(attribute => attribute.Default is not null && !node.Attributes.ContainsKey(attribute.Name))
                .Aggregate(node, (current, attribute) => current.With(attribute.Name, attribute.Default!));

        private AttributeValue Instantiate(AttributeValue value) =>
            value is PlaceholderValue placeholder
            && (attributes.TryGetValue(placeholder.Name, out var given) || call.Attributes.TryGetValue(placeholder.Name, out given))
                ? given
                : value;

        private string Inner(string name) => $"{call.Name}/{name}";
    }
}
