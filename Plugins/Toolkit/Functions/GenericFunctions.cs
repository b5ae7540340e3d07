using System.Collections.Immutable;
using System.Globalization;
using TransformFramework.Graphs;

namespace TransformFramework.Toolkit.Functions;

/// <summary>
/// Functions whose types are attributes, as one function for each set of types that they are called with: a call of <c>f{T=float}</c> becomes one of <c>f_1</c>, in the body of which
/// <c>T</c> is float.
/// </summary>
public sealed class GenericFunctions
{
    private readonly FunctionIndex functions;
    private readonly Dictionary<string, string> instances = new(StringComparer.Ordinal);
    private readonly HashSet<string> names;
    private readonly List<FunctionDefinition> made = [];

    private GenericFunctions(FunctionLibrary library)
    {
        functions = new(library);
        names = library.Functions.Select(function => function.Signature.Name).ToHashSet(StringComparer.Ordinal);
    }

    /// <summary>The graph with calls of such functions replaced; the same instance when its library has none.</summary>
    public static Graph Instantiate(Graph graph)
    {
        if (!graph.Functions.Functions.Any(IsGeneric))
            return graph;
        var generic = new GenericFunctions(graph.Functions);
        ImmutableArray<FunctionDefinition> plain = [.. graph.Functions.Functions.Select(function => IsGeneric(function) ? function : function with { Nodes = [.. function.Nodes.Select(generic.Rewrite)] })];
        Graph changed = graph.Select(generic.Rewrite);
        return changed.WithFunctions(graph.Functions with { Functions = [.. plain, .. generic.made] });
    }

    /// <summary>An attribute of a body's node with the values of the function's attributes in place of their names.</summary>
    public static AttributeValue Resolve(AttributeValue value, AttributeMap attributes) => value switch
    {
        PlaceholderValue placeholder => attributes.TryGetValue(placeholder.Name, out var given) ? given : value,
        FunctionValue function => function with { Attributes = Resolve(function.Attributes, attributes) },
        ListValue list when list.Items.Any(item => item is PlaceholderValue or FunctionValue) => list with { Items = [.. list.Items.Select(item => Resolve(item, attributes))] },
        _ => value,
    };

    /// <inheritdoc cref="Resolve(AttributeValue, AttributeMap)"/>
    public static AttributeMap Resolve(AttributeMap map, AttributeMap attributes) => AttributeMap.Create(map.Select(entry => KeyValuePair.Create(entry.Key, Resolve(entry.Value, attributes))));

    /// <summary>True for a function of which each argument and result is one tensor, some of a type that an attribute gives.</summary>
    private static bool IsGeneric(FunctionDefinition function) =>
        !function.Signature.Attributes.IsEmpty && function.Signature.Inputs.Concat(function.Signature.Outputs).All(argument => argument.NumberAttribute.Length == 0 && argument.TypeListAttribute.Length == 0);

    private Node Rewrite(Node node)
    {
        if (functions.Find(node.Op) is { } called && IsGeneric(called))
            return node with { Op = InstanceOf(called, node.Attributes), Attributes = AttributeMap.Create(node.Attributes.Where(entry => called.Signature.Attribute(entry.Key) is null)) };
        return node.Attributes.Any(entry => entry.Value is FunctionValue or ListValue { Items: [FunctionValue, ..] })
            ? node with { Attributes = AttributeMap.Create(node.Attributes.Select(entry => KeyValuePair.Create(entry.Key, Rewrite(entry.Value)))) }
            : node;
    }

    private AttributeValue Rewrite(AttributeValue value) => value switch
    {
        FunctionValue function when functions.Find(function.Name) is { } called && IsGeneric(called) => new FunctionValue(InstanceOf(called, function.Attributes), AttributeMap.Empty),
        ListValue list when list.Items.Any(item => item is FunctionValue) => list with { Items = [.. list.Items.Select(Rewrite)] },
        _ => value,
    };

    /// <summary>Name of the function with these values of its attributes.</summary>
    private string InstanceOf(FunctionDefinition function, AttributeMap given)
    {
        var values = AttributeMap.Create(function.Signature.Attributes.Select(attribute => (attribute.Name, Value: given.TryGetValue(attribute.Name, out var value) ? value : attribute.Default)).Where(entry => entry.Value is not null).Select(entry => KeyValuePair.Create(entry.Name, entry.Value!)));
        string key = $"{function.Signature.Name}({string.Join(", ", values.Select(entry => $"{entry.Key}={entry.Value}"))})";
        if (instances.TryGetValue(key, out string? known))
            return known;
        string name = function.Signature.Name;
        for (int i = 1; !names.Add(name); i++)
            name = string.Create(CultureInfo.InvariantCulture, $"{function.Signature.Name}_{i}");
        instances.Add(key, name);
        OpDefinition signature = function.Signature with
        {
            Name = name,
            Inputs = [.. function.Signature.Inputs.Select(argument => Typed(argument, values))],
            Outputs = [.. function.Signature.Outputs.Select(argument => Typed(argument, values))],
            Attributes = [],
        };
        made.Add(function with { Signature = signature, Nodes = [.. function.Nodes.Select(node => Rewrite(node with { Attributes = Resolve(node.Attributes, values) }))] });
        return name;
    }

    private static ArgumentDefinition Typed(ArgumentDefinition argument, AttributeMap values) =>
        argument.TypeAttribute.Length > 0 && values.TryGetValue(argument.TypeAttribute, out var value) && value is TypeValue type ? argument with { Type = type.Value, TypeAttribute = "" } : argument;
}
