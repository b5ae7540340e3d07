using TransformFramework.Graphs;
using TransformFramework.ModelFiles;

namespace TransformFramework.Onnx.Model;

/// <summary>The attributes of a node by kind.</summary>
internal abstract class NodeAttributes(OnnxNode node)
{
    public OnnxNode Node => node;

    public string Op => node.Op;

    public bool HasAttribute(string name) => node.Attributes.ContainsKey(name);

    public long Integer(string name, long otherwise) => Get<long?>(name) ?? otherwise;

    public float Real(string name, float otherwise) => Get<float?>(name) ?? otherwise;

    public string Text(string name, string otherwise = "") => Get<string>(name) ?? otherwise;

    public bool Flag(string name, bool otherwise = false) => Integer(name, otherwise ? 1 : 0) != 0;

    public long[]? Integers(string name) => node.Attributes.TryGetValue(name, out object? value) && value is Array { Length: 0 } ? [] : Get<long[]>(name);

    public float[]? Reals(string name) => node.Attributes.TryGetValue(name, out object? value) && value is Array { Length: 0 } ? [] : Get<float[]>(name);

    public string[]? Texts(string name) => node.Attributes.TryGetValue(name, out object? value) && value is Array { Length: 0 } ? [] : Get<string[]>(name);

    public Tensor? TensorOf(string name) => Stored(name)?.Value ?? Get<Tensor>(name);

    /// <summary>The type of 8-bit reals that a tensor of an attribute is stored in; null for any other.</summary>
    public Float8? NarrowOf(string name) => Stored(name)?.Narrow;

    public OnnxGraph Body(string name) => Get<OnnxGraph>(name) ?? throw OnnxDiagnostics.Broken($"the attribute '{name}' must be a graph");

    /// <summary>The type that an attribute names, or null when it is absent.</summary>
    /// <exception cref="ModelFormatException">Graphs have no such type.</exception>
    public DataType? TypeOf(string name)
    {
        if (Get<long?>(name) is not { } number)
            return null;
        DataType type = ElementTypes.ToDataType(number);
        return type != DataType.Invalid && !ElementTypes.IsPacked(number) ? type : throw OnnxDiagnostics.Decline($"graphs have no elements of type {ElementTypes.Name(number)}");
    }

    private OnnxInitializer? Stored(string name) => node.Attributes.TryGetValue(name, out object? value) ? value as OnnxInitializer : null;

    private T? Get<T>(string name)
    {
        if (!node.Attributes.TryGetValue(name, out object? value))
            return default;
        return value is T typed ? typed : throw OnnxDiagnostics.Broken($"the attribute '{name}' is of the wrong kind ({value.GetType().Name})");
    }
}
