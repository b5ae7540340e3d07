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
        TensorSource source = graph.Input(node, 0);
        PlanTensor left = graph[source];
        var result = new TensorSource(node.Index, 0);
        bool fits = left is { IsStaticFloat: true, Constant: null, Shape.Rank: 2 } && graph[graph.Input(node, 1)].Constant is { Type: DataType.QInt8, Shape.Rank: 2 }
            && graph[graph.Input(node, Scales)].Constant is { Type: DataType.Float } && graph[graph.Input(node, ZeroPoints)].Constant is { Type: DataType.Int32 } && graph[result].IsStaticFloat;
        if (!fits)
            return false;
        Tensor right = graph[graph.Input(node, 1)].Constant!;
        Tensor scales = graph[graph.Input(node, Scales)].Constant!;
        int columns = (int)right.Shape[1];
        if (left.Shape[1] != right.Shape[0] || left.Shape[0] == 0 || left.Shape[1] == 0 || columns == 0 || (scales.ElementCount != 1 && scales.ElementCount != columns)
            || graph[graph.Input(node, ZeroPoints)].Constant!.AsSpan<int>().ContainsAnyExcept(0))
        {
            return false;
        }
        var shape = ConvolutionShape.MatMul(left.Shape[0], left.Shape[1], columns);
        DynamicWeights weights = builder.Weights.GetOrAdd(node.Index, 1, right, () => DynamicWeights.Of(builder.Kernels.Int8Gemm, right, scales));
        PostOps post = builder.IsExactOnly ? new PostOps(result, columns) : PostOpsChain.Follow(builder, result, takesResidual: false);
        PlanBuffer reals = builder.Tensors.Read(source);
        var rows = new DynamicRows(new((long)shape.Rows * shape.InputChannels), new(sizeof(float) * (long)shape.Rows), new(sizeof(int) * (long)shape.Rows), shape.InputChannels);
        builder.Add(new QuantizeRowsOperator(builder.Kernels, reals, rows, shape.Rows) { Node = node.Node });
        builder.Add(new UniformQuantizedDotOperator(builder.Kernels, shape, weights, rows, builder.Tensors.Write(post.Output), post, builder.Threads) { Node = node.Node });
        return true;
    }
}
