using System.Collections.Immutable;
using System.Globalization;
using TransformFramework.Diagnostics;
using TransformFramework.Execution;
using TransformFramework.Graphs;
using TransformFramework.Toolkit.Classic;
using TransformFramework.Toolkit.Graphs;
using TransformFramework.Toolkit.Ops;
using TransformFramework.Toolkit.Simplification;
using TransformFramework.Transforms;

namespace TransformFramework.Folding;

/// <summary>
/// Evaluates what is the same in every run, and drops what the outputs do not need.
/// <code>
/// a = Const()                       a/… is gone
/// b = Sqrt(a)                       b/_0__cf__0 = Const()
/// y = Mul(x, b)              →      y = Mul(x:0, b/_0__cf__0)
/// </code>
/// Nothing with state or control flow is evaluated, and without --verbatim no list of tensors or other variant. Shape, Rank and Size of statically known shapes count as constants. Results larger than
/// <c>max_constant_size_in_bytes</c> stay unevaluated. The inputs listed with --inputs must be placeholders; without --verbatim those with a default keep it; every node gets its default attributes, and branches
/// that a constant predicate never takes are gone. An error in
/// evaluating is an error of the transform (recipes therefore say ignore_errors=true). Without --verbatim nodes of unknown ops stay instead of failing.
/// </summary>
[Transform("fold_constants", Summary = "Evaluates constant parts of the graph.", IsClassic = true, NeedsBackend = true)]
public sealed class FoldConstants : Transform<FoldConstants.Options>
{
    private static readonly ImmutableArray<string> Branches = ["Switch", "RefSwitch", "If", "StatelessIf", "Case", "StatelessCase"];

    public sealed record Options
    {
        [Option("clear_output_shapes", "Drop the attribute _output_shapes from every node first.")]
        public bool ClearOutputShapes { get; init; } = true;

        [Option("exclude_op", "An op that is never evaluated; may be repeated.")]
        public ImmutableArray<string> ExcludeOp { get; init; } = [];

        [Option("exclude_node", "A node that is never evaluated; may be repeated.")]
        public ImmutableArray<string> ExcludeNode { get; init; } = [];

        [Option("max_constant_size_in_bytes", "Larger results are not stored; negative for no limit.")]
        public long MaxConstantSizeInBytes { get; init; } = 10 * 1024 * 1024;
    }

    protected override Graph Apply(Graph graph, Options options, TransformContext context)
    {
        Graph folded = Fold(graph, options, context);
        if (context.IsVerbatim || !folded.Nodes.Any(node => Branches.Contains(node.Op)))
            return folded;
        Graph living = DeadBranches.Remove(folded, context.OutputNames, context.Cancellation, shaped => InferredShapes.Of(shaped, context));
        return living.Nodes.Length < folded.Nodes.Length ? Fold(living, options, context) : folded;
    }

    private static Graph Fold(Graph graph, Options options, TransformContext context)
    {
        IBackend backend = context.Backend
            ?? throw new TransformException(StatusKind.FailedPrecondition, "there is no backend to evaluate constants with") { Suggestion = "The plugin 'Cpu' brings one; 'transform_graph plugins' shows what was found." };
        Graph cleared = options.ClearOutputShapes ? graph.Select(node => node.Attributes.ContainsKey("_output_shapes") ? node.Without("_output_shapes") : node) : graph;
        Graph imported = GraphImport.Apply(cleared, context);
        var shapes = Evaluate(() => backend.InferShapes(imported, CompileOptions.Default));
        if (context.IsVerbatim)
            imported = OutputShapeChecks.Drop(imported, shapes);
        var bounds = new FoldBounds(imported, context);
        var needed = bounds.Needed(imported);
        Graph pruned = imported.Where(node => needed.Contains(node.Name));
        var constants = ConstantAnalysis.Of(imported, needed, bounds, shapes, options, backend, context.IsVerbatim);
        Graph folded = Replace(pruned, bounds, constants, options, backend, context);
        return WithInputs(folded, graph, bounds, context);
    }

    /// <summary>Puts a constant in place of each constant tensor that something else reads.</summary>
    private static Graph Replace(Graph graph, FoldBounds bounds, ConstantAnalysis constants, Options options, IBackend backend, TransformContext context)
    {
        int statics = constants.StaticShapes.Values.Sum(outputs => outputs.Length);
        for (int i = 0; i < statics; i++)
            context.Counter.Next();
        NodeInput[] frontier = [.. Frontier(graph, bounds, constants)];
        if (frontier.Length == 0)
            return graph;
        var lists = new ConstantLists(graph, input => Values(graph, constants, [new(input.Canonical)], backend, context)[0]);
        NodeInput[] variants = [.. frontier.Where(input => IsVariant(graph, input))];
        var values = frontier.Except(variants).ToArray() is { Length: > 0 } tensors
            ? tensors.Zip(Values(graph, constants, tensors, backend, context)).ToDictionary(pair => pair.First.Canonical, pair => (Tensor?)pair.Second, StringComparer.Ordinal)
            : new(StringComparer.Ordinal);
        foreach (NodeInput variant in variants)
            values.Add(variant.Canonical, Evaluate(() => lists.Find(variant)));
        var replacements = new Dictionary<string, Node>(StringComparer.Ordinal);
        for (int i = 0; i < frontier.Length; i++)
        {
            if (values[frontier[i].Canonical] is not { } value)
            {
                context.Explain(frontier[i].Node, "its value is a variant that is no list of tensors");
                continue;
            }
            long bytes = value.Type switch
            {
                DataType.String => value.Strings.Sum(text => (long)text.Length),
                DataType.Variant => value.UnknownFields.Bytes.Length,
                _ => value.Bytes.Length,
            };
            if (options.MaxConstantSizeInBytes >= 0 && bytes > options.MaxConstantSizeInBytes)
            {
                context.Explain(frontier[i].Node, string.Create(CultureInfo.InvariantCulture, $"its value has {bytes} bytes, more than max_constant_size_in_bytes={options.MaxConstantSizeInBytes}"));
                continue;
            }
            string name = string.Create(CultureInfo.InvariantCulture, $"{frontier[i].Node}/_{replacements.Count}__cf__{context.Counter.Next()}");
            replacements.Add(frontier[i].Canonical, Node.Constant(name, Stored(value)) with { Inputs = [.. constants.ControlsOf(frontier[i].Node).Select(NodeInput.Control)] });
        }
        context.Count("tensors folded", replacements.Count);
        var nodes = graph.Nodes.Select(node => node with { Inputs = [.. node.Inputs.Select(input => input.IsControl || bounds.IsFed(input) || !replacements.TryGetValue(input.Canonical, out var constant) ? input : constant.Name)] });
        return graph.WithNodes([.. nodes, .. replacements.Values]);
    }

    /// <summary>The value as TensorFlow writes an attribute: raw bytes, but up to one element as a list.</summary>
    private static Tensor Stored(Tensor value) =>
        value.Type is DataType.String or DataType.Variant || value.ElementCount > 1 ? value : Tensor.FromValues(value.Type, value.Shape, value.Bytes);

    private static bool IsVariant(Graph graph, NodeInput input) =>
        graph.Find(input.Node) is { } node && OpTable.Find(node.Op) is { } definition && OpTypes.OutputTypes(node, definition) is var types && input.Port < types.Length && types[input.Port] == DataType.Variant;

    /// <summary>Constant tensors, not of constants as such, that a node which is not constant or an output reads: by name, then port.</summary>
    private static IEnumerable<NodeInput> Frontier(Graph graph, FoldBounds bounds, ConstantAnalysis constants)
    {
        var read = graph.Nodes.Where(node => !constants.IsConstant(node.Name)).SelectMany(node => node.DataInputs).Concat(bounds.Outputs);
        return read.Where(input => !bounds.IsFed(input) && constants.IsConstant(input.Node) && graph.Find(input.Node)!.Op != "Const")
            .Select(input => new NodeInput(input.Canonical))
            .Distinct()
            .OrderBy(input => input.Node, NameOrder.Instance)
            .ThenBy(input => input.Port);
    }

    private static ImmutableArray<Tensor> Values(Graph graph, ConstantAnalysis constants, NodeInput[] frontier, IBackend backend, TransformContext context)
    {
        var feeds = new Dictionary<string, Tensor>(StringComparer.Ordinal);
        foreach (var (name, outputs) in constants.StaticShapes)
        {
            for (int port = 0; port < outputs.Length; port++)
                feeds.Add(NodeInput.Data(name, port).Canonical, outputs[port]);
        }
        Graph constant = graph.WithNodes([.. graph.Nodes.Where(node => constants.IsConstant(node.Name)).Select(node => node with { Inputs = [.. node.DataInputs] })]);
        return Evaluate(() => backend.Compile(constant, [.. frontier.Select(input => input.Canonical)], new CompileOptions { Feeds = [.. feeds.Keys], UseReferenceKernels = true }).Run(feeds, context.Cancellation));
    }

    /// <summary>Drops what the outputs no longer need and puts the inputs last, as they came, in the order of the original's table of receivers.</summary>
    private static Graph WithInputs(Graph folded, Graph original, FoldBounds bounds, TransformContext context)
    {
        var needed = bounds.Needed(folded);
        var inputNames = NativeTableOrder.Of(context.InputNames, ReceiverName).Select(input => new NodeInput(input).Node).Distinct(StringComparer.Ordinal).ToList();
        var inputs = inputNames.Select(name => Input(original.Find(name)!, bounds));
        var kept = folded.Nodes.Where(node => needed.Contains(node.Name) && !inputNames.Contains(node.Name)).Select(node => WithPorts(node, bounds));
        context.Count("nodes removed", original.Nodes.Length - needed.Count - inputNames.Count);
        Graph result = folded.WithNodes([.. kept, .. inputs]);
        return context.IsVerbatim ? result.WithVersions(null) : result;
    }

    private static string ReceiverName(string input)
    {
        var fed = new NodeInput(input);
        return string.Create(CultureInfo.InvariantCulture, $"_recv_{fed.Node}_{fed.Port}");
    }

    private static Node Input(Node node, FoldBounds bounds) => node.Op switch
    {
        "Placeholder" => node,
        "PlaceholderWithDefault" when bounds.HasDefault(node) => node,
        "PlaceholderWithDefault" => node with { Op = "Placeholder", Inputs = [] },
        _ => throw new TransformException(StatusKind.InvalidArgument, $"Input '{node.Name}' was expected to be a Placeholder or PlaceholderWithDefault op, but was {node.Op}", node.Name)
        {
            Suggestion = "Run strip_unused_nodes first; it makes placeholders of the inputs.",
        },
    };

    private static Node WithPorts(Node node, FoldBounds bounds) => node.Inputs.Any(bounds.IsFed)
        ? node with { Inputs = [.. node.Inputs.Select(input => bounds.IsFed(input) ? new NodeInput(input.Canonical) : input)] }
        : node;

    private static T Evaluate<T>(Func<T> evaluate)
    {
        try
        {
            return evaluate();
        }
        catch (ExecutionException error)
        {
            throw new TransformException(error.Kind, error.Message, error.Node, error);
        }
    }
}
