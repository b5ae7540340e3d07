using System.Collections.Immutable;
using System.Globalization;
using TransformFramework.Graphs;
using TransformFramework.Toolkit.Functions;
using TransformFramework.Transforms;

namespace TransformFramework.Structure.Surgery;

/// <summary>
/// Sets an attribute of the nodes of an op, or of one node.
/// <code>
/// y = MaxPool(x) {padding="SAME"}   →   y = MaxPool(x) {padding="VALID"}
/// </code>
/// The kind of the attribute is that of the op's definition, or of the value that is there, or attribute_type. Lists are written with commas, shapes as 1,28,28,1, types as float. A name that no
/// node has is an error; a value that is not of the attribute's kind is one, too.
/// </summary>
[Transform("set_attribute", Summary = "Sets an attribute of nodes.")]
public sealed class SetAttribute : Transform<SetAttribute.Options>
{
    public sealed record Options
    {
        [Option("attribute_name", "The attribute.")]
        public required string AttributeName { get; init; }

        [Option("attribute_value", "Its value.")]
        public required string AttributeValue { get; init; }

        [Option("attribute_type", "Kind of the attribute: int, float, bool, string, type, shape, or list(…) of one.", DefaultText = "as the op defines it")]
        public string AttributeType { get; init; } = "";

        [Option("op_name", "Op of the nodes; * for every op that has the attribute.")]
        public string OpName { get; init; } = "*";

        [Option("node_name", "The node; all nodes of the op without it.", DefaultText = "")]
        public string NodeName { get; init; } = "";
    }

    protected override Graph Apply(Graph graph, Options options, TransformContext context)
    {
        var functions = new FunctionIndex(graph.Functions);
        if (options.NodeName.Length > 0 && graph.Find(options.NodeName) is null)
            throw StructureDiagnostics.NoNode(options.NodeName);
        return graph.Select(node =>
        {
            bool isMeant = options.NodeName.Length > 0 ? node.Name == options.NodeName : options.OpName == "*" || node.Op == options.OpName;
            if (!isMeant)
                return node;
            string kind = KindOf(node, options, functions);
            if (kind.Length == 0)
            {
                bool isNamed = options.NodeName.Length > 0 || options.OpName != "*";
                return isNamed ? throw StructureDiagnostics.Wrong(StructureDiagnostics.WrongValue, $"op '{node.Op}' of node '{node.Name}' has no attribute '{options.AttributeName}'", node.Name, "Give attribute_type to set it all the same.") : node;
            }
            context.Count("attributes set");
            return node.With(options.AttributeName, Parse(options.AttributeValue, kind, node));
        });
    }

    private static string KindOf(Node node, Options options, FunctionIndex functions)
    {
        if (options.AttributeType.Length > 0)
            return options.AttributeType;
        if (functions.Definition(node.Op)?.Attribute(options.AttributeName) is { } definition)
            return definition.Kind;
        return node.Attributes.TryGetValue(options.AttributeName, out var value) ? KindOf(value) : "";
    }

    private static string KindOf(AttributeValue value) => value switch
    {
        IntValue => "int",
        FloatValue => "float",
        BoolValue => "bool",
        BytesValue => "string",
        TypeValue => "type",
        ShapeValue => "shape",
        ListValue { Items: [var first, ..] } => $"list({KindOf(first)})",
        _ => "",
    };

    private static AttributeValue Parse(string text, string kind, Node node)
    {
        if (!kind.StartsWith("list(", StringComparison.Ordinal) || !kind.EndsWith(')'))
            return Item(text, kind, node);
        string inner = text.Trim().TrimStart('[').TrimEnd(']');
        string[] items = inner.Length == 0 ? [] : inner.Split(',', StringSplitOptions.TrimEntries);
        return new ListValue([.. items.Select(item => Item(item, kind[5..^1], node))]);
    }

    private static AttributeValue Item(string text, string kind, Node node)
    {
        switch (kind)
        {
            case "int" when long.TryParse(text, CultureInfo.InvariantCulture, out long integer):
                return integer;
            case "float" when float.TryParse(text, CultureInfo.InvariantCulture, out float real):
                return real;
            case "bool" when bool.TryParse(text, out bool flag):
                return flag;
            case "string":
                return text;
            case "type" when DataTypes.TryParse(text, out DataType type):
                return type;
            case "shape" when text.Trim('[', ']', '(', ')').Split(',', StringSplitOptions.TrimEntries | StringSplitOptions.RemoveEmptyEntries) is var parts && Array.TrueForAll(parts, part => long.TryParse(part, CultureInfo.InvariantCulture, out _)):
                return TensorShape.Of([.. parts.Select(part => long.Parse(part, CultureInfo.InvariantCulture))]);
            default:
                throw StructureDiagnostics.Wrong(StructureDiagnostics.WrongValue, $"'{text}' is no value of kind '{kind}' for node '{node.Name}' ({node.Op})", node.Name);
        }
    }
}
