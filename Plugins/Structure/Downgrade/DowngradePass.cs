using TransformFramework.Graphs;
using TransformFramework.Toolkit.Ops.Releases;
using TransformFramework.Toolkit.Patterns;
using TransformFramework.Transforms;

namespace TransformFramework.Structure.Downgrade;

/// <summary>One sweep over the nodes of a graph: each that the target does not take as it is, is rewritten by the rule of its op.</summary>
internal sealed class DowngradePass(Graph graph, TensorFlowRelease target, TransformContext context)
{
    /// <summary>Why nodes were not rewritten, by run and node; read when the graph is refused.</summary>
    private static readonly System.Runtime.CompilerServices.ConditionalWeakTable<TransformContext, Dictionary<string, Decline>> Declines = [];

    /// <summary>How many nodes were rewritten.</summary>
    public int Rewritten { get; private set; }

    /// <summary>Why a node was not rewritten, or null when its op has no rule.</summary>
    public static Decline? DeclineOf(Node node, TransformContext context) => Declines.TryGetValue(context, out var declines) ? declines.GetValueOrDefault(node.Name) : null;

    public Graph Run()
    {
        var facts = new GraphFacts(graph, context);
        var lacking = ReleaseVerifier.Lacking(graph, target).ToLookup(problem => problem.Node!, ReferenceEqualityComparer.Instance);
        var edit = new GraphEdit();
        var redirected = new Dictionary<string, NodeInput>(StringComparer.Ordinal);
        foreach (Node node in graph.Nodes)
        {
            if (!lacking.Contains(node) && !DowngradeRules.IsForced(node, target))
                continue;
            var site = new DowngradeSite(facts, node, target, context);
            Decline? decline = DowngradeRules.Find(node.Op) is { } rule ? rule(site) : new Decline($"op '{node.Op}' has no rule");
            if (!site.IsReplaced && decline is not null && CastAround.Rewrite(site, lacking[node]) is null)
                decline = null;
            if (!site.IsReplaced)
            {
                Explain(node, decline!);
                continue;
            }
            edit.Replace(node, [.. site.Nodes]);
            foreach (var (port, result) in site.Redirected)
                redirected[port] = result;
            Rewritten++;
        }
        return Rewritten == 0 ? graph : FlowTypes.Repair(Redirect(graph.Apply(edit), redirected));
    }

    private void Explain(Node node, Decline decline)
    {
        Declines.GetOrCreateValue(context)[node.Name] = decline;
        context.Decline(node, decline);
    }

    private static Graph Redirect(Graph result, Dictionary<string, NodeInput> redirected) => redirected.Count == 0 ? result : result.Select(node =>
        node.Inputs.Any(input => !input.IsControl && redirected.ContainsKey(input.Canonical)) ? node with { Inputs = [.. node.Inputs.Select(input => Target(input, redirected))] } : node);

    private static NodeInput Target(NodeInput input, Dictionary<string, NodeInput> redirected)
    {
        for (int i = 0; i <= redirected.Count && !input.IsControl && redirected.TryGetValue(input.Canonical, out var next) && next.Canonical != input.Canonical; i++)
            input = next;
        return input;
    }
}
