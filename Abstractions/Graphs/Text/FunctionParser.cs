using System.Collections.Immutable;

namespace TransformFramework.Graphs.Text;

/// <summary>Reads one library function, from behind its keyword on.</summary>
internal sealed class FunctionParser(TextCursor cursor, ValueParser values, NodeParser nodeParser)
{
    private readonly ImmutableArray<ArgumentDefinition>.Builder inputs = ImmutableArray.CreateBuilder<ArgumentDefinition>();
    private readonly ImmutableArray<ArgumentDefinition>.Builder outputs = ImmutableArray.CreateBuilder<ArgumentDefinition>();
    private readonly ImmutableArray<AttributeDefinition>.Builder attributes = ImmutableArray.CreateBuilder<AttributeDefinition>();
    private readonly ImmutableArray<Node>.Builder nodes = ImmutableArray.CreateBuilder<Node>();
    private readonly Dictionary<string, string> returns = new(StringComparer.Ordinal);
    private readonly Dictionary<string, string> controlReturns = new(StringComparer.Ordinal);
    private OpDefinition signature = new("", [], [], []);
    private AttributeMap functionAttributes = AttributeMap.Empty;

    public FunctionDefinition Read()
    {
        string name = cursor.Name("the name of a function");
        cursor.Take('{');
        while (!cursor.TryTake('}'))
            ReadLine();
        signature = signature with { Name = name, Inputs = inputs.ToImmutable(), Outputs = outputs.ToImmutable(), Attributes = attributes.ToImmutable() };
        return new(signature, nodes.ToImmutable(), Sorted(returns))
        {
            ControlReturns = Sorted(controlReturns),
            Attributes = functionAttributes,
            UnknownFields = cursor.UnknownFields(),
        };
    }

    private static ImmutableSortedDictionary<string, string> Sorted(Dictionary<string, string> entries) =>
        ImmutableSortedDictionary.CreateRange(NameOrder.Instance, entries);

    private void ReadLine()
    {
        cursor.BeginLine();
        bool isQuoted = cursor.Sees('"');
        string word = cursor.Name("a line of a function or '}'");
        if (isQuoted || cursor.Sees('=') || !TryReadKeyword(word))
            nodes.Add(nodeParser.Rest(word));
    }

    private bool TryReadKeyword(string word)
    {
        switch (word)
        {
            case "signature":
                ReadSignature();
                return true;
            case "input":
                inputs.Add(Argument());
                return true;
            case "output":
                outputs.Add(Argument());
                return true;
            case "attribute":
                attributes.Add(Attribute());
                return true;
            case "with":
                functionAttributes = values.OptionalMap(out UnknownFields inner);
                return inner.IsEmpty ? true : throw cursor.Expected("unknown fields behind the function's '}'");
            case "return":
                ReadReturn(returns);
                return true;
            case "control_return":
                ReadReturn(controlReturns);
                return true;
            default:
                return false;
        }
    }

    private void ReadSignature()
    {
        var fields = new FieldReader(cursor, values);
        signature = signature with
        {
            Summary = fields.String("summary"),
            Description = fields.String("description"),
            ControlOutputs = fields.Strings("control_outputs"),
            IsStateful = fields.Flag("is_stateful"),
            IsCommutative = fields.Flag("is_commutative"),
            IsAggregate = fields.Flag("is_aggregate"),
            AllowsUninitializedInput = fields.Flag("allows_uninitialized_input"),
            UnknownFields = fields.End(),
        };
    }

    private ArgumentDefinition Argument()
    {
        string name = cursor.Name("the name of an argument");
        var fields = new FieldReader(cursor, values);
        return new(name, fields.Type("type"), fields.String("type_attr"), fields.String("number_attr"), fields.String("type_list_attr"))
        {
            Description = fields.String("description"),
            IsReference = fields.Flag("is_ref"),
            UnknownFields = fields.End(),
        };
    }

    private AttributeDefinition Attribute()
    {
        string name = cursor.Name("the name of an attribute");
        var fields = new FieldReader(cursor, values);
        return new(name, fields.String("type"), fields.Take("default"))
        {
            Description = fields.String("description"),
            Minimum = fields.Integer("minimum"),
            Allowed = fields.Take("allowed"),
            UnknownFields = fields.End(),
        };
    }

    private void ReadReturn(Dictionary<string, string> entries)
    {
        int mark = cursor.Mark();
        string name = cursor.Name("the name of an output");
        cursor.Take('=');
        if (!entries.TryAdd(name, cursor.Input("a tensor of the body")))
            throw cursor.Expected("an output that has no tensor yet", mark);
    }
}
