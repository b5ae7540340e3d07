using System.Collections.Immutable;
using TransformFramework.Cpu.Analysis;
using TransformFramework.Graphs;

namespace TransformFramework.Cpu.Plans;

/// <summary>The nodes of a fast operator run by their reference kernels on the operator's buffers: for ranges that the fast arithmetic does not cover.</summary>
internal sealed class ReferenceChain
{
    private readonly ImmutableArray<(AnalyzedNode Node, ImmutableArray<(TensorSource Source, Tensor? Constant)> Inputs)> nodes;
    private readonly ImmutableArray<(TensorSource Source, PlanTensor Tensor, PlanBuffer Buffer)> inputs;
    private readonly ImmutableArray<(TensorSource Source, PlanBuffer Buffer)> outputs;

    private ReferenceChain(
        ImmutableArray<(AnalyzedNode, ImmutableArray<(TensorSource, Tensor?)>)> nodes, ImmutableArray<(TensorSource, PlanTensor, PlanBuffer)> inputs, ImmutableArray<(TensorSource, PlanBuffer)> outputs)
    {
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
        PlanGraph graph = builder.Graph;
        var sources = nodes.SelectMany(node => graph.Inputs(node).ToArray()).Where(source => !inside.Contains(source.Node) && graph[source].Constant is null).Distinct();
        return new(
            [.. nodes.Select(node => (node, graph.Inputs(node).ToArray().Select(source => (source, graph[source].Constant)).ToImmutableArray()))],
            [.. sources.Select(source => (source, graph[source], builder.Tensors.Read(source)))],
            outputs);
    }

    /// <exception cref="TransformFramework.Execution.ExecutionException">A kernel refuses its inputs.</exception>
    public void Run(PlanRun run)
    {
        var known = inputs.ToDictionary(input => input.Source, input => Value(run, input.Tensor, input.Buffer));
        foreach (var (node, sources) in nodes)
        {
            Tensor[] given = [.. sources.Select(input => input.Constant ?? known[input.Source])];
            Tensor[] results = KernelRun.Compute(node, given, run.State, run.Cancellation);
            for (int port = 0; port < results.Length; port++)
                known[new(node.Index, port)] = results[port];
        }
        foreach (var (source, buffer) in outputs)
            known[source].Bytes.Span.CopyTo(run.Bytes(buffer));
    }

    private static Tensor Value(PlanRun run, PlanTensor tensor, PlanBuffer buffer) => Tensor.FromContent(tensor.Type, tensor.Shape, run.Bytes(buffer)[..(int)tensor.Bytes].ToArray());
}
