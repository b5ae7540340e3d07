using TransformFramework.Cpu.Analysis;
using TransformFramework.Cpu.Kernels;
using TransformFramework.Cpu.Microkernels.Gemm;
using TransformFramework.Cpu.Plans.Operators.Pooling;
using TransformFramework.Graphs;

namespace TransformFramework.Cpu.Plans.Operators.Mean;

/// <summary>The mean over height and width of channels-last float images: pooling by one window, or in the order of the reference kernel where bits count.</summary>
[Lowering("Mean")]
internal sealed class SpatialMeanLowering : ILowering
{
    public bool IsExact => true;

    public bool TryLower(AnalyzedNode node, PlanBuilder builder)
    {
        PlanGraph graph = builder.Graph;
        TensorSource source = graph.Input(node, 0);
        var output = new TensorSource(node.Index, 0);
        bool fits = graph[source] is { IsStaticFloat: true, Shape.Rank: 4 } && graph[output].IsStaticFloat
            && graph[graph.Input(node, 1)].Constant is { Type: DataType.Int32 or DataType.Int64 } axes && IsSpatial(Integers.Read(axes));
        if (!fits)
            return false;
        TensorShape image = graph[source].Shape;
        var shape = ConvolutionShape.Of(image[0], OneWindow(image[1]), OneWindow(image[2]), image[3], image[3]);
        if (builder.IsExactOnly && image[3] == 1)
            return false;
        PlanBuffer read = builder.Tensors.Read(source);
        if (builder.IsExactOnly)
        {
            builder.Add(new OrderedMeanOperator(read, builder.Tensors.Write(output), (int)image[0], checked((int)(image[1] * image[2])), (int)image[3]) { Node = node.Node });
            return true;
        }
        builder.Add(new PoolingOperator(builder.Kernels.FloatVectors, shape, read, builder.Tensors.Write(output), takesMaximum: false) { Node = node.Node });
        return true;
    }

    private static bool IsSpatial(long[] axes)
    {
        const int rank = 4;
        bool hasHeight = false;
        bool hasWidth = false;
        foreach (long axis in axes)
        {
            long at = axis < 0 ? axis + rank : axis;
            if (at is not (1 or 2))
                return false;
            hasHeight |= at == 1;
            hasWidth |= at == 2;
        }
        return hasHeight && hasWidth;
    }

    private static Window OneWindow(long length) => new(length, length, 1, 1, 0, 1);
}
