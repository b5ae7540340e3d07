using TransformFramework.Graphs;
using TransformFramework.Transforms;

namespace TransformFramework.Structure.Surgery;

/// <summary>
/// Gives the nodes of a name scope another scope, and their readers and colocations with them.
/// <code>
/// model/dense/w = Const()                      net/dense/w = Const()
/// y = MatMul(x, model/dense/w)             →   y = MatMul(x, net/dense/w)
/// </code>
/// An empty old scope puts every node into the new one, an empty new scope takes the nodes out. A name that is taken is an error. Inputs and outputs of the run that would be renamed are an error,
/// as the run goes on asking for them.
/// </summary>
[Transform("rename_scope", Summary = "Renames a name scope.")]
public sealed class RenameScope : Transform<RenameScope.Options>
{
    public sealed record Options
    {
        [Option("old_scope", "The scope, without the last slash; empty for all nodes.")]
        public string OldScope { get; init; } = "";

        [Option("new_scope", "Its other name; empty for none.")]
        public string NewScope { get; init; } = "";
    }

    protected override Graph Apply(Graph graph, Options options, TransformContext context)
    {
        string from = options.OldScope.TrimEnd('/') is { Length: > 0 } old ? old + "/" : "";
        string to = options.NewScope.TrimEnd('/') is { Length: > 0 } other ? other + "/" : "";
        var names = new Dictionary<string, string>(StringComparer.Ordinal);
        foreach (Node node in graph.Nodes.Where(node => node.Name.StartsWith(from, StringComparison.Ordinal) && node.Name.Length > from.Length))
            names[node.Name] = to + node.Name[from.Length..];
        if (names.Count == 0)
            throw StructureDiagnostics.NoNode(from + "…", isOfTransformed: false);
        string? listed = context.InputNames.Concat(context.OutputNames).FirstOrDefault(name => names.ContainsKey(new NodeInput(name).Node));
        if (listed is not null)
            throw StructureDiagnostics.Wrong(StructureDiagnostics.NameTaken, $"'{listed}' is an input or output of the run and would be renamed to '{names[new NodeInput(listed).Node]}'", listed, "Rename the scope in a run without --inputs and --outputs.");
        string? taken = names.Values.FirstOrDefault(name => graph.Find(name) is not null && !names.ContainsKey(name));
        if (taken is not null)
            throw StructureDiagnostics.Wrong(StructureDiagnostics.NameTaken, $"a node is named '{taken}' already", taken, "Choose another scope.");
        context.Count("nodes renamed", names.Count);
        return graph.Select(node => Colocations.Rename(node with
        {
            Name = names.GetValueOrDefault(node.Name, node.Name),
            Inputs = [.. node.Inputs.Select(input => names.TryGetValue(input.Node, out string? name) ? input.WithNode(name) : input)],
        }, names));
    }
}
