using System.Collections.Immutable;
using System.Globalization;
using System.Runtime.InteropServices;
using TransformFramework.Graphs;
using TransformFramework.Toolkit.Ops;

namespace TransformFramework.Keras.Building;

/// <summary>
/// Writes the nodes of a graph or of a function body: names in scopes as TensorFlow makes them, attributes from the op table. In a function body a tensor of the graph around it becomes an argument.
/// </summary>
internal sealed class GraphBuilder
{
    private readonly List<Node> nodes = [];
    private readonly Dictionary<string, int> used = new(StringComparer.OrdinalIgnoreCase);
    private readonly Dictionary<string, Symbol> captures = new(StringComparer.Ordinal);
    private readonly List<Symbol> captured = [];
    private readonly List<FunctionDefinition> functions;
    private readonly GraphBuilder? parent;
    private readonly CancellationToken cancellation;
    private string scope = "";

    public GraphBuilder(CancellationToken cancellation)
    {
        this.cancellation = cancellation;
        functions = [];
    }

    private GraphBuilder(GraphBuilder parent)
    {
        this.parent = parent;
        cancellation = parent.cancellation;
        functions = parent.functions;
    }

    /// <summary>The graph around this body, or the graph itself.</summary>
    public GraphBuilder Root => parent?.Root ?? this;

    /// <summary>Tensors of the graph around it that a body reads, in order of their arguments.</summary>
    public IReadOnlyList<Symbol> Captured => captured;

    /// <summary>The finished graph.</summary>
    public Graph ToGraph() => new([.. nodes], functions.Count == 0 ? null : new FunctionLibrary([.. functions]), new GraphVersions(Producer: 1087));

    /// <summary>Opens a name scope below the current one, made unique; disposing it closes it.</summary>
    public Scope Open(string name) => OpenAs(Unique(Join(name)));

    /// <summary>Opens a scope by its full name, such as the layer's in a function body.</summary>
    public Scope OpenAs(string name)
    {
        string outer = scope;
        scope = name;
        return new(this, outer);
    }

    /// <summary>A placeholder outside all scopes.</summary>
    public Symbol Placeholder(string name, DataType type, TensorShape shape)
    {
        Node node = new Node(Unique(NodeName.Of(name)), "Placeholder").With("dtype", type).With("shape", shape);
        nodes.Add(node);
        return new(this, node.Name, type, shape);
    }

    /// <summary>A constant in the current scope.</summary>
    public Symbol Constant(string name, Tensor value)
    {
        Node node = Node.Constant(Unique(Join(name)), value);
        nodes.Add(node);
        return new(this, node.Name, value.Type, value.Shape) { Constant = value };
    }

    /// <summary>A node with one output.</summary>
    public Symbol Add(string op, string name, TensorShape shape, ImmutableArray<Symbol> inputs, params ReadOnlySpan<(string Name, AttributeValue Value)> attributes) =>
        AddMany(op, name, [shape], inputs, attributes)[0];

    /// <summary>A node with several outputs, of which the shapes are given in order.</summary>
    /// <remarks>Attributes that state types and numbers of inputs are derived from them; others come from the caller or the op table.</remarks>
    public ImmutableArray<Symbol> AddMany(
        string op, string name, ImmutableArray<TensorShape> shapes, ImmutableArray<Symbol> inputs, params ReadOnlySpan<(string Name, AttributeValue Value)> attributes)
    {
        cancellation.ThrowIfCancellationRequested();
        OpDefinition definition = OpTable.Find(op) ?? throw new InvalidOperationException($"op {op} is not in the table");
        var map = new Dictionary<string, AttributeValue>(StringComparer.Ordinal);
        DeriveTypes(definition, inputs, map);
        foreach (var (attribute, value) in attributes)
            map[attribute] = value;
        ImmutableArray<NodeInput> sources = [.. inputs.Select(input => Own(input).Source)];
        Node node = OpDefaults.Complete(new(Unique(Join(name)), op, sources, AttributeMap.Create(map)));
        nodes.Add(node);
        var types = OpTypes.OutputTypes(node, definition);
        return [.. shapes.Select((shape, port) => new Symbol(this, NodeInput.Data(node.Name, port), types[port], shape))];
    }

    /// <summary>A function body inside this graph.</summary>
    public GraphBuilder OpenBody() => new(this);

    /// <summary>A node without outputs, to wait for.</summary>
    public string AddAction(string op, string name, ImmutableArray<Symbol> inputs)
    {
        AddMany(op, name, [], inputs);
        return nodes[^1].Name;
    }

    /// <summary>Makes the node of a symbol wait for another.</summary>
    public void Wait(Symbol symbol, string action)
    {
        int index = nodes.FindLastIndex(node => node.Name == symbol.Source.Node);
        nodes[index] = nodes[index] with { Inputs = nodes[index].Inputs.Add(NodeInput.Control(action)) };
    }

    /// <summary>An argument of this body.</summary>
    public Symbol Argument(string name, DataType type, TensorShape shape) => new(this, Unique(name), type, shape);

    /// <summary>The symbol as one of this builder: a capture when it belongs to the graph around.</summary>
    public Symbol Own(Symbol symbol)
    {
        if (ReferenceEquals(symbol.Owner, this))
            return symbol;
        if (parent is null)
            throw new InvalidOperationException($"tensor {symbol.Source} belongs to another graph");
        Symbol outer = parent.Own(symbol);
        if (captures.TryGetValue(outer.Source.Text, out Symbol? known))
            return known;
        Symbol argument = Argument($"capture_{captured.Count.ToString(CultureInfo.InvariantCulture)}", symbol.Type, symbol.Shape);
        captured.Add(outer);
        return captures[outer.Source.Text] = argument;
    }

    /// <summary>Adds this body to the library.</summary>
    /// <param name="name">Name of the function; made unique.</param>
    /// <param name="arguments">Its arguments without captures.</param>
    /// <param name="captureOrder">Captures that follow the arguments, of this body and of the one that shares its arguments.</param>
    /// <param name="results">What it returns.</param>
    public string Finish(string name, IReadOnlyList<Symbol> arguments, IReadOnlyList<Symbol> captureOrder, IReadOnlyList<Symbol> results)
    {
        string unique = name;
        for (int i = 1; functions.Any(function => function.Signature.Name == unique); i++)
            unique = string.Create(CultureInfo.InvariantCulture, $"{name}_{i}");
        ImmutableArray<Symbol> all = [.. arguments, .. captureOrder.Select(Own)];
        ImmutableArray<Symbol> own = [.. results.Select(Own)];
        var byName = nodes.ToDictionary(node => node.Name, StringComparer.Ordinal);
        ImmutableArray<ArgumentDefinition> outputs = [.. own.Select((result, i) => new ArgumentDefinition(string.Create(CultureInfo.InvariantCulture, $"output_{i}"), result.Type))];
        var returns = ImmutableSortedDictionary.CreateBuilder<string, string>(NameOrder.Instance);
        for (int i = 0; i < own.Length; i++)
            returns[outputs[i].Name] = Spell(own[i].Source, byName).Text;
        functions.Add(new(
            new OpDefinition(unique, [.. all.Select(argument => new ArgumentDefinition(argument.Source.Node, argument.Type))], outputs, []),
            [.. nodes.Select(node => node with { Inputs = [.. node.Inputs.Select(input => Spell(input, byName))] })],
            returns.ToImmutable()));
        return unique;
    }

    private static NodeInput Spell(NodeInput input, Dictionary<string, Node> byName)
    {
        if (!byName.TryGetValue(input.Node, out Node? node))
            return input;
        OpDefinition definition = OpTable.Find(node.Op)!;
        int port = input.Port;
        foreach (ArgumentDefinition output in definition.Outputs)
        {
            int count = OpTypes.OutputTypes(node, definition with { Outputs = [output] }).Length;
            if (port < count)
                return new(string.Create(CultureInfo.InvariantCulture, $"{node.Name}:{output.Name}:{port}"));
            port -= count;
        }
        throw new InvalidOperationException($"{node.Op} has no output {input.Port}");
    }

    private static void DeriveTypes(OpDefinition definition, ImmutableArray<Symbol> inputs, Dictionary<string, AttributeValue> map)
    {
        int at = 0;
        for (int i = 0; i < definition.Inputs.Length && at <= inputs.Length; i++)
        {
            ArgumentDefinition argument = definition.Inputs[i];
            int rest = inputs.Length - at - (definition.Inputs.Length - i - 1);
            bool isList = argument.NumberAttribute.Length > 0 || argument.TypeListAttribute.Length > 0;
            int count = isList ? Math.Max(rest, 0) : 1;
            ImmutableArray<Symbol> mine = inputs.Slice(at, Math.Min(count, inputs.Length - at));
            if (argument.NumberAttribute.Length > 0)
                map[argument.NumberAttribute] = count;
            if (argument.TypeListAttribute.Length > 0)
                map[argument.TypeListAttribute] = AttributeValue.Types([.. mine.Select(symbol => symbol.Type)]);
            if (argument.TypeAttribute.Length > 0 && mine.Length > 0)
                map[argument.TypeAttribute] = mine[0].Type;
            at += count;
        }
    }

    /// <summary>The full name that a node would have in the current scope.</summary>
    public string NameFor(string name) => Join(name);

    private string Join(string name) => scope.Length == 0 ? name : name.Length == 0 ? scope : scope + "/" + name;

    private string Unique(string name)
    {
        ref int count = ref CollectionsMarshal.GetValueRefOrAddDefault(used, name, out bool known);
        if (!known)
            return name;
        string candidate;
        do
        {
            count++;
            candidate = string.Create(CultureInfo.InvariantCulture, $"{name}_{count}");
        }
        while (used.ContainsKey(candidate));
        used[candidate] = 0;
        return candidate;
    }

    /// <summary>An open name scope.</summary>
    internal readonly struct Scope(GraphBuilder builder, string outer) : IDisposable
    {
        /// <summary>Goes back to the scope around.</summary>
        public void Dispose() => builder.scope = outer;
    }
}
