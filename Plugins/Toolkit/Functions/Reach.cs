using TransformFramework.Graphs;

namespace TransformFramework.Toolkit.Functions;

/// <summary>What the results of a graph need, through functions at every depth. A function is looked at once, whatever the number of its calls.</summary>
public sealed class Reach
{
    private readonly ScopedGraph graph;
    private readonly bool withControl;
    private readonly HashSet<(string Scope, string Node)> nodes = [];
    private readonly HashSet<(string Scope, string Node, int Port)> tensors = [];
    private readonly Dictionary<string, HashSet<int>> arguments = new(StringComparer.Ordinal);
    private readonly Dictionary<string, List<(GraphScope Scope, Node Node, CallSite Site)>> callers = new(StringComparer.Ordinal);
    private readonly Queue<(GraphScope Scope, NodeInput Input)> pending = new();

    private Reach(ScopedGraph graph, bool withControl)
    {
        this.graph = graph;
        this.withControl = withControl;
    }

    /// <summary>Functions that something needed calls.</summary>
    public IReadOnlyCollection<string> Functions => callers.Keys;

    /// <summary>Walks back from the graph's results.</summary>
    /// <param name="graph">The graph.</param>
    /// <param name="withControl">True to follow control inputs, and every result and effect of a called function; false for what the values of the results come from.</param>
    /// <param name="cancellation">Ends the walk.</param>
    public static Reach Of(ScopedGraph graph, bool withControl, CancellationToken cancellation)
    {
        var reach = new Reach(graph, withControl);
        reach.NeedAll(graph.Main);
        while (reach.pending.TryDequeue(out var next))
        {
            cancellation.ThrowIfCancellationRequested();
            reach.Visit(next.Scope, next.Input);
        }
        return reach;
    }

    /// <summary>True when the node is needed.</summary>
    public bool Contains(GraphScope scope, Node node) => nodes.Contains((scope.Name, node.Name));

    private void NeedAll(GraphScope scope)
    {
        foreach (NodeInput result in scope.Results)
            pending.Enqueue((scope, result));
        foreach (string effect in scope.ControlResults)
            pending.Enqueue((scope, NodeInput.Control(effect)));
    }

    private void Visit(GraphScope scope, NodeInput input)
    {
        if (scope.Find(input.Node) is not { } node || (input.IsControl && !withControl))
            return;
        bool isFirst = nodes.Add((scope.Name, node.Name));
        if (isFirst && withControl)
            Enqueue(scope, node.ControlInputs);
        if (!tensors.Add((scope.Name, node.Name, input.Port)))
            return;
        if (GraphScope.ArgumentOf(node) is >= 0 and var argument)
            NeedArgument(scope.Name, argument);
        else if (CallSite.Of(node, graph.Functions) is { } site)
            VisitCall(scope, node, site, input.Port, isFirst);
        else if (node.Op == "IdentityN" && !withControl)
            Enqueue(scope, node.DataInputs.Skip(input.Port).Take(1));
        else if (isFirst || !withControl)
            Enqueue(scope, node.DataInputs);
    }

    private void VisitCall(GraphScope scope, Node node, CallSite site, int port, bool isFirst)
    {
        if (isFirst)
            Enter(scope, node, site);
        if (withControl || port < 0)
            return;
        foreach (CalledFunction function in site.Producers)
        {
            if (graph.Find(function.Name) is { } body)
                Enqueue(body, body.Results.Skip(port).Take(1));
        }
        if (site.Kind == CallKind.Loop)
            Enqueue(scope, node.DataInputs.Skip(port).Take(1));
    }

    private void Enter(GraphScope scope, Node node, CallSite site)
    {
        if (site.Kind == CallKind.Branch)
            Enqueue(scope, node.DataInputs.Take(1));
        if (withControl)
            Enqueue(scope, node.DataInputs);
        foreach (CalledFunction function in site.Functions)
        {
            if (graph.Find(function.Name) is not { } body)
                continue;
            if (!callers.TryGetValue(function.Name, out var sites))
            {
                callers.Add(function.Name, sites = []);
                if (withControl)
                    NeedAll(body);
            }
            sites.Add((scope, node, site));
            foreach (int argument in arguments.GetValueOrDefault(function.Name, []))
                NeedInput(scope, node, site, argument);
        }
        if (site.Kind == CallKind.Loop && graph.Find(site.Functions[0].Name) is { } condition)
            Enqueue(condition, condition.Results.Take(1));
    }

    private void NeedArgument(string function, int argument)
    {
        if (!arguments.TryGetValue(function, out var known))
            arguments.Add(function, known = []);
        if (!known.Add(argument))
            return;
        foreach (var (scope, node, site) in callers.GetValueOrDefault(function, []))
            NeedInput(scope, node, site, argument);
    }

    private void NeedInput(GraphScope scope, Node node, CallSite site, int argument)
    {
        Enqueue(scope, node.DataInputs.Skip(site.FirstArgument + argument).Take(1));
        if (site.Kind == CallKind.Loop && graph.Find(site.Functions[1].Name) is { } body)
            Enqueue(body, body.Results.Skip(argument).Take(1));
    }

    private void Enqueue(GraphScope scope, IEnumerable<NodeInput> inputs)
    {
        foreach (NodeInput input in inputs)
            pending.Enqueue((scope, input));
    }
}
