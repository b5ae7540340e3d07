using TransformFramework.Execution;
using TransformFramework.Graphs;
using TransformFramework.Transforms;

namespace TransformFramework.Toolkit.Graphs;

/// <summary>Shapes of a graph's tensors as far as the run's backend tells them.</summary>
public static class InferredShapes
{
    /// <summary>Shapes by node; none without a backend, and none where the shapes of the graph do not fit, which is an error when it runs.</summary>
    public static IReadOnlyDictionary<string, TensorShape[]> Of(Graph graph, TransformContext context)
    {
        try
        {
            return context.Backend?.InferShapes(graph, CompileOptions.Default) ?? new Dictionary<string, TensorShape[]>(StringComparer.Ordinal);
        }
        catch (ExecutionException)
        {
            return new Dictionary<string, TensorShape[]>(StringComparer.Ordinal);
        }
    }

    /// <summary>The shape of a tensor, or null.</summary>
    public static TensorShape? Find(this IReadOnlyDictionary<string, TensorShape[]> shapes, NodeInput input) =>
        shapes.TryGetValue(input.Node, out var outputs) && input.Port >= 0 && input.Port < outputs.Length ? outputs[input.Port] : null;
}
