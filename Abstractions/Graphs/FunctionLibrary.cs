using System.Collections.Immutable;

namespace TransformFramework.Graphs;

/// <summary>Functions that a graph's nodes call by name.</summary>
public sealed record FunctionLibrary(ImmutableArray<FunctionDefinition> Functions, ImmutableArray<FunctionGradient> Gradients = default)
{
    public static readonly FunctionLibrary Empty = new([]);

    public ImmutableArray<FunctionGradient> Gradients { get; init; } = Gradients.IsDefault ? [] : Gradients;

    /// <summary>Fields of the file's message that this model does not know.</summary>
    public UnknownFields UnknownFields { get; init; }

    public bool IsEmpty => Functions.IsEmpty && Gradients.IsEmpty && UnknownFields.IsEmpty;

    /// <summary>The function of a name, or null.</summary>
    public FunctionDefinition? Find(string name) => Functions.FirstOrDefault(function => function.Signature.Name == name);

    public bool Equals(FunctionLibrary? other) =>
        other is not null && Functions.AsSpan().SequenceEqual(other.Functions.AsSpan())
        && Gradients.AsSpan().SequenceEqual(other.Gradients.AsSpan()) && UnknownFields == other.UnknownFields;

    public override int GetHashCode() => HashCode.Combine(Functions.Length, Gradients.Length);
}

/// <summary>Names the gradient function of a function.</summary>
public sealed record FunctionGradient(string FunctionName, string GradientFunction)
{
    /// <summary>Fields of the file's message that this model does not know.</summary>
    public UnknownFields UnknownFields { get; init; }
}

/// <summary>
/// A function: its signature and a body. Body inputs are spelt <c>argument</c>, <c>node:output_name:index</c> or <c>^node</c>.
/// </summary>
/// <param name="Signature">Name, arguments and attributes.</param>
/// <param name="Nodes">The body.</param>
/// <param name="Returns">Output argument → body tensor.</param>
public sealed record FunctionDefinition(OpDefinition Signature, ImmutableArray<Node> Nodes, ImmutableSortedDictionary<string, string> Returns)
{
    /// <summary>Control output → body node.</summary>
    public ImmutableSortedDictionary<string, string> ControlReturns { get; init; } = ImmutableSortedDictionary.Create<string, string>(NameOrder.Instance);

    public AttributeMap Attributes { get; init; } = AttributeMap.Empty;

    /// <summary>Fields of the file's message that this model does not know.</summary>
    public UnknownFields UnknownFields { get; init; }

    public bool Equals(FunctionDefinition? other) =>
        other is not null && Signature.Equals(other.Signature) && Nodes.AsSpan().SequenceEqual(other.Nodes.AsSpan())
        && Returns.SequenceEqual(other.Returns) && ControlReturns.SequenceEqual(other.ControlReturns)
        && Attributes.Equals(other.Attributes) && UnknownFields == other.UnknownFields;

    public override int GetHashCode() => Signature.GetHashCode();
}
