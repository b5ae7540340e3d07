using TransformFramework.Graphs;
using TransformFramework.Toolkit.Weights;

namespace TransformFramework.Quantization.Static;

/// <summary>Means of channels behind batch norms, by the norms' own constants: mean β, deviation |γ|, taken as normal.</summary>
internal sealed class NormStatistics(Graph graph, ConstantValues constants)
{
    /// <summary>The means of a tensor's channels, or null when no norm is before it.</summary>
    public float[]? MeansOf(NodeInput tensor)
    {
        double upper = double.PositiveInfinity;
        bool isCut = false;
        for (Node? node = graph.Find(tensor.Node); node is not null; node = graph.Find(node.Inputs[0].Node))
        {
            if (node.Op is "Relu" or "Relu6")
            {
                isCut = true;
                upper = node.Op == "Relu6" ? 6 : upper;
            }
            else if (node.Op.StartsWith("FusedBatchNorm", StringComparison.Ordinal))
            {
                return Means(node, isCut, upper);
            }
            else if (node.Op != "Identity")
            {
                return null;
            }
        }
        return null;
    }

    private float[]? Means(Node norm, bool isCut, double upper)
    {
        if (constants.FindFloat(norm.Inputs[1]) is not { } scale || constants.FindFloat(norm.Inputs[2]) is not { } offset)
            return null;
        float[] deviations = scale.AsSpan<float>().ToArray();
        float[] means = offset.AsSpan<float>().ToArray();
        return isCut ? [.. means.Zip(deviations, (mean, deviation) => (float)CutMean(mean, Math.Abs(deviation), upper))] : means;
    }

    /// <summary>Mean of a normal variable held between 0 and an upper end (the paper's appendix C).</summary>
    private static double CutMean(double mean, double deviation, double upper)
    {
        if (deviation < 1e-12)
            return Math.Clamp(mean, 0, upper);
        double low = -mean / deviation;
        double high = (upper - mean) / deviation;
        double above = double.IsPositiveInfinity(upper) ? 0 : upper * (1 - Cumulative(high));
        return (mean * (Cumulative(high) - Cumulative(low))) + (deviation * (Density(low) - Density(high))) + above;
    }

    private static double Density(double x) => double.IsInfinity(x) ? 0 : Math.Exp(-x * x / 2) / Math.Sqrt(2 * Math.PI);

    /// <summary>The normal distribution, to 1.5e-7 (M. Abramowitz and I. Stegun, Handbook of Mathematical Functions, 7.1.26).</summary>
    private static double Cumulative(double x)
    {
        double z = Math.Abs(x) / Math.Sqrt(2);
        double t = 1 / (1 + (0.3275911 * z));
        double tail = ((((((((1.061405429 * t) - 1.453152027) * t) + 1.421413741) * t) - 0.284496736) * t) + 0.254829592) * t * Math.Exp(-z * z);
        return x < 0 ? tail / 2 : 1 - (tail / 2);
    }
}
