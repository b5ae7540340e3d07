using System.Collections.Immutable;
using TransformFramework.Graphs;

namespace TransformFramework.Onnx.Inference;

/// <summary>What is known of a value before the model runs.</summary>
/// <param name="Type">Element type; of a sequence, that of its tensors.</param>
/// <param name="Shape">Shape as far as it is known; of a sequence, that of its tensors.</param>
internal sealed record ValueInfo(DataType Type, TensorShape Shape)
{
    /// <summary>Most integers of which each is followed.</summary>
    private const int MostElements = 256;

    /// <summary>The contents, when they are constant.</summary>
    public Tensor? Constant { get; init; }

    /// <summary>Integers of a scalar or list as far as they are known; default when nothing is known of them.</summary>
    public ImmutableArray<long?> Elements { get; init; }

    public bool IsSequence { get; init; }

    /// <summary>The type of 8-bit reals that these floats are values of, where it is known; null elsewhere.</summary>
    public Model.Float8? Narrow { get; init; }

    /// <summary>Number of dimensions, or -1.</summary>
    public int Rank => Shape.Rank;

    /// <summary>True when every integer is known.</summary>
    public bool HasAllElements => !Elements.IsDefault && !Elements.Contains(null);

    public static ValueInfo Of(Tensor tensor) => new(tensor.Type, tensor.Shape) { Constant = tensor, Elements = ElementsOf(tensor) };

    /// <summary>Integers of which some may be unknown; a constant when all are known.</summary>
    public static ValueInfo OfElements(DataType type, TensorShape shape, ImmutableArray<long?> elements)
    {
        var info = new ValueInfo(type, shape) { Elements = elements };
        return info.HasAllElements && shape.IsFullyKnown ? info with { Constant = Tensors.Integers(type, shape, [.. elements.Select(element => element!.Value)]) } : info;
    }

    /// <summary>What two values have in common.</summary>
    public static ValueInfo Common(ValueInfo left, ValueInfo right) => new(left.Type, Common(left.Shape, right.Shape)) { IsSequence = left.IsSequence };

    private static TensorShape Common(TensorShape left, TensorShape right)
    {
        if (left.IsUnknownRank || left.Rank != right.Rank)
            return TensorShape.Unknown;
        return TensorShape.Of([.. left.Dimensions.Zip(right.Dimensions, (a, b) => a == b ? a : -1)]);
    }

    private static ImmutableArray<long?> ElementsOf(Tensor tensor)
    {
        if (tensor.Shape.Rank > 1 || tensor.Type is not (DataType.Int64 or DataType.Int32 or DataType.Bool) || tensor.ElementCount > MostElements || !tensor.IsDecodable)
            return default;
        return [.. Tensors.ToLongs(tensor).Select(value => (long?)value)];
    }
}
