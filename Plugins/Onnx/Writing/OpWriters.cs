using System.Collections.Frozen;
using TransformFramework.Onnx.Inference;

namespace TransformFramework.Onnx.Writing;

/// <summary>Marks the method that writes graph nodes of some ops as ONNX nodes.</summary>
[AttributeUsage(AttributeTargets.Method, AllowMultiple = true)]
internal sealed class WritesAttribute(params string[] ops) : Attribute
{
    public string[] Ops { get; } = ops;

    /// <summary>What is declined, a phrase for the support table.</summary>
    public string Declines { get; init; } = "";
}

/// <summary>The op converters that write, by op.</summary>
internal static class OpWriters
{
    public static readonly FrozenDictionary<string, Action<NodeWriter>> ByOp = MarkedMethods.ByKey<WritesAttribute, string, Action<NodeWriter>>(mark => mark.Ops);
}
