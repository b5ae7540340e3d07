using TransformFramework.Onnx.Model;

namespace TransformFramework.Onnx.Reading;

/// <summary>Puts the attributes of a function's call into the nodes of its body, those in their graphs included.</summary>
internal sealed class AttributeArguments(IReadOnlyDictionary<string, object> given, IReadOnlyDictionary<string, object> defaults)
{
    public OnnxNode Instantiate(OnnxNode node)
    {
        var attributes = new Dictionary<string, object>(StringComparer.Ordinal);
        foreach (var (name, value) in node.Attributes)
        {
            if (Instantiate(value) is { } known)
                attributes[name] = known;
        }
        return node with { Attributes = attributes };
    }

    private object? Instantiate(object value) => value switch
    {
        AttributeReference reference => given.GetValueOrDefault(reference.Name) ?? defaults.GetValueOrDefault(reference.Name),
        OnnxGraph graph => Instantiate(graph),
        _ => value,
    };

    private OnnxGraph Instantiate(OnnxGraph graph)
    {
        var copy = new OnnxGraph { Name = graph.Name };
        copy.Nodes.AddRange(graph.Nodes.Select(Instantiate));
        copy.Initializers.AddRange(graph.Initializers);
        copy.Inputs.AddRange(graph.Inputs);
        copy.Outputs.AddRange(graph.Outputs);
        copy.Values.AddRange(graph.Values);
        return copy;
    }
}
