using TransformFramework.Graphs;

namespace TransformFramework.Toolkit.Ops;

/// <summary>The names of quantized values: what quantizes a graph names them after the real tensor, what compares graphs finds the real tensor by them.</summary>
public static class QuantizedTensorNames
{
    private const string Suffix = "/quantized";

    /// <summary>The name for the quantized values of a tensor.</summary>
    public static string Of(string tensor) => tensor + Suffix;

    /// <summary>The name of the real tensor behind a node that gives quantized values with their range; null for any other node.</summary>
    public static string? Original(Node node) =>
        OpTraitTable.Has(node.Op, OpTraits.GivesRange) && node.Name.EndsWith(Suffix, StringComparison.Ordinal) ? node.Name[..^Suffix.Length] : null;
}
