using System.Collections.Immutable;

namespace TransformFramework.Graphs.Text;

/// <summary>Reads nodes, from behind their name on.</summary>
internal sealed class NodeParser(TextCursor cursor, ValueParser values)
{
    public Node Rest(string name)
    {
        cursor.Take('=');
        string op = cursor.Name("an op");
        cursor.Take('(');
        ImmutableArray<NodeInput> inputs = Inputs();
        string device = cursor.TryTake('@') ? Device() : "";
        AttributeMap attributes = values.OptionalMap(out UnknownFields inner);
        if (!inner.IsEmpty)
            throw cursor.Expected("unknown fields of a node behind its braces");
        return new(name, op, inputs, attributes, device) { UnknownFields = cursor.UnknownFields() };
    }

    private string Device() => cursor.Input("a device");

    private ImmutableArray<NodeInput> Inputs()
    {
        if (cursor.TryTake(')'))
            return [];
        var inputs = ImmutableArray.CreateBuilder<NodeInput>();
        do
            inputs.Add(cursor.Input("an input or ')'"));
        while (cursor.TryTake(','));
        cursor.Take(')');
        return inputs.ToImmutable();
    }
}
