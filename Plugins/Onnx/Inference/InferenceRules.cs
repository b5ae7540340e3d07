using System.Collections.Frozen;

namespace TransformFramework.Onnx.Inference;

/// <summary>Marks the method that infers types and shapes of the outputs of some operators.</summary>
[AttributeUsage(AttributeTargets.Method, AllowMultiple = true)]
internal sealed class InfersAttribute(params string[] operators) : Attribute
{
    public string[] Operators { get; } = operators;

    /// <summary>Domain of the operators; empty for ONNX's own.</summary>
    public string Domain { get; init; } = "";
}

/// <summary>The rules of inference by domain and operator.</summary>
internal static class InferenceRules
{
    public static readonly FrozenDictionary<(string Domain, string Op), Action<NodeInference>> ByOperator =
        MarkedMethods.ByKey<InfersAttribute, (string, string), Action<NodeInference>>(mark => mark.Operators.Select(op => (mark.Domain, op)));
}
