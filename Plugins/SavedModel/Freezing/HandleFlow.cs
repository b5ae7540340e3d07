using TransformFramework.Graphs;
using TransformFramework.Toolkit.Functions;

namespace TransformFramework.SavedModel.Freezing;

/// <summary>Follows handles and references of variables from their nodes to every op that gets them, through functions at every depth, branches and loops.</summary>
internal sealed class HandleFlow
{
    private readonly ScopedGraph graph;
    private readonly Dictionary<(string Scope, string Node, int Port), VariableSet> tensors = [];
    private readonly Dictionary<string, ILookup<string, Node>> consumers = new(StringComparer.Ordinal);
    private readonly Dictionary<string, List<(GraphScope Scope, Node Node, CallSite Site)>> callers = new(StringComparer.Ordinal);
    private readonly Queue<(GraphScope Scope, string Node, int Port, Variable Variable)> pending = new();

    private HandleFlow(ScopedGraph graph) => this.graph = graph;

    /// <summary>Follows every variable of the scopes.</summary>
    /// <param name="graph">The graph.</param>
    /// <param name="scopes">The graph's scope and those of the functions that it reaches.</param>
    /// <param name="cancellation">Ends the work.</param>
    public static HandleFlow Of(ScopedGraph graph, IReadOnlyList<GraphScope> scopes, CancellationToken cancellation)
    {
        var flow = new HandleFlow(graph);
        foreach (GraphScope scope in scopes)
            flow.Index(scope);
        foreach (GraphScope scope in scopes)
        {
            foreach (Node node in scope.Nodes.Where(VariableOps.IsVariable))
                flow.Mark(scope, node.Name, 0, Variable.Of(node));
        }
        while (flow.pending.TryDequeue(out var next))
        {
            cancellation.ThrowIfCancellationRequested();
            flow.Follow(next.Scope, next.Node, next.Port, next.Variable);
        }
        return flow;
    }

    /// <summary>The variables that a tensor may be the handle of, or null when it is no handle.</summary>
    public VariableSet? Find(GraphScope scope, NodeInput tensor) =>
        tensor.IsControl ? null : tensors.GetValueOrDefault((scope.Name, tensor.Node, tensor.Port));

    /// <summary>The variables that an output may be the handle of, or null.</summary>
    public VariableSet? Find(GraphScope scope, Node node, int port) => tensors.GetValueOrDefault((scope.Name, node.Name, port));

    private void Index(GraphScope scope)
    {
        consumers[scope.Name] = scope.Nodes.SelectMany(node => node.DataInputs.Select(input => (input.Node, Consumer: node))).ToLookup(pair => pair.Node, pair => pair.Consumer, StringComparer.Ordinal);
        foreach (Node node in scope.Nodes)
        {
            if (CallSite.Of(node, graph.Functions) is not { } site)
                continue;
            foreach (CalledFunction function in site.Functions)
            {
                if (!callers.TryGetValue(function.Name, out var sites))
                    callers.Add(function.Name, sites = []);
                sites.Add((scope, node, site));
            }
        }
    }

    private void Mark(GraphScope scope, string node, int port, Variable variable)
    {
        if (!tensors.TryGetValue((scope.Name, node, port), out VariableSet? set))
            tensors.Add((scope.Name, node, port), set = new());
        if (set.Add(variable))
            pending.Enqueue((scope, node, port, variable));
    }

    private void Follow(GraphScope scope, string producer, int port, Variable variable)
    {
        foreach (Node consumer in consumers[scope.Name][producer].Distinct(ReferenceEqualityComparer.Instance).Cast<Node>())
        {
            int input = 0;
            foreach (NodeInput data in consumer.DataInputs)
            {
                if (data.Node == producer && data.Port == port)
                    Enter(scope, consumer, input, variable);
                input++;
            }
        }
        for (int i = 0; i < scope.Results.Length; i++)
        {
            if (scope.Results[i].Node == producer && scope.Results[i].Port == port)
                Return(scope, i, variable);
        }
    }

    private void Enter(GraphScope scope, Node consumer, int input, Variable variable)
    {
        bool isRead = VariableOps.IsReferenceVariable(variable.Node) && !consumer.Op.StartsWith("Ref", StringComparison.Ordinal) && !VariableOps.Assigns(consumer);
        if (isRead)
            return;
        if (CallSite.Of(consumer, graph.Functions) is { } site)
        {
            int argument = input - site.FirstArgument;
            foreach (CalledFunction function in site.Functions.Where(_ => argument >= 0))
                MarkArgument(function.Name, argument, variable);
            if (site.Kind == CallKind.Loop)
                Mark(scope, consumer.Name, argument, variable);
        }
        else if (VariableOps.PassesOn(consumer.Op))
        {
            bool isPredicate = input > 0 && consumer.Op is "Switch" or "RefSwitch";
            if (isPredicate)
                return;
            Mark(scope, consumer.Name, consumer.Op == "IdentityN" ? input : 0, variable);
            if (consumer.Op is "Switch" or "RefSwitch")
                Mark(scope, consumer.Name, 1, variable);
        }
        else if (input == 0 && VariableOps.Assigns(consumer))
        {
            Mark(scope, consumer.Name, 0, variable);
        }
    }

    private void MarkArgument(string function, int argument, Variable variable)
    {
        if (graph.Find(function) is { } body && body.Nodes.FirstOrDefault(node => GraphScope.ArgumentOf(node) == argument) is { } node)
            Mark(body, node.Name, 0, variable);
    }

    private void Return(GraphScope scope, int result, Variable variable)
    {
        foreach (var (caller, node, site) in callers.GetValueOrDefault(scope.Name, []))
        {
            if (!site.Producers.Any(function => function.Name == scope.Name))
                continue;
            Mark(caller, node.Name, result, variable);
            if (site.Kind != CallKind.Loop)
                continue;
            foreach (CalledFunction function in site.Functions)
                MarkArgument(function.Name, result, variable);
        }
    }
}
