using System.Collections.Frozen;
using System.Reflection;
using TransformFramework.Onnx.Inference;
using TransformFramework.Onnx.Reading;
using TransformFramework.Onnx.Writing;

namespace TransformFramework.Onnx.Operators;

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

/// <summary>Marks the method that writes graph nodes of some ops as ONNX nodes.</summary>
[AttributeUsage(AttributeTargets.Method, AllowMultiple = true)]
internal sealed class WritesAttribute(params string[] ops) : Attribute
{
    public string[] Ops { get; } = ops;

    /// <summary>What is declined, a phrase for the support table.</summary>
    public string Declines { get; init; } = "";
}

/// <summary>Marks the method that tells types and shapes of the outputs of some operators.</summary>
[AttributeUsage(AttributeTargets.Method, AllowMultiple = true)]
internal sealed class InfersAttribute(params string[] operators) : Attribute
{
    public string[] Operators { get; } = operators;

    /// <summary>Domain of the operators; empty for ONNX's own.</summary>
    public string Domain { get; init; } = "";
}

/// <summary>The op converters of this assembly by operator.</summary>
internal static class Registration
{
    public static readonly FrozenDictionary<(string Domain, string Op), Action<NodeReader>> Readers = Find<ReadsAttribute, Action<NodeReader>>(mark => mark.Operators.Select(op => (mark.Domain, op)));

    public static readonly FrozenDictionary<string, Action<NodeWriter>> Writers =
        Find<WritesAttribute, Action<NodeWriter>>(mark => mark.Ops.Select(op => ("", op))).ToFrozenDictionary(pair => pair.Key.Op, pair => pair.Value, StringComparer.Ordinal);

    public static readonly FrozenDictionary<(string Domain, string Op), Action<NodeInference>> Inferences =
        Find<InfersAttribute, Action<NodeInference>>(mark => mark.Operators.Select(op => (mark.Domain, op)));

    /// <summary>Methods with a mark, for the support table.</summary>
    public static IEnumerable<(MethodInfo Method, T Mark)> Marked<T>()
        where T : Attribute =>
        from type in typeof(Registration).Assembly.GetTypes()
        where type.Namespace == typeof(Registration).Namespace
        from method in type.GetMethods(BindingFlags.Static | BindingFlags.Public | BindingFlags.NonPublic | BindingFlags.DeclaredOnly)
        from mark in method.GetCustomAttributes<T>()
        select (method, mark);

    private static FrozenDictionary<(string Domain, string Op), TDelegate> Find<TMark, TDelegate>(Func<TMark, IEnumerable<(string Domain, string Op)>> keys)
        where TMark : Attribute
        where TDelegate : Delegate =>
        Marked<TMark>().SelectMany(marked => keys(marked.Mark).Select(key => (key, marked.Method.CreateDelegate<TDelegate>()))).ToFrozenDictionary(pair => pair.key, pair => pair.Item2);
}
