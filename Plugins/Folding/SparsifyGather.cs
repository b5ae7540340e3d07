using System.Collections.Immutable;
using TransformFramework.Diagnostics;
using TransformFramework.Graphs;
using TransformFramework.Toolkit.Classic;
using TransformFramework.Toolkit.Weights;
using TransformFramework.Transforms;

namespace TransformFramework.Folding;

/// <summary>
/// Turns look-ups in a mostly zero [N, 1] table into look-ups in a hash table that holds the entries of magnitude 1e-5 and more.
/// <code>
/// w = Const()                    w/indices = Const(), w/values = Const()
/// r = Identity(w)                w/HashTable = HashTable()
/// y = Gather(r, ids)      →      w/InitializeTable = InitializeTable(w/HashTable, w/indices, w/values)
///                                y/LookupTableFind = LookupTableFind(w/HashTable, ids, y/Const)
///                                y = ExpandDims(y/LookupTableFind, y/ExpandDims/Const)
///                                group_deps = NoOp(^w/InitializeTable)
/// </code>
/// Run the node group_deps before the first look-up. GatherV2 must be over axis 0. Small entries become zero: outputs change by up to 1e-5. The original cuts the table from all its
/// other readers; without --verbatim such a match is declined, and so are ids that are not int64. Weights in a variable come from a checkpoint, by the nodes that restore them; these nodes go.
/// </summary>
[Transform("sparsify_gather", Summary = "Turns look-ups in mostly zero tables into hash table look-ups.", IsClassic = true, IsLossy = true)]
public sealed class SparsifyGather : Transform<SparsifyGather.Options>
{
    private static readonly OpPattern Weights = OpPattern.Of("Identity", OpPattern.Of("Const|Variable|VariableV2"));

    private static readonly OpPattern[] Patterns = [OpPattern.Of("Gather", Weights, "*"), OpPattern.Of("GatherV2", Weights, "*", "Const")];

    public sealed record Options
    {
        [Option("input_checkpoint", "Checkpoint with the values of variables: path of its files without .index and .data-….")]
        public string InputCheckpoint { get; init; } = "";

        [Option("group_init_node", "The NoOp that initializes the tables; the first value counts.")]
        public ImmutableArray<string> GroupInitNode { get; init; } = ["group_deps"];
    }

    protected override Graph Apply(Graph graph, Options options, TransformContext context)
    {
        graph = graph.Select(node => node.Attributes.ContainsKey("_output_shapes") ? node.Without("_output_shapes") : node);
        using var variables = new VariableValues(graph, options.InputCheckpoint, context);
        foreach (OpPattern pattern in Patterns)
            graph = Sparsify(graph, pattern, variables, options, context);
        return graph.AsNodesOnly(context);
    }

    /// <summary>Replaces matches until there are none: those that share nodes are found one after the other.</summary>
    private static Graph Sparsify(Graph graph, OpPattern pattern, VariableValues variables, Options options, TransformContext context)
    {
        var references = new ReferenceCounts(graph, context);
        var declined = new HashSet<string>(StringComparer.Ordinal);
        while (true)
        {
            context.Cancellation.ThrowIfCancellationRequested();
            var tables = new List<GatherTable>();
            Graph before = graph;
            graph = PatternReplacement.Apply(before, pattern, site => Replace(before, site, variables, tables, declined, context), allowInconsistencies: true);
            graph = WithInitializer(graph, options.GroupInitNode[0], tables);
            if (tables.Count == 0)
                return graph;
            foreach (GatherTable table in tables)
                references.Add(table.InitializerName);
            graph = references.RemoveUnused(graph, tables.SelectMany(table => table.Removed));
            context.Count("gathers sparsified", tables.Count);
        }
    }

    private static ImmutableArray<Node> Replace(Graph graph, MatchSite site, VariableValues variables, List<GatherTable> tables, HashSet<string> declined, TransformContext context)
    {
        Node gather = site.Match.Node;
        if (!context.IsVerbatim && ReasonToDecline(graph, site, variables, context) is { } reason)
        {
            if (declined.Add(gather.Name))
                context.Decline(gather, reason);
            return site.Match.AllNodes();
        }
        CheckAxis(site.Match);
        var table = new GatherTable(site.Match, variables);
        tables.Add(table);
        return table.Nodes;
    }

    private static string? ReasonToDecline(Graph graph, MatchSite site, VariableValues variables, TransformContext context)
    {
        Node gather = site.Match.Node;
        Node read = site.Match.Inputs[0].Node;
        Node weights = site.Match.Inputs[0].Inputs[0].Node;
        if (weights.Op != "Const" && !variables.AreKnown)
            return $"its weights are in the variable '{weights.Name}'; name the checkpoint with input_checkpoint, or freeze the graph first";
        if (graph.IsSharedBeyond(read, gather) || graph.ConsumersOf(weights).Any(consumer => consumer.Node.Name != read.Name && consumer.Node.Op != "Assign"))
            return $"the table '{weights.Name}' is read elsewhere";
        if (context.IsOutput(read) || context.IsOutput(weights))
            return $"the table '{weights.Name}' is itself an output";
        return gather.TypeAttribute("Tindices") == DataType.Int32 ? "its ids are int32; hash tables have int64 keys" : null;
    }

    private static void CheckAxis(NodeMatch match)
    {
        if (match.Node.Op != "GatherV2")
            return;
        Tensor axis = match.Inputs[2].Node.ConstantValue();
        long value = axis.Type switch
        {
            DataType.Int32 => axis.AsSpan<int>()[0],
            DataType.Int64 => axis.AsSpan<long>()[0],
            _ => throw new TransformException(StatusKind.FailedPrecondition, "Gather axis was not int32 or int64.", match.Node.Name),
        };
        if (value != 0)
            throw new TransformException(StatusKind.FailedPrecondition, $"Transform only applicable to subgraph with GatherV2 over axis 0. Found axis {value}.", match.Node.Name);
    }

    private static Graph WithInitializer(Graph graph, string name, List<GatherTable> tables)
    {
        Node? existing = graph.Nodes.FirstOrDefault(node => node.Name == name && node.Op == "NoOp");
        Node initializer = existing ?? new Node(name, "NoOp");
        Node complete = tables.Count == 0
            ? initializer
            : initializer with { Inputs = [.. initializer.Inputs.Concat(tables.Select(table => NodeInput.Control(table.InitializerName))).OrderBy(input => input.Text, StringComparer.Ordinal)] };
        return existing is null ? graph.WithNodes([.. graph.Nodes, complete]) : graph.Select(node => ReferenceEquals(node, existing) ? complete : node);
    }
}
