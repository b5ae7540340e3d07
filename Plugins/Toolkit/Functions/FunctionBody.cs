using System.Collections.Immutable;
using System.Globalization;
using TransformFramework.Diagnostics;
using TransformFramework.Graphs;
using TransformFramework.Toolkit.Ops;
using TransformFramework.Transforms;

namespace TransformFramework.Toolkit.Functions;

/// <summary>
/// The body of a library function as graph nodes for one call: references <c>node:output:index</c> become flat ports by the op table, arguments what the caller
/// gives, attribute placeholders the call's attributes.
/// </summary>
public sealed class FunctionBody
{
    private readonly FunctionIndex library;
    private readonly FunctionDefinition function;
    private readonly AttributeMap attributes;
    private readonly ImmutableArray<NodeInput> arguments;
    private readonly Func<string, string> rename;
    private readonly Dictionary<string, Node> body;
    private readonly Dictionary<string, int> argumentIndex = new(StringComparer.Ordinal);

    public FunctionBody(FunctionLibrary library, FunctionDefinition function, AttributeMap attributes, ImmutableArray<NodeInput> arguments, Func<string, string> rename)
        : this(new FunctionIndex(library), function, attributes, arguments, rename)
    {
    }

    /// <param name="library">Where functions that the body calls are defined.</param>
    /// <param name="function">The function.</param>
    /// <param name="attributes">Values of the attribute placeholders.</param>
    /// <param name="arguments">What the function's arguments stand for, in order.</param>
    /// <param name="rename">Name of a body node in the graph.</param>
    /// <exception cref="TransformException">The number of arguments is not the function's, two body nodes have one name, or one reads an output that does not exist.</exception>
    public FunctionBody(FunctionIndex library, FunctionDefinition function, AttributeMap attributes, ImmutableArray<NodeInput> arguments, Func<string, string> rename)
    {
        this.library = library;
        this.function = function;
        this.attributes = attributes;
        this.arguments = arguments;
        this.rename = rename;
        body = new(StringComparer.Ordinal);
        foreach (Node node in function.Nodes)
        {
            if (!body.TryAdd(node.Name, node))
                throw new TransformException(StatusKind.InvalidArgument, $"function {function.Signature.Name} has two nodes named '{node.Name}'");
        }
        if (arguments.Length != function.Signature.Inputs.Length)
            throw new TransformException(StatusKind.InvalidArgument, $"Called function  {function.Signature.Name} has invalid input signature.");
        for (int i = 0; i < arguments.Length; i++)
            argumentIndex[function.Signature.Inputs[i].Name] = i;
        Results = [.. function.Signature.Outputs.Select(output => Result(output.Name))];
        Nodes = [.. function.Nodes.Select(Instantiate)];
    }

    /// <summary>The renamed nodes.</summary>
    public ImmutableArray<Node> Nodes { get; }

    /// <summary>What the function returns, in order.</summary>
    public ImmutableArray<NodeInput> Results { get; }

    /// <summary>Nodes that the function's control outputs name.</summary>
    public IEnumerable<string> ControlReturns => function.ControlReturns.Values.Select(rename);

    private Node Instantiate(Node node) => node with
    {
        Name = rename(node.Name),
        Inputs = [.. node.Inputs.Select(Translate)],
        Attributes = GenericFunctions.Resolve(node.Attributes, attributes),
    };

    private NodeInput Result(string output) =>
        function.Returns.TryGetValue(output, out string? returned)
            ? Translate(returned)
            : throw new TransformException(StatusKind.InvalidArgument, $"function {function.Signature.Name} returns nothing for its output '{output}'");

    private NodeInput Translate(NodeInput input)
    {
        string[] pieces = input.Text.Split(':');
        string name = pieces[0].TrimStart('^');
        bool isArgument = argumentIndex.TryGetValue(name, out int index);
        if (input.IsControl)
            return NodeInput.Control(isArgument ? arguments[index].Node : rename(name));
        if (isArgument && !body.ContainsKey(name))
            return arguments[index];
        if (pieces.Length < 3 || !body.TryGetValue(name, out var producer))
            return new NodeInput(rename(input.Text));
        int offset = int.TryParse(pieces[2], NumberStyles.None, CultureInfo.InvariantCulture, out int number) ? number : 0;
        return NodeInput.Data(rename(name), FirstPort(producer, pieces[1]) + offset);
    }

    private int FirstPort(Node producer, string output)
    {
        OpDefinition? definition = library.Definition(producer.Op);
        if (definition is null)
            return 0;
        int port = OpTypes.FirstPort(WithDefaults(producer with { Attributes = GenericFunctions.Resolve(producer.Attributes, attributes) }, definition), definition, output);
        return port >= 0
            ? port
            : throw new TransformException(StatusKind.InvalidArgument, $"op '{producer.Op}' has no output '{output}', which function {function.Signature.Name} reads");
    }

    private static Node WithDefaults(Node node, OpDefinition definition) =>
        definition.Attributes.Where(attribute => attribute.Default is not null && !node.Attributes.ContainsKey(attribute.Name))
            .Aggregate(node, (current, attribute) => current.With(attribute.Name, attribute.Default!));
}
