using System.Collections.Immutable;
using System.Globalization;
using TransformFramework.Diagnostics;
using TransformFramework.Graphs;
using TransformFramework.Toolkit.Classic;
using TransformFramework.Toolkit.Ops;
using TransformFramework.Transforms;

namespace TransformFramework.Structure;

/// <summary>
/// Puts a Print node behind nodes, so that a run logs their values.
/// <code>
/// a = Relu(x)            a = Relu(x)
/// y = Neg(a)         →   a__print__ = Print(a:0, a:0) {message=";a__print__;"}
///                        y = Neg(a__print__:0)
/// </code>
/// Only nodes that something reads are logged, filtered by op and by prefix of the name. Values pass unchanged; readers of other ports than 0 are not redirected. The
/// original lists the types of all outputs even when only some are logged, and logs nodes without outputs; without --verbatim the types fit and such nodes are
/// left out.
/// </summary>
[Transform("insert_logging", Summary = "Puts Print nodes behind nodes.", IsClassic = true)]
public sealed class InsertLogging : Transform<InsertLogging.Options>
{
    public sealed record Options
    {
        [Option("op", "Only nodes of these ops; may be repeated.")]
        public ImmutableArray<string> Op { get; init; } = [];

        [Option("prefix", "Only nodes whose names begin so; may be repeated.")]
        public ImmutableArray<string> Prefix { get; init; } = [];

        [Option("message", "Text before the values.")]
        public string Message { get; init; } = "";

        [Option("show_name", "Print the name too.")]
        public bool ShowName { get; init; }

        [Option("show_op", "Print the op too.")]
        public bool ShowOp { get; init; }

        [Option("first_n", "Print only this many times; -1 for always.")]
        public int FirstN { get; init; } = -1;

        [Option("summarize", "Print this many values of each tensor.")]
        public int Summarize { get; init; } = 1024;
    }

    protected override Graph Apply(Graph graph, Options options, TransformContext context)
    {
        var ports = UsedPorts(graph);
        var renames = new Dictionary<string, string>(StringComparer.Ordinal);
        var prints = new HashSet<string>(StringComparer.Ordinal);
        var nodes = ImmutableArray.CreateBuilder<Node>(graph.Nodes.Length);
        foreach (Node node in graph.Nodes)
        {
            nodes.Add(node);
            if (!ports.TryGetValue(node.Name, out var used) || !IsWanted(node, options) || Print(node, used, options, context) is not { } print)
                continue;
            nodes.Add(print);
            renames[node.Name + ":0"] = print.Name + ":0";
            prints.Add(print.Name);
            context.Count("nodes logged");
        }
        return InputRenaming.Apply(graph.WithNodes(nodes.ToImmutable()), renames, prints).AsNodesOnly(context);
    }

    private static Dictionary<string, SortedSet<int>> UsedPorts(Graph graph)
    {
        var ports = new Dictionary<string, SortedSet<int>>(StringComparer.Ordinal);
        foreach (Node node in graph.Nodes)
        {
            foreach (NodeInput input in node.Inputs)
            {
                string suffix = new NodeInput(input.Canonical).Suffix;
                if (!int.TryParse(suffix.AsSpan(1), NumberStyles.AllowLeadingSign, CultureInfo.InvariantCulture, out int port))
                    throw new TransformException(StatusKind.InvalidArgument, $"Couldn't understand output number in {input}", node.Name);
                if (!ports.TryGetValue(input.Node, out var used))
                    ports[input.Node] = used = [];
                used.Add(port);
            }
        }
        return ports;
    }

    private static bool IsWanted(Node node, Options options) =>
        (options.Op.IsEmpty || options.Op.Contains(node.Op))
        && (options.Prefix.IsEmpty || options.Prefix.Any(prefix => node.Name.StartsWith(prefix, StringComparison.Ordinal)));

    private static Node? Print(Node node, SortedSet<int> ports, Options options, TransformContext context)
    {
        OpDefinition definition = OpTable.Find(node.Op, context.IsVerbatim ? OpRelease.Tf115 : OpRelease.Union)
            ?? throw new TransformException(StatusKind.NotFound, $"Op type not registered '{node.Op}' in binary running on HOST. Make sure the Op and Kernel are registered in the binary running in this process.", node.Name);
        if (context.IsVerbatim)
            _ = OpTypes.InputTypes(node, definition);
        var types = OpTypes.OutputTypes(node, definition);
        if (types.IsEmpty && !context.IsVerbatim)
        {
            context.Explain(node.Name, $"op '{node.Op}' has no outputs to print");
            return null;
        }
        ImmutableArray<int> logged = context.IsVerbatim ? [.. ports] : [.. ports.Where(port => port >= 0 && port < types.Length)];
        var listed = context.IsVerbatim ? types : [.. logged.Select(port => types[port])];
        string name = node.Name + "__print__";
        string message = (options.ShowOp ? $";{node.Op};" : "") + (options.ShowName ? $";{name};" : "") + options.Message;
        return new(
            name,
            "Print",
            [$"{node.Name}:0", .. logged.Select(port => (NodeInput)string.Create(CultureInfo.InvariantCulture, $"{node.Name}:{port}"))],
            AttributeMap.Of(
                ("T", types.IsEmpty ? DataType.Invalid : types[0]),
                ("U", AttributeValue.Types(listed.AsSpan())),
                ("message", message),
                ("first_n", options.FirstN),
                ("summarize", options.Summarize)));
    }
}
