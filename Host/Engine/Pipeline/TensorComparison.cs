using TransformFramework.Graphs;

namespace TransformFramework.Engine.Pipeline;

/// <summary>How far a tensor is from its reference.</summary>
/// <param name="MaxAbsolute">Largest absolute difference.</param>
/// <param name="MaxRelative">The same over the largest magnitude of the reference.</param>
/// <param name="Sqnr">Signal to noise, 10·log10(Σ reference² / Σ difference²), in dB; infinite when equal.</param>
/// <param name="Cosine">Cosine of the angle between both.</param>
/// <param name="SameTop">Share of rows (along the last axis) with the largest element at the same place.</param>
public sealed record TensorComparison(double MaxAbsolute, double MaxRelative, double Sqnr, double Cosine, double SameTop)
{
    /// <summary>Compares two tensors of numbers of the same shape; null when they cannot be compared.</summary>
    public static TensorComparison? Of(Tensor reference, Tensor actual) => ComparisonMoments.Of(reference, actual)?.ToComparison();
}
