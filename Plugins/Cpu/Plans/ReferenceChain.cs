using System.Collections.Immutable;
using TransformFramework.Cpu.Analysis;
using TransformFramework.Graphs;

namespace TransformFramework.Cpu.Plans;

/// <summary>The nodes of a fast operator run by their reference kernels on the operator's buffers: for ranges that the fast arithmetic does not cover.</summary>
internal sealed class ReferenceChain
{
    private readonly PlanGraph graph;
    private readonly ImmutableArray<AnalyzedNode> nodes;
    private readonly ImmutableArray<(TensorSource Source, PlanBuffer Buffer)> inputs;
    private readonly ImmutableArray<(TensorSource Source, PlanBuffer Buffer)> outputs;

    private ReferenceChain(PlanGraph graph, ImmutableArray<AnalyzedNode> nodes, ImmutableArray<(TensorSource, PlanBuffer)> inputs, ImmutableArray<(TensorSource, PlanBuffer)> outputs)
    {
        this.graph = graph;
        this.nodes = nodes;
        this.inputs = inputs;
        this.outputs = outputs;
    }

    /// <param name="builder">The plan so far.</param>
    /// <param name="nodes">The nodes in the order in which they run.</param>
    /// <param name="outputs">The tensors that the operator has to compute.</param>
    public static ReferenceChain Of(PlanBuilder builder, ImmutableArray<AnalyzedNode> nodes, params ImmutableArray<(TensorSource, PlanBuffer)> outputs)
    {
        HashSet<int> inside = [.. nodes.Select(node => node.Index)];
        var sources = nodes.SelectMany(node => builder.Graph.Inputs(node).ToArray()).Where(source => !inside.Contains(source.Node) && builder.Graph[source].Constant is null).Distinct();
        return new(builder.Graph, nodes, [.. sources.Select(source => (source, builder.Tensors.Read(source)))], outputs);
    }

    /// <exception cref="TransformFramework.Execution.ExecutionException">A kernel refuses its inputs.</exception>
    public void Run(PlanRun run)
    {
        var known = inputs.ToDictionary(input => input.Source, input => Tensor(run, input.Source, input.Buffer));
        foreach (AnalyzedNode node in nodes)
        {
            Tensor[] given = [.. graph.Inputs(node).ToArray().Select(source => graph[source].Constant ?? known[source])];
            Tensor[] results = KernelRun.Compute(node, given, run.State, run.Cancellation);
            for (int port = 0; port < results.Length; port++)
                known[new(node.Index, port)] = results[port];
        }
        foreach (var (source, buffer) in outputs)
            known[source].Bytes.Span.CopyTo(run.Bytes(buffer));
    }

    private Tensor Tensor(PlanRun run, TensorSource source, PlanBuffer buffer)
    {
        PlanTensor tensor = graph[source];
        return Graphs.Tensor.FromContent(tensor.Type, tensor.Shape, run.Bytes(buffer)[..(int)tensor.Bytes].ToArray());
    }
}
