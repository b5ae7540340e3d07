using TransformFramework.Execution;
using TransformFramework.Graphs;

namespace TransformFramework.Host.Execution;

/// <summary>Compares two graphs tensor by tensor: every node of the same name in both that can be fetched.</summary>
internal static class LayerComparison
{
    /// <summary>One comparison per shared node, in execution order of the reference graph.</summary>
    public static List<(Node Node, TensorComparison Comparison)> Compare(IBackend backend, Graph reference, Graph actual, IReadOnlyList<string> outputs, IReadOnlyDictionary<string, Tensor> feeds, CompileOptions options, CancellationToken cancellation)
    {
        string[] shared = [.. FetchableNodes.Of(reference, outputs).Intersect(FetchableNodes.Of(actual, outputs), StringComparer.Ordinal).Where(name => !feeds.ContainsKey(name))];
        var expected = backend.Compile(reference, shared, options).Run(feeds, cancellation);
        var found = backend.Compile(actual, shared, options).Run(feeds, cancellation);
        var layers = new List<(Node Node, TensorComparison Comparison)>();
        for (int i = 0; i < shared.Length; i++)
        {
            if (expected[i].Type.IsNumeric() && found[i].Type == expected[i].Type && TensorComparison.Of(expected[i], found[i]) is { } comparison)
                layers.Add((reference.Find(shared[i])!, comparison));
        }
        return layers;
    }

    private static bool IsNumeric(this DataType type) => type is DataType.Float or DataType.Double or DataType.Half or DataType.BFloat16;
}
