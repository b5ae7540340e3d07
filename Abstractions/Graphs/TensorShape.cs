using System.Collections.Immutable;
using System.Globalization;

namespace TransformFramework.Graphs;

/// <summary>A shape that may be partly known: unknown rank, or dimensions of which <c>-1</c> is unknown.</summary>
public sealed class TensorShape : IEquatable<TensorShape>
{
    /// <summary>The shape of which not even the rank is known.</summary>
    public static readonly TensorShape Unknown = new([], unknownRank: true);

    /// <summary>The shape <c>[]</c> of a single element.</summary>
    public static readonly TensorShape Scalar = new([], unknownRank: false);

    private TensorShape(ImmutableArray<long> dimensions, bool unknownRank, ImmutableArray<string> names = default, UnknownFields unknownFields = default)
    {
        Dimensions = dimensions;
        IsUnknownRank = unknownRank;
        DimensionNames = names;
        UnknownFields = unknownFields;
    }

    /// <summary>Dimensions, outermost first; <c>-1</c> where unknown. Empty for a scalar and for an unknown rank.</summary>
    public ImmutableArray<long> Dimensions { get; }

    /// <summary>Names of the dimensions as the file gave them, or default when it gave none.</summary>
    public ImmutableArray<string> DimensionNames { get; }

    /// <summary>True when the number of dimensions is not known.</summary>
    public bool IsUnknownRank { get; }

    /// <summary>Fields of the file's message that this model does not know.</summary>
    public UnknownFields UnknownFields { get; }

    /// <summary>Number of dimensions, or -1 when unknown.</summary>
    public int Rank => IsUnknownRank ? -1 : Dimensions.Length;

    /// <summary>True when the rank and every dimension are known.</summary>
    public bool IsFullyKnown
    {
        get
        {
            foreach (long dimension in Dimensions)
            {
                if (dimension < 0)
                    return false;
            }
            return !IsUnknownRank;
        }
    }

    /// <summary>Number of elements, or -1 when the shape is not fully known.</summary>
    /// <exception cref="OverflowException">The product does not fit in 63 bits.</exception>
    public long ElementCount => !IsFullyKnown ? -1 : TryCount(out long count) ? count : throw new OverflowException($"shape {this} has too many elements");

    /// <summary>The number of elements, when the shape is fully known and the number fits in 63 bits.</summary>
    public bool TryCount(out long count)
    {
        count = 0;
        if (!IsFullyKnown)
            return false;
        foreach (long dimension in Dimensions)
        {
            if (dimension == 0)
                return true;
        }
        count = 1;
        foreach (long dimension in Dimensions)
        {
            if (count > long.MaxValue / dimension)
                return false;
            count *= dimension;
        }
        return true;
    }

    public long this[int index] => Dimensions[index];

    /// <summary>A shape of known rank.</summary>
    [System.Runtime.CompilerServices.OverloadResolutionPriority(1)]
    public static TensorShape Of(params ReadOnlySpan<long> dimensions) => dimensions.IsEmpty ? Scalar : new([.. dimensions], unknownRank: false);

    /// <summary>A shape of known rank.</summary>
    public static TensorShape Of(ImmutableArray<long> dimensions) => dimensions.IsEmpty ? Scalar : new(dimensions, unknownRank: false);

    /// <summary>Everything that a shape message can hold. Names that are all empty count as none, as a file cannot tell them apart.</summary>
    /// <exception cref="ArgumentException">There are names, but not one for each dimension.</exception>
    public static TensorShape Create(ImmutableArray<long> dimensions, bool unknownRank, ImmutableArray<string> names = default, UnknownFields unknownFields = default)
    {
        dimensions = dimensions.IsDefault ? [] : dimensions;
        bool hasNames = !names.IsDefault && names.Any(name => name.Length > 0);
        if (hasNames && names.Length != dimensions.Length)
            throw new ArgumentException($"{names.Length} names for {dimensions.Length} dimensions", nameof(names));
        return new(dimensions, unknownRank, hasNames ? names : default, unknownFields);
    }

    public bool Equals(TensorShape? other) =>
        other is not null && IsUnknownRank == other.IsUnknownRank && Dimensions.AsSpan().SequenceEqual(other.Dimensions.AsSpan())
        && NamesEqual(DimensionNames, other.DimensionNames) && UnknownFields.Equals(other.UnknownFields);

    public override bool Equals(object? obj) => Equals(obj as TensorShape);

    public override int GetHashCode()
    {
        var hash = new HashCode();
        hash.Add(IsUnknownRank);
        foreach (long dimension in Dimensions)
            hash.Add(dimension);
        return hash.ToHashCode();
    }

    /// <summary><c>[1,?,3]</c>, <c>[]</c> or <c>?</c>.</summary>
    public override string ToString() => IsUnknownRank
        ? "?"
        : $"[{string.Join(',', Dimensions.Select(dimension => dimension < 0 ? "?" : dimension.ToString(CultureInfo.InvariantCulture)))}]";

    private static bool NamesEqual(ImmutableArray<string> left, ImmutableArray<string> right) =>
        left.IsDefault ? right.IsDefault : !right.IsDefault && left.AsSpan().SequenceEqual(right.AsSpan());
}
