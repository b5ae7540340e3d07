using System.Collections.Immutable;
using System.Globalization;
using TransformFramework.Diagnostics;
using TransformFramework.Graphs;
using TransformFramework.Toolkit.Functions;
using TransformFramework.Toolkit.Weights;
using TransformFramework.Transforms;

namespace TransformFramework.Structure.ControlFlow;

/// <summary>
/// Writes branches and loops that call functions as the nodes that runtimes without functions know: Switch and Merge, and Enter, NextIteration, Exit for loops. Calls within their bodies are
/// inlined.
/// <code>
/// y = If(p, x) {then_branch=@f, else_branch=@g}      y/switch = Switch(x, p)
///                                                →   y/then/… of y/switch:1, y/else/… of y/switch
///                                                    y/merge = Merge(y/else/result, y/then/result)
///                                                    y = Identity(y/merge)
/// </code>
/// Names and outputs of the nodes stay: an Identity or IdentityN of the node's name holds its outputs. Loop variables that the body gives back unchanged enter the loop once. The result runs in
/// TensorFlow 1.x. A graph that would grow beyond max_nodes is an error.
/// </summary>
[Transform("lower_control_flow", Summary = "Writes If, Case and While by Switch, Merge, Enter and Exit.")]
public sealed class LowerControlFlow : Transform<LowerControlFlow.Options>
{
    public sealed record Options
    {
        [Option("max_nodes", "Most nodes that the graph may have afterwards.")]
        public long MaxNodes { get; init; } = 1_000_000;
    }

    protected override Graph Apply(Graph graph, Options options, TransformContext context)
    {
        while (true)
        {
            context.Cancellation.ThrowIfCancellationRequested();
            graph = InlineFunctions.Inline(graph, options.MaxNodes, context);
            var functions = new FunctionIndex(graph.Functions);
            Node[] sites = [.. graph.Nodes.Where(node => CallSite.Of(node, functions) is { Kind: CallKind.Branch or CallKind.Loop })];
            if (sites.Length == 0)
                return graph;
            int loops = sites.Count(site => CallSite.Of(site, functions)!.Kind == CallKind.Loop);
            if (loops > 0)
                context.Count("loops lowered", loops);
            if (loops < sites.Length)
                context.Count("branches lowered", sites.Length - loops);
            graph = Lower(graph, [.. sites], functions);
            if (graph.Nodes.Length > options.MaxNodes)
                throw StructureDiagnostics.Wrong(StructureDiagnostics.TooManyNodes, string.Create(CultureInfo.InvariantCulture, $"lowered, the graph has {graph.Nodes.Length} nodes and still more to lower, more than {options.MaxNodes}"), suggestion: "Raise max_nodes; a function that calls itself in a branch cannot be lowered.");
        }
    }

    /// <summary>The graph with branches and loops written out; calls in their bodies stay.</summary>
    internal static Graph Lower(Graph graph, ImmutableArray<Node> sites, FunctionIndex functions)
    {
        var edit = new GraphEdit();
        foreach (Node site in sites)
        {
            CallSite call = CallSite.Of(site, functions)!;
            edit.Replace(site, [.. call.Kind == CallKind.Loop ? new LoopLowering(graph, site, call, functions).Nodes() : new BranchLowering(graph, site, call, functions).Nodes()]);
        }
        return graph.Apply(edit);
    }

    /// <summary>The node that holds a site's outputs under its name.</summary>
    internal static Node Outputs(Node site, ImmutableArray<NodeInput> results, ImmutableArray<AttributeValue> types, IEnumerable<NodeInput> controls) => results.Length switch
    {
        0 => new Node(site.Name, "NoOp", [.. controls]),
        1 => new Node(site.Name, "Identity", [results[0], .. controls]).With("T", types[0]),
        _ => new Node(site.Name, "IdentityN", [.. results, .. controls]).With("T", new ListValue(types)),
    };

    /// <summary>The types of a site's attribute.</summary>
    internal static ImmutableArray<AttributeValue> Types(Node site, string attribute) =>
        site.Attributes.TryGetValue(attribute, out var value) && value is ListValue list ? list.Items : [];

    /// <summary>A function's body for one call; nodes without data inputs wait for the pivot, so that they belong to the branch or the loop.</summary>
    internal static FunctionBody Body(Node site, CalledFunction called, FunctionIndex functions, ImmutableArray<NodeInput> arguments, string prefix)
    {
        FunctionDefinition function = functions.Find(called.Name) ?? throw new TransformException(StatusKind.NotFound, $"function {called.Name} Not found", site.Name);
        if (function.Signature.Inputs.Length != arguments.Length)
            throw StructureDiagnostics.Wrong(StructureDiagnostics.ControlFlow, $"node '{site.Name}' ({site.Op}) gives {arguments.Length} arguments to function '{called.Name}', which has {function.Signature.Inputs.Length}", site.Name);
        return new(functions, function, called.Attributes, arguments, name => $"{prefix}/{name}");
    }

    internal static IEnumerable<Node> Placed(FunctionBody body, NodeInput pivot, string device) => body.Nodes.Select(node =>
    {
        Node placed = node.DataInputs.Any() || node.Inputs.Contains(pivot) ? node : node with { Inputs = [.. node.Inputs, pivot] };
        return placed.Device.Length == 0 ? placed with { Device = device } : placed;
    });

    /// <summary>A truth value as Switch wants it; numbers are true when they are not zero.</summary>
    internal static (NodeInput Predicate, ImmutableArray<Node> Nodes) Predicate(Node site, NodeInput condition, DataType type, string name)
    {
        if (type is DataType.Bool or DataType.Invalid)
            return (condition, []);
        if (type.Size() == 0)
            throw StructureDiagnostics.Wrong(StructureDiagnostics.ControlFlow, $"the condition of node '{site.Name}' ({site.Op}) is a {type.Name()}, which Switch does not take", site.Name);
        return (name, [new Node(name, "Cast", condition).With("SrcT", type).With("DstT", DataType.Bool)]);
    }
}
