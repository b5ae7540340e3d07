using System.Collections.Immutable;
using System.Globalization;
using TransformFramework.Diagnostics;
using TransformFramework.Graphs;
using TransformFramework.Toolkit.Classic;
using TransformFramework.Toolkit.Functions;
using TransformFramework.Transforms;

namespace TransformFramework.Structure;

/// <summary>
/// Puts the bodies of called functions in place of their calls, so that other transforms see them.
/// <code>
/// f = PartitionedCall(x) {f=square}      f/mul = Mul(x, x)
/// y = Neg(f)                         →   y = Neg(f/mul:0)
/// </code>
/// The library stays. The original inlines one level of PartitionedCall by the letter of its strings: calls with control inputs fail, ports of named outputs come out
/// wrong, returned arguments and control readers dangle. Without --verbatim calls are inlined by meaning, at every depth, and StatefulPartitionedCall too.
/// </summary>
[Transform("inline_partitionedcall", Summary = "Inlines calls of library functions.", IsClassic = true)]
public sealed class InlinePartitionedCall : Transform
{
    protected override Graph Apply(Graph graph, TransformContext context) =>
        context.IsVerbatim ? ApplyByLetter(graph).AsNodesOnly(context) : ApplyByMeaning(graph, context);

    private static Graph ApplyByMeaning(Graph graph, TransformContext context)
    {
        var (inlined, _, calls) = FunctionInliner.Inline(graph, context.OutputNames, exactNames: true, context.Cancellation);
        if (calls > 0)
            context.Count("calls inlined", calls);
        return calls > 0 ? inlined.WithFunctions(graph.Functions) : graph;
    }

    private static Graph ApplyByLetter(Graph graph)
    {
        var results = new Dictionary<string, string>(StringComparer.Ordinal);
        var nodes = ImmutableArray.CreateBuilder<Node>(graph.Nodes.Length);
        foreach (Node node in graph.Nodes)
        {
            if (node.Op == "PartitionedCall")
                Inline(graph, node, nodes, results);
            else
                nodes.Add(node);
        }
        return graph.WithNodes([.. nodes.Select(node => node with { Inputs = [.. node.Inputs.Select(input => Resolve(input, results))] })]);
    }

    private static void Inline(Graph graph, Node call, ImmutableArray<Node>.Builder nodes, Dictionary<string, string> results)
    {
        if (!call.TryFunction("f", out var called))
            throw new TransformException(StatusKind.NotFound, $"Node {call.Name} has no attribute: f", call.Name);
        FunctionDefinition function = graph.Functions.Find(called.Name)
            ?? throw new TransformException(StatusKind.NotFound, $"function {called.Name} Not found", call.Name);
        if (call.Inputs.Length != function.Signature.Inputs.Length)
            throw new TransformException(StatusKind.InvalidArgument, $"Called function  {called.Name} has invalid input signature.", call.Name);
        var arguments = new Dictionary<string, NodeInput>(StringComparer.Ordinal);
        for (int i = 0; i < call.Inputs.Length; i++)
            arguments[new NodeInput(function.Signature.Inputs[i].Name).Canonical] = call.Inputs[i];
        foreach (Node body in function.Nodes)
        {
            nodes.Add(body with
            {
                Name = $"{call.Name}/{body.Name}",
                Inputs = [.. body.Inputs.Select(input => arguments.TryGetValue(input.Canonical, out var argument) ? argument : (NodeInput)$"{call.Name}/{Shorten(input.Text)}")],
            });
        }
        for (int k = 0; k < function.Signature.Outputs.Length; k++)
        {
            if (function.Returns.TryGetValue(function.Signature.Outputs[k].Name, out string? returned))
                results[string.Create(CultureInfo.InvariantCulture, $"{call.Name}:{k}")] = $"{call.Name}/{Shorten(returned)}";
        }
    }

    private static NodeInput Resolve(NodeInput input, Dictionary<string, string> results)
    {
        for (int depth = 0; depth <= results.Count && results.TryGetValue(input.Canonical, out string? result); depth++)
            input = result;
        return input;
    }

    private static string Shorten(string reference)
    {
        string[] pieces = reference.Split(':');
        return pieces.Length > 2 ? $"{pieces[0]}:{pieces[^1]}" : reference;
    }
}
