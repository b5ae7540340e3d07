using TransformFramework.Execution;
using TransformFramework.Graphs;

namespace TransformFramework.Engine.PluginLoading;

/// <summary>A backend that also runs the ops for which plugins bring kernels; a kernel is created when a graph first has its op.</summary>
internal sealed class BackendWithKernels(IBackend inner, IReadOnlyDictionary<string, Lazy<IKernel>> kernels) : IBackend
{
    public string InstructionSet => inner.InstructionSet;

    public bool Supports(string op) => kernels.ContainsKey(op) || inner.Supports(op);

    public IExecutable Compile(Graph graph, IReadOnlyList<string> outputs, CompileOptions options) => inner.Compile(graph, outputs, WithKernels(graph, options));

    public IReadOnlyDictionary<string, TensorShape[]> InferShapes(Graph graph, CompileOptions options) => inner.InferShapes(graph, WithKernels(graph, options));

    private CompileOptions WithKernels(Graph graph, CompileOptions options)
    {
        var needed = graph.Nodes.Concat(graph.Functions.Functions.SelectMany(function => function.Nodes))
            .Select(node => node.Op)
            .Distinct(StringComparer.Ordinal)
            .Where(kernels.ContainsKey);
        return options with { Kernels = needed.Aggregate(options.Kernels, (all, op) => all.ContainsKey(op) ? all : all.Add(op, kernels[op].Value)) };
    }
}
