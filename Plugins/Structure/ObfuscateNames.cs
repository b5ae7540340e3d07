using TransformFramework.Diagnostics;
using TransformFramework.Graphs;
using TransformFramework.Toolkit.Classic;
using TransformFramework.Transforms;

namespace TransformFramework.Structure;

/// <summary>
/// Replaces node names by the shortest possible ones, which makes files smaller and hides the structure.
/// <code>
/// conv1/weights = Const()                0 = Const()
/// y = Conv2D(x, conv1/weights)       →   y = Conv2D(x, 0)
/// </code>
/// Inputs and outputs keep their names. The original protects only names listed without a port and leaves colocations (<c>_class</c>) on the old
/// names; without --verbatim ports do not matter and colocations follow.
/// </summary>
[Transform("obfuscate_names", Summary = "Replaces node names by short ones.", Aliases = ["obsfucate_names"], IsClassic = true)]
public sealed class ObfuscateNames : Transform
{
    private const string Digits = "0123456789abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ";

    protected override Graph Apply(Graph graph, TransformContext context)
    {
        HashSet<string> kept = [.. context.InputNames, .. context.OutputNames];
        if (!context.IsVerbatim)
            kept.UnionWith(kept.Select(name => new NodeInput(name).Node).ToArray());
        var names = new Dictionary<string, string>(StringComparer.Ordinal);
        long next = 0;
        foreach (Node node in graph.Nodes)
            names[node.Name] = kept.Contains(node.Name) ? node.Name : NextName(ref next, kept);
        return graph.Select(node => Rename(node, names, context)).AsNodesOnly(context);
    }

    private static Node Rename(Node node, Dictionary<string, string> names, TransformContext context)
    {
        foreach (NodeInput input in node.Inputs)
        {
            if (!names.ContainsKey(input.Node))
                throw new TransformException(StatusKind.InvalidArgument, $"No node named {input.Node} for input to {node.Name}", node.Name);
        }
        Node renamed = node with { Name = names[node.Name], Inputs = [.. node.Inputs.Select(input => input.WithNode(names[input.Node]))] };
        return context.IsVerbatim ? renamed : Colocations.Rename(renamed, names);
    }

    private static string NextName(ref long next, HashSet<string> kept)
    {
        while (true)
        {
            string name = Base62(next++);
            if (!kept.Contains(name))
                return name;
        }
    }

    private static string Base62(long number)
    {
        string text = "";
        do
        {
            text = Digits[(int)(number % Digits.Length)] + text;
            number /= Digits.Length;
        }
        while (number > 0);
        return text;
    }
}
