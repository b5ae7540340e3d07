using TransformFramework.Cpu.Analysis;
using TransformFramework.Cpu.Kernels;
using TransformFramework.Cpu.Kernels.MatrixProduct;
using TransformFramework.Cpu.Microkernels.Gemm;
using TransformFramework.Graphs;

namespace TransformFramework.Cpu.Plans.Operators.Gemm;

/// <summary>A float matrix times a constant matrix, with what follows it.</summary>
[Lowering("MatMul")]
internal sealed class MatMulLowering : ILowering
{
    public bool IsExact => false;

    public bool TryLower(AnalyzedNode node, PlanBuilder builder)
    {
        PlanGraph graph = builder.Graph;
        TensorSource source = graph.Input(node, 0);
        PlanTensor left = graph[source];
        PlanTensor right = graph[graph.Input(node, 1)];
        bool fits = left is { IsStaticFloat: true, Constant: null, Shape.Rank: 2 } && right is { IsStaticFloat: true, Constant: not null, Shape.Rank: 2 }
            && !node.Node.Bool("transpose_a") && graph[new(node.Index, 0)].IsStaticFloat;
        if (!fits)
            return false;
        bool transposes = node.Node.Bool("transpose_b");
        int inner = (int)left.Shape[1];
        int columns = (int)right.Shape[transposes ? 0 : 1];
        if (right.Shape[transposes ? 1 : 0] != inner)
            return false;
        Tensor weights = transposes ? Transposed(right.Constant!) : right.Constant!;
        PlanBuffer buffer = builder.Tensors.Read(source);
        GemmLowering.Add(builder, node, ConvolutionShape.MatMul(left.Shape[0], inner, columns), buffer, weights);
        return true;
    }

    /// <summary>A float matrix, transposed.</summary>
    public static Tensor Transposed(Tensor matrix) =>
        Tensor.Create<float>(DataType.Float, TensorShape.Of(matrix.Shape[1], matrix.Shape[0]), ReferenceGemm.Transpose(matrix.AsSpan<float>(), (int)matrix.Shape[0], (int)matrix.Shape[1]));
}
