using TransformFramework.Graphs;

namespace TransformFramework.Keras.Building;

/// <summary>A tensor of the graph that is being built.</summary>
/// <param name="Owner">The graph or function body that holds its node.</param>
/// <param name="Source">Node and port.</param>
/// <param name="Type">Element type.</param>
/// <param name="Shape">Shape as far as it is known.</param>
internal sealed record Symbol(GraphBuilder Owner, NodeInput Source, DataType Type, TensorShape Shape)
{
    /// <summary>The Keras mask that travels with the tensor: true where a time step counts; null for none.</summary>
    public Symbol? Mask { get; init; }

    /// <summary>The value, when it is a constant of the builder's making.</summary>
    public Tensor? Constant { get; init; }

    /// <summary>Number of dimensions.</summary>
    /// <exception cref="KerasException">It is not known.</exception>
    public int Rank => Shape.IsUnknownRank ? throw KerasException.Configuration($"the rank of tensor '{Source}' is not known") : Shape.Rank;

    /// <summary>A dimension; negative axes count from the end, -1 is unknown.</summary>
    public long Dimension(int axis) => Shape[Axes.Normalize(axis, Rank)];

    /// <summary>A dimension that must be known.</summary>
    /// <exception cref="KerasException">It is not.</exception>
    public long KnownDimension(int axis) => Dimension(axis) is >= 0 and var size ? size : throw KerasException.Configuration($"dimension {axis} of its input {Shape} must be known");

    /// <summary>True for an element type that autocasting touches.</summary>
    public bool IsFloating => Type is DataType.Float or DataType.Double or DataType.Half or DataType.BFloat16;

    /// <summary>The tensor without its mask.</summary>
    public Symbol Unmasked => Mask is null ? this : this with { Mask = null };
}
