using TransformFramework.Graphs;

namespace TransformFramework.Toolkit.Graphs;

/// <summary>Shapes of which the rank or some dimensions are unknown.</summary>
public static class PartialShapes
{
    /// <summary>What two shapes of one tensor say together; null when they contradict each other.</summary>
    public static TensorShape? Merge(this TensorShape first, TensorShape second)
    {
        if (first.IsUnknownRank || second.IsUnknownRank)
            return first.IsUnknownRank ? second : first;
        if (first.Rank != second.Rank)
            return null;
        long[] merged = new long[first.Rank];
        for (int axis = 0; axis < merged.Length; axis++)
        {
            bool agrees = first[axis] < 0 || second[axis] < 0 || first[axis] == second[axis];
            if (!agrees)
                return null;
            merged[axis] = first[axis] < 0 ? second[axis] : first[axis];
        }
        return TensorShape.Of(merged);
    }

    /// <summary>True for a shape that a declared one allows: the same rank, and the same dimensions wherever the declared ones are known.</summary>
    public static bool Allows(this TensorShape declared, TensorShape shape) =>
        declared.IsUnknownRank || (declared.Rank == shape.Rank && declared.Dimensions.Zip(shape.Dimensions).All(pair => pair.First < 0 || pair.First == pair.Second));
}
