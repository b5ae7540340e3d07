using System.Collections.Immutable;
using TransformFramework.Diagnostics;
using TransformFramework.Graphs;
using TransformFramework.Toolkit.Ops;
using TransformFramework.Transforms;

namespace TransformFramework.Toolkit.Classic;

/// <summary>What TensorFlow's import asks of each node: attributes that its op allows, and as many inputs, of such types, as its op has.</summary>
internal static class ImportChecks
{
    /// <exception cref="TransformException">InvalidArgument: an attribute is unknown to the op, of another kind, or has a value that is not allowed; or data inputs follow control inputs.</exception>
    public static void CheckAttributes(Node node, OpDefinition definition)
    {
        if (node.Inputs.SkipWhile(input => !input.IsControl).FirstOrDefault(input => !input.IsControl) is { Text: not null } late)
            throw Refusal(node, $"Non-control input '{late}' after control input in node '{node.Name}'");
        foreach (var (name, value) in node.Attributes)
        {
            if (name.StartsWith('_'))
                continue;
            AttributeDefinition attribute = definition.Attribute(name) ?? throw Refusal(node, $"NodeDef mentions attr '{name}' not in Op<name={node.Op}>");
            if (!AttributeKinds.Contains(attribute.Kind, value))
                throw Refusal(node, $"AttrValue had value with type '{value.Kind}' when '{attribute.Kind}' expected: attr '{name}' of node '{node.Name}'");
            if (attribute.Minimum is { } minimum && AttributeKinds.Size(value) < minimum)
                throw Refusal(node, $"Value for attr '{name}' of {AttributeKinds.Size(value)} must be at least minimum {minimum} in node '{node.Name}'");
            if (attribute.Allowed is ListValue allowed && AttributeKinds.Elements(value).FirstOrDefault(element => !allowed.Items.Contains(element)) is { } other)
                throw Refusal(node, $"Value for attr '{name}' of {AttributeKinds.Text(other)} is not in the list of allowed values in node '{node.Name}'");
        }
    }

    /// <param name="graph">A graph whose nodes' attributes have passed <see cref="CheckAttributes"/>.</param>
    /// <param name="find">The definition of a node's op, or null.</param>
    /// <exception cref="TransformException">InvalidArgument: a node has more or fewer inputs than its op, or one of another type.</exception>
    public static void CheckInputs(Graph graph, Func<Node, OpDefinition?> find)
    {
        foreach (Node node in graph.Nodes)
        {
            if (find(node) is { } definition && IsTyped(definition, definition.Inputs))
                CheckTypes(graph, node, OpTypes.InputTypes(node, definition), find);
        }
    }

    /// <summary>What <see cref="CheckInputs"/> finds, node by node; attributes that are absent have their defaults.</summary>
    public static IEnumerable<TransformException> Problems(Graph graph)
    {
        foreach (Node node in graph.Nodes)
        {
            if (Problem(graph, node) is { } problem)
                yield return problem;
        }
    }

    private static TransformException? Problem(Graph graph, Node node)
    {
        if (OpTable.Find(node.Op) is not { } definition || !IsTyped(definition, definition.Inputs))
            return null;
        ImmutableArray<DataType> expected;
        try
        {
            expected = OpTypes.InputTypes(OpDefaults.Complete(node), definition);
        }
        catch (TransformException)
        {
            return null;
        }
        try
        {
            CheckTypes(graph, node, expected, producer => IsComplete(producer) ? OpTable.Find(producer.Op) : null);
            return null;
        }
        catch (TransformException problem)
        {
            return problem;
        }
    }

    /// <summary>True when a node's attributes tell the types of its outputs.</summary>
    private static bool IsComplete(Node node)
    {
        try
        {
            return OpTable.Find(node.Op) is { } definition && !OpTypes.OutputTypes(node, definition).IsDefault;
        }
        catch (TransformException)
        {
            return false;
        }
    }

    private static void CheckTypes(Graph graph, Node node, ImmutableArray<DataType> expected, Func<Node, OpDefinition?> find)
    {
        NodeInput[] inputs = [.. node.DataInputs];
        if (inputs.Length != expected.Length)
            throw Refusal(node, $"NodeDef expected inputs '{string.Join(", ", expected.Select(type => type.Name()))}' do not match {inputs.Length} inputs specified in node '{node.Name}' ({node.Op})");
        for (int i = 0; i < inputs.Length; i++)
        {
            if (graph.Find(inputs[i].Node) is not { } producer || find(producer) is not { } definition || !IsTyped(definition, definition.Outputs))
                continue;
            var given = OpTypes.OutputTypes(producer, definition);
            if (inputs[i].Port < 0 || inputs[i].Port >= given.Length)
                throw Refusal(node, $"Node '{node.Name}': Connecting to invalid output {inputs[i].Port} of source node {producer.Name} which has {given.Length} outputs.");
            DataType type = given[inputs[i].Port];
            if (type != expected[i] && type.Base() != expected[i])
                throw Refusal(node, $"Input {i} of node {node.Name} was passed {type.Name()} from {producer.Name}:{inputs[i].Port} incompatible with expected {expected[i].Name()}.");
        }
    }

    /// <summary>False for ops whose arguments a later release typed by attributes that the release at hand does not have: the table holds the later form only.</summary>
    private static bool IsTyped(OpDefinition definition, ImmutableArray<ArgumentDefinition> arguments) =>
        arguments.SelectMany(argument => (string[])[argument.TypeAttribute, argument.TypeListAttribute, argument.NumberAttribute]).All(name => name.Length == 0 || definition.Attribute(name) is not null);

    private static TransformException Refusal(Node node, string message) => new(StatusKind.InvalidArgument, message, node.Name);
}
