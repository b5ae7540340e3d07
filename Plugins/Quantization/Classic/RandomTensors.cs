using TransformFramework.Graphs;
using TransformFramework.Toolkit.Classic;
using TransformFramework.Toolkit.Ops;

namespace TransformFramework.Quantization.Classic;

/// <summary>Nodes whose results come from random numbers and constants only, as the mask of a dropout does.</summary>
internal static class RandomTensors
{
    private static readonly HashSet<string> Sources = new(StringComparer.Ordinal)
    {
        "Multinomial", "ParameterizedTruncatedNormal", "RandomGamma", "RandomPoisson", "RandomPoissonV2", "RandomStandardNormal", "RandomUniform", "RandomUniformInt", "TruncatedNormal",
    };

    /// <summary>Names of the nodes.</summary>
    public static HashSet<string> Find(Graph graph)
    {
        var random = new HashSet<string>(StringComparer.Ordinal);
        var known = new HashSet<string>(StringComparer.Ordinal);
        foreach (Node node in ExecutionOrder.Sort(graph).Nodes)
        {
            bool isSource = Sources.Contains(node.Op) || node.Op.StartsWith("StatelessRandom", StringComparison.Ordinal) || node.Op == "StatelessTruncatedNormal";
            bool isKnown = node.Op == "Const" || isSource || (node.DataInputs.Any() && OpTable.Find(node.Op) is { IsStateful: false } && node.DataInputs.All(input => known.Contains(input.Node)));
            if (isKnown)
                known.Add(node.Name);
            if (isSource || (isKnown && node.DataInputs.Any(input => random.Contains(input.Node))))
                random.Add(node.Name);
        }
        return random;
    }
}
