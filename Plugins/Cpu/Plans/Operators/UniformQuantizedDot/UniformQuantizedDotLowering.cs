using TransformFramework.Cpu.Analysis;
using TransformFramework.Cpu.Microkernels.Gemm;
using TransformFramework.Graphs;

namespace TransformFramework.Cpu.Plans.Operators.UniformQuantizedDot;

/// <summary>A float matrix, quantized row by row, times constant qint8 weights whose zero points are 0, with the bias and the activation that follow.</summary>
[Lowering("UniformQuantizedDotHybrid")]
internal sealed class UniformQuantizedDotLowering : ILowering
{
    private const int Scales = 2;
    private const int ZeroPoints = 3;

    public bool IsExact => true;

    public bool TryLower(AnalyzedNode node, PlanBuilder builder)
    {
        PlanGraph graph = builder.Graph;
        PlanTensor left = graph[graph.Input(node, 0)];
        if (left.Constant is not null || Weights(node, graph, builder, node.Index, 1) is not { } weights)
            return false;
        if (!left.IsStatic)
        {
            AddUnshaped(node, builder, weights);
            return true;
        }
        bool fits = left is { IsStaticFloat: true, Shape.Rank: 2 } && left.Shape[0] > 0 && left.Shape[1] == weights.Inner && graph[new(node.Index, 0)].IsStaticFloat;
        if (fits)
            Add(node, builder, weights);
        return fits;
    }

    /// <summary>The packed weights; null where they are none, or their zero points are not 0.</summary>
    /// <param name="node">The product.</param>
    /// <param name="graph">The graph that it is in.</param>
    /// <param name="builder">The plan so far.</param>
    /// <param name="owner">Node of the plan that the weights are kept for.</param>
    /// <param name="number">Number of the weights among those of that node.</param>
    public static DynamicWeights? Weights(AnalyzedNode node, PlanGraph graph, PlanBuilder builder, int owner, int number)
    {
        bool fits = graph[graph.Input(node, 1)].Constant is { Type: DataType.QInt8, Shape.Rank: 2, ElementCount: > 0 } && graph[graph.Input(node, Scales)].Constant is { Type: DataType.Float }
            && graph[graph.Input(node, ZeroPoints)].Constant is { Type: DataType.Int32 } zeroPoints && !zeroPoints.AsSpan<int>().ContainsAnyExcept(0);
        if (!fits)
            return null;
        Tensor weights = graph[graph.Input(node, 1)].Constant!;
        Tensor scales = graph[graph.Input(node, Scales)].Constant!;
        return scales.ElementCount == 1 || (scales.Shape.Rank == 1 && scales.ElementCount == weights.Shape[1])
            ? builder.Weights.GetOrAdd(owner, number, weights, read => DynamicWeights.Of(builder.Kernels.Int8Gemm, read, scales))
            : null;
    }

    private static void Add(AnalyzedNode node, PlanBuilder builder, DynamicWeights weights)
    {
        PlanGraph graph = builder.Graph;
        TensorSource source = graph.Input(node, 0);
        var shape = ConvolutionShape.MatMul(graph[source].Shape[0], weights.Inner, weights.Columns);
        var result = new TensorSource(node.Index, 0);
        PostOps post = builder.IsExactOnly ? new PostOps(result, weights.Columns) : PostOpsChain.Follow(builder, result, takesResidual: false);
        var rows = new DynamicRowBuffers(builder.Tensors.Read(source), new((long)shape.Rows * weights.Inner), new(sizeof(float) * (long)shape.Rows), new(sizeof(int) * (long)shape.Rows), weights.Inner);
        builder.Add(new QuantizeRowsOperator(builder.Kernels, rows, shape.Rows) { Node = node.Node });
        builder.Add(new UniformQuantizedDotOperator(builder.Kernels, shape, weights, rows, builder.Tensors.Write(post.Output), post, builder.Threads) { Node = node.Node });
    }

    private static void AddUnshaped(AnalyzedNode node, PlanBuilder builder, DynamicWeights weights)
    {
        PlanGraph graph = builder.Graph;
        Tensor[] constants = [.. Enumerable.Range(1, ZeroPoints).Select(input => graph[graph.Input(node, input)].Constant!)];
        int source = builder.Tensors.ReadSlot(graph.Input(node, 0));
        builder.Add(new UnshapedDotOperator(node, builder.Kernels, weights, source, constants, builder.Tensors.WriteSlot(new(node.Index, 0))) { Node = node.Node });
    }
}
