using System.Collections.Immutable;
using TransformFramework.Execution;
using TransformFramework.Graphs;

namespace TransformFramework.Host.PluginLoading;

/// <summary>A backend that also runs the ops for which plugins bring kernels; a kernel is created when a graph first has its op.</summary>
internal sealed class BackendWithKernels(IBackend inner, IReadOnlyDictionary<string, Lazy<IKernel>> kernels) : IBackend
{
    public bool Supports(string op) => kernels.ContainsKey(op) || inner.Supports(op);

    public IExecutable Compile(Graph graph, IReadOnlyList<string> outputs, CompileOptions options)
    {
        var needed = graph.Nodes.Concat(graph.Functions.Functions.SelectMany(function => function.Nodes))
            .Select(node => node.Op)
            .Distinct(StringComparer.Ordinal)
            .Where(kernels.ContainsKey);
        var brought = needed.Aggregate(options.Kernels, (all, op) => all.ContainsKey(op) ? all : all.Add(op, kernels[op].Value));
        return inner.Compile(graph, outputs, options with { Kernels = brought });
    }
}
