using System.Collections.Frozen;
using TransformFramework.Onnx.Inference;

namespace TransformFramework.Onnx.Reading;

/// <summary>Marks the method that turns ONNX nodes of some operators into graph nodes.</summary>
[AttributeUsage(AttributeTargets.Method, AllowMultiple = true)]
internal sealed class ReadsAttribute(params string[] operators) : Attribute
{
    public string[] Operators { get; } = operators;

    /// <summary>Domain of the operators; empty for ONNX's own.</summary>
    public string Domain { get; init; } = "";

    /// <summary>What is declined, a phrase for the support table.</summary>
    public string Declines { get; init; } = "";
}

/// <summary>The op converters that read, by domain and operator.</summary>
internal static class OperatorReaders
{
    public static readonly FrozenDictionary<(string Domain, string Op), Action<NodeReader>> ByOperator =
        MarkedMethods.ByKey<ReadsAttribute, (string, string), Action<NodeReader>>(mark => mark.Operators.Select(op => (mark.Domain, op)));
}
