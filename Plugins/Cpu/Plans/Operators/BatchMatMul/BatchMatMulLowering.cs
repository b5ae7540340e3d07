using TransformFramework.Cpu.Analysis;
using TransformFramework.Cpu.Kernels;
using TransformFramework.Cpu.Microkernels.Gemm;
using TransformFramework.Cpu.Plans.Operators.Gemm;
using TransformFramework.Graphs;

namespace TransformFramework.Cpu.Plans.Operators.BatchMatMul;

/// <summary>Products of float matrices of the last two dimensions; by one constant matrix all rows are multiplied as one product, with what follows it.</summary>
[Lowering("BatchMatMul", "BatchMatMulV2", "BatchMatMulV3", "MatMul")]
internal sealed class BatchMatMulLowering : ILowering
{
    public bool IsExact => false;

    public bool TryLower(AnalyzedNode node, PlanBuilder builder)
    {
        PlanGraph graph = builder.Graph;
        TensorSource source = graph.Input(node, 0);
        PlanTensor left = graph[source];
        PlanTensor right = graph[graph.Input(node, 1)];
        PlanTensor result = graph[new(node.Index, 0)];
        bool fits = left is { IsStaticFloat: true, Constant: null, Shape.Rank: > 1 } && right is { IsStaticFloat: true, Shape.Rank: > 1 } && result.IsStaticFloat;
        if (!fits)
            return false;
        bool isOne = node.Node.Op == "MatMul";
        var (transposesLeft, transposesRight) = (node.Node.Bool(isOne ? "transpose_a" : "adj_x"), node.Node.Bool(isOne ? "transpose_b" : "adj_y"));
        long inner = left.Shape[left.Shape.Rank - (transposesLeft ? 2 : 1)];
        if (inner != right.Shape[right.Shape.Rank - (transposesRight ? 1 : 2)] || (isOne && (left.Shape.Rank != 2 || right.Shape.Rank != 2)))
            return false;
        if (right is { Constant: not null, Shape.Rank: 2 } && !transposesLeft)
        {
            AddProduct(node, builder, source, transposesRight ? MatMulLowering.Transposed(right.Constant) : right.Constant);
            return true;
        }
        var matrices = new MatrixBatch(Batches(left.Shape, right.Shape), (int)result.Shape[result.Shape.Rank - 2], (int)inner, (int)result.Shape[result.Shape.Rank - 1], transposesLeft, transposesRight);
        (PlanBuffer first, PlanBuffer second) = (builder.Tensors.Read(source), builder.Tensors.Read(graph.Input(node, 1)));
        builder.Add(new BatchMatMulOperator(builder.Kernels.FloatGemm, matrices, first, second, builder.Tensors.Write(new(node.Index, 0)), builder.Threads) { Node = node.Node });
        return true;
    }

    private static void AddProduct(AnalyzedNode node, PlanBuilder builder, TensorSource source, Tensor weights)
    {
        TensorShape shape = builder.Graph[source].Shape;
        long inner = shape[shape.Rank - 1];
        GemmLowering.Add(builder, node, ConvolutionShape.MatMul(shape.ElementCount / inner, inner, weights.Shape[1]), builder.Tensors.Read(source), weights);
    }

    /// <summary>The numbers of the matrices that are multiplied, in the order of the results.</summary>
    private static (int Left, int Right)[] Batches(TensorShape left, TensorShape right)
    {
        var broadcast = Broadcast.Of(TensorShape.Of(left.Dimensions.AsSpan()[..^2]), TensorShape.Of(right.Dimensions.AsSpan()[..^2]));
        var batches = new (int Left, int Right)[broadcast.Shape.ElementCount];
        IndexPairs pair = broadcast.Pairs;
        for (int i = 0; i < batches.Length; i++, pair.Next())
            batches[i] = (pair.Left, pair.Right);
        return batches;
    }
}
