using System.Collections.Immutable;
using System.Globalization;
using TransformFramework.Diagnostics;
using TransformFramework.Graphs;
using TransformFramework.Transforms;

namespace TransformFramework.Toolkit.Functions;

/// <summary>
/// Puts the bodies of called functions in place of their calls, at every depth, in the graph and in the functions that remain. Body references <c>node:output:index</c> become flat ports by the op
/// table, arguments the caller's inputs, attribute placeholders the call's attributes; control inputs of the call go to every body node that would start without inputs, control readers of the
/// call wait for its control outputs and results. Branches and loops stay calls.
/// </summary>
public sealed class FunctionInliner
{
    /// <summary>Nodes that a graph may have after inlining, where nothing else is asked for.</summary>
    public const int MaxNodes = 1_000_000;

    /// <summary>Longest name of a call that names of its body begin with; what is nested deeper is numbered.</summary>
    private const int LongestPrefix = 160;

    private readonly FunctionIndex functions;
    private readonly HashSet<string> names = new(StringComparer.Ordinal);
    private readonly HashSet<string> prefixes = new(StringComparer.Ordinal);
    private readonly Dictionary<string, string> identities = new(StringComparer.Ordinal);
    private readonly Dictionary<string, NodeInput> results = new(StringComparer.Ordinal);
    private readonly Dictionary<string, ImmutableArray<NodeInput>> finished = new(StringComparer.Ordinal);
    private int counter;

    private FunctionInliner(FunctionIndex functions, IEnumerable<Node> nodes)
    {
        this.functions = functions;
        foreach (Node node in nodes)
            Take(node.Name);
    }

    /// <summary>Number of calls that were inlined.</summary>
    public int Calls { get; private set; }

    /// <summary>True for a node whose function is called once, and so can take its place.</summary>
    public static bool IsCall(Node node, FunctionIndex functions) => CallSite.Of(node, functions) is { Kind: CallKind.Call };

    /// <summary>Number of nodes that the graph and the functions that it needs would have without calls; <see cref="long.MaxValue"/> when it is more than that.</summary>
    /// <exception cref="TransformException">NotFound: a called function is missing. InvalidArgument: a function calls itself.</exception>
    public static long Measure(ScopedGraph graph) => new InlinedSize(graph).Total();

    /// <summary>The graph without calls.</summary>
    /// <param name="graph">The graph.</param>
    /// <param name="outputs">Tensors of calls that must keep a name of their own: an Identity of the call's name stands for the first result, one with a number behind it for others.</param>
    /// <param name="exactNames">True to keep the names of other results as well: an IdentityN stands for the call.</param>
    /// <param name="cancellation">Ends the work.</param>
    /// <param name="mostNodes">Nodes that the graph and the functions that it needs may have together.</param>
    /// <returns>The graph; for each output the tensor that it is now; the number of calls.</returns>
    /// <exception cref="TransformException">A function is missing, called with other arguments, or calls itself; or the graph would have too many nodes.</exception>
    public static (Graph Graph, ImmutableArray<string> Outputs, int Calls) Inline(Graph graph, ImmutableArray<string> outputs, bool exactNames, CancellationToken cancellation, long mostNodes = MaxNodes)
    {
        var scoped = new ScopedGraph(graph, outputs);
        if (Measure(scoped) > mostNodes)
            throw new TransformException(StatusKind.InvalidArgument, $"without calls the graph would have more than {mostNodes} nodes") { Suggestion = "Its functions call one another so often that the graph doubles at each level; inline_functions(max_nodes=N) takes another limit." };
        var main = new FunctionInliner(scoped.Functions, graph.Nodes);
        GraphScope inlined = main.Apply(scoped.Main, keepNames: true, exactNames, cancellation);
        int calls = main.Calls;
        var changed = new Dictionary<string, FunctionDefinition>(StringComparer.Ordinal);
        foreach (FunctionDefinition function in scoped.With(inlined.Nodes, changed).Functions.Functions)
        {
            if (!function.Nodes.Any(node => IsCall(node, scoped.Functions)) || scoped.Find(function.Signature.Name) is not { } body)
                continue;
            var inner = new FunctionInliner(scoped.Functions, body.Nodes);
            changed[function.Signature.Name] = inner.Apply(body, keepNames: false, exactNames: false, cancellation).ToFunction(function, [.. function.Signature.Outputs.Select(output => output.Type)], scoped.Functions);
            calls += inner.Calls;
        }
        return (scoped.With(inlined.Nodes, changed), [.. inlined.Results.Select(result => result.Text)], calls);
    }

    private GraphScope Apply(GraphScope scope, bool keepNames, bool exactNames, CancellationToken cancellation)
    {
        var nodes = ImmutableArray.CreateBuilder<Node>(scope.Nodes.Length);
        var kept = keepNames ? scope.Results.ToLookup(result => result.Node, StringComparer.Ordinal) : null;
        var pending = new Stack<IEnumerator<Node>>([((IEnumerable<Node>)scope.Nodes).GetEnumerator()]);
        while (pending.TryPeek(out var level))
        {
            cancellation.ThrowIfCancellationRequested();
            if (!level.MoveNext())
            {
                pending.Pop();
                continue;
            }
            Node node = level.Current;
            if (CallSite.Of(node, functions) is not { Kind: CallKind.Call } site)
            {
                nodes.Add(node);
                continue;
            }
            var body = Expand(node, site.Functions[0]);
            Calls++;
            if (pending.Count == 1 && kept is not null)
                nodes.AddRange(Identities(node, body, [.. kept[node.Name].Where(output => output.Port >= 0 && output.Port < body.Results.Length).DistinctBy(output => output.Port)], exactNames));
            pending.Push(BodyOf(node, body).GetEnumerator());
        }
        ImmutableArray<NodeInput> named = [.. scope.Results.Select(result => identities.TryGetValue(result.Canonical, out string? identity) ? new NodeInput(identity) : Resolve(result))];
        ImmutableArray<string> effects = [.. scope.ControlResults.SelectMany(effect => Expand(NodeInput.Control(effect))).Select(control => control.Node).Distinct(StringComparer.Ordinal)];
        return new(scope.Name, [.. nodes.Select(node => node with { Inputs = Redirect(node.Inputs) })], named, effects);
    }

    private FunctionBody Expand(Node call, CalledFunction called)
    {
        FunctionDefinition function = functions.Find(called.Name) ?? throw new TransformException(StatusKind.NotFound, $"function {called.Name} Not found", call.Name);
        string prefix = Prefix(call.Name);
        foreach (Node node in function.Nodes)
            Take($"{prefix}/{node.Name}");
        FunctionBody body;
        try
        {
            body = new(functions, function, AttributeMap.Create([.. call.Attributes, .. called.Attributes]), [.. call.DataInputs], name => $"{prefix}/{name}");
        }
        catch (TransformException error) when (error.Node is null)
        {
            throw new TransformException(error.Kind, error.Message, call.Name);
        }
        for (int k = 0; k < body.Results.Length; k++)
            results[NodeInput.Data(call.Name, k).Canonical] = body.Results[k];
        finished[call.Name] = [.. body.ControlReturns.Concat(body.Results.Select(result => result.Node)).Distinct(StringComparer.Ordinal).Select(NodeInput.Control)];
        return body;
    }

    private void Take(string name)
    {
        names.Add(name);
        for (int slash = name.LastIndexOf('/'); slash > 0 && prefixes.Add(name[..slash]); slash = name.LastIndexOf('/', slash - 1))
        {
        }
    }

    private string Prefix(string call)
    {
        if (call.Length <= LongestPrefix && !prefixes.Contains(call))
            return call;
        string root = call.Length > LongestPrefix ? call[..Math.Max(call.IndexOf('/', StringComparison.Ordinal), 1)] : call;
        string name;
        do
            name = string.Create(CultureInfo.InvariantCulture, $"{root}/inlined_{counter++}");
        while (names.Contains(name) || prefixes.Contains(name));
        return name;
    }

    private IEnumerable<Node> Identities(Node call, FunctionBody body, ImmutableArray<NodeInput> wanted, bool exactNames)
    {
        ImmutableArray<AttributeValue> types = call.Attributes.TryGetValue("Tout", out var value) && value is ListValue list ? list.Items : [];
        if (exactNames && wanted.Any(output => output.Port > 0))
        {
            foreach (NodeInput output in wanted)
                identities[output.Canonical] = output.Text;
            yield return new Node(call.Name, "IdentityN", [.. body.Results]).With("T", new ListValue(types));
            yield break;
        }
        foreach (NodeInput output in wanted)
        {
            string name = call.Name;
            for (int i = output.Port; output.Port > 0 && !names.Add(name = string.Create(CultureInfo.InvariantCulture, $"{call.Name}_{i}"));)
                i++;
            identities[output.Canonical] = name;
            var identity = new Node(name, "Identity", body.Results[output.Port]);
            yield return types.Length > output.Port ? identity.With("T", types[output.Port]) : identity;
        }
    }

    private static IEnumerable<Node> BodyOf(Node call, FunctionBody body)
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

    private ImmutableArray<NodeInput> Redirect(ImmutableArray<NodeInput> inputs)
    {
        if (!inputs.Any(input => finished.ContainsKey(input.Node)))
            return inputs;
        var redirected = ImmutableArray.CreateBuilder<NodeInput>(inputs.Length);
        foreach (NodeInput input in inputs)
        {
            if (input.IsControl)
                redirected.AddRange(Expand(input).Where(control => !redirected.Contains(control)));
            else
                redirected.Add(Resolve(input));
        }
        return redirected.ToImmutable();
    }

    /// <summary>The tensor that stands for a result of a call.</summary>
    private NodeInput Resolve(NodeInput input)
    {
        while (!input.IsControl && results.TryGetValue(input.Canonical, out var result))
            input = result;
        return input;
    }

    /// <summary>The nodes to wait for in place of a call.</summary>
    private IEnumerable<NodeInput> Expand(NodeInput control)
    {
        var seen = new HashSet<string>(StringComparer.Ordinal);
        var pending = new Stack<NodeInput>([control]);
        while (pending.TryPop(out NodeInput next))
        {
            if (!seen.Add(next.Node))
                continue;
            if (!finished.TryGetValue(next.Node, out var inner))
            {
                yield return next;
                continue;
            }
            for (int i = inner.Length - 1; i >= 0; i--)
                pending.Push(inner[i]);
        }
    }
}
