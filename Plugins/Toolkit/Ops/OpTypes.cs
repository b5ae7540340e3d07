using System.Collections.Immutable;
using TransformFramework.Diagnostics;
using TransformFramework.Graphs;
using TransformFramework.Transforms;

namespace TransformFramework.Toolkit.Ops;

/// <summary>Element types and numbers of a node's inputs and outputs, from its op's definition, its attributes and the defaults of those that it lacks.</summary>
public static class OpTypes
{
    /// <summary>Types of the data inputs, lists expanded.</summary>
    /// <exception cref="TransformException">NotFound: an attribute that the definition needs is absent and has no default.</exception>
    public static ImmutableArray<DataType> InputTypes(Node node, OpDefinition definition) => Expand(node, definition, definition.Inputs);

    /// <summary>Types of the outputs, lists expanded.</summary>
    /// <exception cref="TransformException">NotFound: an attribute that the definition needs is absent and has no default.</exception>
    public static ImmutableArray<DataType> OutputTypes(Node node, OpDefinition definition) => Expand(node, definition, definition.Outputs);

    /// <summary>Number of the first port of a named output, or -1 when the op has none of that name.</summary>
    /// <exception cref="TransformException">NotFound: an attribute that the definition needs is absent and has no default.</exception>
    public static int FirstPort(Node node, OpDefinition definition, string output)
    {
        int port = 0;
        foreach (ArgumentDefinition argument in definition.Outputs)
        {
            if (argument.Name == output)
                return port;
            port += Expand(node, definition, [argument]).Length;
        }
        return -1;
    }

    /// <summary>The named output that a port belongs to and the port's place in it, or null when the node has no such port.</summary>
    /// <exception cref="TransformException">NotFound: an attribute that the definition needs is absent.</exception>
    public static (string Output, int Index)? OutputAt(Node node, OpDefinition definition, int port)
    {
        foreach (ArgumentDefinition argument in definition.Outputs)
        {
            int count = Expand(node, definition, [argument]).Length;
            if (port < count)
                return (argument.Name, port);
            port -= count;
        }
        return null;
    }

    private static ImmutableArray<DataType> Expand(Node node, OpDefinition definition, ImmutableArray<ArgumentDefinition> arguments)
    {
        var types = ImmutableArray.CreateBuilder<DataType>(arguments.Length);
        foreach (ArgumentDefinition argument in arguments)
        {
            if (argument.TypeListAttribute.Length > 0)
            {
                foreach (AttributeValue item in Attribute<ListValue>(node, definition, argument.TypeListAttribute, "list(type)").Items)
                    types.Add(Reference(argument, item is TypeValue listed ? listed.Value : DataType.Invalid));
                continue;
            }
            long count = argument.NumberAttribute.Length > 0 ? Attribute<IntValue>(node, definition, argument.NumberAttribute, "int").Value : 1;
            if (count is < 0 or > 1 << 20)
                throw new TransformException(StatusKind.InvalidArgument, $"attr '{argument.NumberAttribute}' of node '{node.Name}' is {count}", node.Name);
            DataType element = argument.TypeAttribute.Length > 0 ? Attribute<TypeValue>(node, definition, argument.TypeAttribute, "type").Value : argument.Type;
            DataType type = Reference(argument, element);
            for (; count > 0; count--)
                types.Add(type);
        }
        return types.ToImmutable();
    }

    private static DataType Reference(ArgumentDefinition argument, DataType type) => argument.IsReference ? type.AsReference() : type;

    private static T Attribute<T>(Node node, OpDefinition definition, string name, string kind)
        where T : AttributeValue
    {
        AttributeValue? value = node.Attributes.TryGetValue(name, out var given) ? given : definition.Attribute(name)?.Default;
        if (value is null)
            throw new TransformException(StatusKind.NotFound, $"No attr named '{name}' in NodeDef: {node.Name} = {node.Op}", node.Name);
        return value as T
            ?? throw new TransformException(StatusKind.InvalidArgument, $"AttrValue had value with type '{value.Kind}' when '{kind}' expected: attr '{name}' of node '{node.Name}'", node.Name);
    }
}
