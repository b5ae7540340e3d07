using System.Collections.Immutable;
using TransformFramework.Diagnostics;
using TransformFramework.Graphs;
using TransformFramework.Toolkit.Classic;
using TransformFramework.Toolkit.Graphs;
using TransformFramework.Toolkit.Ops;
using TransformFramework.Transforms;

namespace TransformFramework.Structure;

/// <summary>
/// Keeps what the outputs need and cuts the graph at the inputs, which become placeholders.
/// <code>
/// image = DecodeJpeg(file)             image = Placeholder() {dtype=float, shape=[1,224,224,3]}
/// y = Conv2D(image, w)             →   y = Conv2D(image, w)
/// loss = Sub(y, label)
/// </code>
/// Existing placeholders stay as they are, even when type or shape is given. Type and shape come from <c>type_for_name</c> and
/// <c>shape_for_name</c> for the names listed, else from <c>type</c> and <c>shape</c>. The original makes the others float scalars, of PlaceholderWithDefault too. Without --verbatim
/// placeholders with a default stay, other inputs keep the type that their node has, a dimension -1 is unknown, where
/// the original's process ended, and a wrong type or shape is an error even if no input needs it.
/// </summary>
[Transform("strip_unused_nodes", Summary = "Drops everything that the outputs do not need; inputs become placeholders.", IsClassic = true)]
public sealed class StripUnusedNodes : Transform<StripUnusedNodes.Options>
{
    public sealed record Options
    {
        [Option("type", "Type of inputs that become placeholders.", DefaultText = "that of the node; float with --verbatim")]
        public ImmutableArray<string> Type { get; init; } = [];

        [Option("shape", "Shape of inputs that become placeholders, such as \"1,224,224,3\".", DefaultText = "scalar")]
        public ImmutableArray<string> Shape { get; init; } = [];

        [Option("name", "Input whose type and shape are given by the next two.")]
        public ImmutableArray<string> Name { get; init; } = [];

        [Option("type_for_name", "Type of the input of the same place in name.")]
        public ImmutableArray<string> TypeForName { get; init; } = [];

        [Option("shape_for_name", "Shape of the input of the same place in name.")]
        public ImmutableArray<string> ShapeForName { get; init; } = [];

        /// <summary>True when a type or shape is given for an input.</summary>
        internal bool Asks(string input) => !Type.IsEmpty || !Shape.IsEmpty || Name.Contains(input);
    }

    protected override void Check(Options options) => PlaceholderSpecs.Of(options, allowUnknown: true).Check();

    protected override Graph Apply(Graph graph, Options options, TransformContext context)
    {
        var inputs = context.InputNames.Select(name => new NodeInput(name).Node).ToHashSet(StringComparer.Ordinal);
        var needed = Collect(graph, inputs, context);
        Lazy<PlaceholderSpecs> specs = context.IsVerbatim ? new(() => PlaceholderSpecs.Of(options, allowUnknown: false)) : new(PlaceholderSpecs.Of(options, allowUnknown: true));
        var nodes = ImmutableArray.CreateBuilder<Node>();
        foreach (Node node in graph.Nodes)
        {
            if (!needed.Contains(node.Name))
                context.Count("nodes removed");
            else if (!inputs.Contains(node.Name) || node.Op == "Placeholder" || KeepsDefault(graph, node, context))
                nodes.Add(Kept(node, inputs.Contains(node.Name) && options.Asks(node.Name), context));
            else
                nodes.Add(specs.Value.Placeholder(node, context));
        }
        return graph.WithNodes(nodes.ToImmutable()).AsNodesOnly(context);
    }

    /// <summary>A node that stays as it is, with a word where another type or shape was asked for it.</summary>
    private static Node Kept(Node node, bool isAskedFor, TransformContext context)
    {
        if (isAskedFor && !context.IsVerbatim)
            context.Report(StructureDiagnostics.KeptPlaceholder.At(node, node.Name));
        return node;
    }

    /// <summary>A default stands in where nothing feeds the input; one that reads from a pipeline of data, which stays behind, cannot.</summary>
    private static bool KeepsDefault(Graph graph, Node node, TransformContext context)
    {
        if (context.IsVerbatim || node is not { Op: "PlaceholderWithDefault", Inputs.Length: > 0 })
            return false;
        List<Node> producers = graph.Upstream(node.Inputs);
        return producers.TrueForAll(producer => OpTable.Find(producer.Op) is { IsStateful: false })
            && producers.Append(node).All(reader => reader.Inputs.All(input => graph.TryFind(input.Node, out _)));
    }

    private static HashSet<string> Collect(Graph graph, HashSet<string> inputs, TransformContext context)
    {
        var needed = inputs.Where(name => graph.TryFind(name, out _)).ToHashSet(StringComparer.Ordinal);
        var pending = new Stack<string>(context.OutputNames.Select(name => new NodeInput(name).Node));
        foreach (string name in needed)
        {
            if (graph.Find(name) is { } input && KeepsDefault(graph, input, context))
                pending.Push(input.Inputs[0].Node);
        }
        while (pending.TryPop(out string? name))
        {
            if (inputs.Contains(name) && (context.IsVerbatim || needed.Contains(name)))
                continue;
            if (!graph.TryFind(name, out var node))
                throw new TransformException(StatusKind.InvalidArgument, $"Input node {name} not found in graph", name);
            if (!needed.Add(name))
                continue;
            foreach (NodeInput input in node.Inputs)
                pending.Push(input.Node);
        }
        return needed;
    }

    private sealed record PlaceholderSpecs(DataType? Type, TensorShape Shape, Dictionary<string, (string Type, string Shape)> ByName, bool AllowUnknown)
    {
        public static PlaceholderSpecs Of(Options options, bool allowUnknown)
        {
            if (options.Type.Length > 1)
                throw new TransformException("You must pass no more than one default 'type' to strip_unused_nodes");
            if (options.Shape.Length > 1)
                throw new TransformException("You must pass no more than one default 'shape' to strip_unused_nodes");
            DataType? type = options.Type.IsEmpty ? null : ParseType(options.Type[0]);
            TensorShape shape = options.Shape.IsEmpty ? TensorShape.Scalar : ShapeParsing.Parse(options.Shape[0], allowUnknown);
            var byName = new Dictionary<string, (string, string)>(StringComparer.Ordinal);
            if (options.Name.Length != options.TypeForName.Length)
                throw new TransformException("You must pass a 'type_for_name' arg for every 'name', e.g. strip_unused_nodes(name=foo, type_for_name=float, name=bar, type_for_name=quint8");
            if (options.Name.Length != options.ShapeForName.Length)
                throw new TransformException("You must pass a 'shape_for_name' arg for every 'name', e.g. strip_unused_nodes(name=foo, shape_for_name=\"2,2,1\", name=bar, shape_for_name=\"1\"");
            for (int i = 0; i < options.Name.Length; i++)
                byName[options.Name[i]] = (options.TypeForName[i], options.ShapeForName[i]);
            return new(type, shape, byName, allowUnknown);
        }

        /// <exception cref="TransformException">A type or shape of a name cannot be parsed.</exception>
        public void Check()
        {
            foreach (var (type, shape) in ByName.Values)
            {
                ParseType(type);
                ShapeParsing.Parse(shape, AllowUnknown);
            }
        }

        public Node Placeholder(Node node, TransformContext context)
        {
            var (type, shape) = ByName.TryGetValue(node.Name, out var spec) ? (ParseType(spec.Type), ShapeParsing.Parse(spec.Shape, AllowUnknown)) : (Type ?? (context.IsVerbatim ? DataType.Float : TypeOf(node)), Shape);
            return new(node.Name, "Placeholder", [], AttributeMap.Of(("dtype", type), ("shape", shape)));
        }

        /// <summary>The type of a node's first output; float where the op table does not tell.</summary>
        private static DataType TypeOf(Node node) =>
            OpTable.Find(node.Op) is { } definition && OpTypes.OutputTypes(node, definition) is [var type and not DataType.Invalid, ..] ? type : DataType.Float;

        private static string Nearest(string text) => DataTypes.KnownNames.FirstOrDefault(name => IsOneEdit(name, text)) is { } nearest ? $"Did you mean '{nearest}'? " : "";

        /// <summary>True when one letter more, less or another makes one word of the other.</summary>
        private static bool IsOneEdit(string left, string right)
        {
            int same = left.Zip(right).TakeWhile(pair => pair.First == pair.Second).Count();
            return left.Length - right.Length is >= -1 and <= 1 && left[Math.Min(left.Length, same + (left.Length >= right.Length ? 1 : 0))..] == right[Math.Min(right.Length, same + (right.Length >= left.Length ? 1 : 0))..];
        }

        private static DataType ParseType(string text) =>
            DataTypes.TryParse(text, out DataType type)
                ? type
                : throw new TransformException(StatusKind.InvalidArgument, $"Couldn't understand type argument '{text}'") { Suggestion = $"{Nearest(text)}Types are {string.Join(", ", DataTypes.KnownNames)}." };
    }
}
