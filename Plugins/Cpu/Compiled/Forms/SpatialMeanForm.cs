using TransformFramework.Cpu.Compiled.Steps;
using TransformFramework.Cpu.Gemm;
using TransformFramework.Cpu.Kernels;
using TransformFramework.Cpu.Planning;
using TransformFramework.Graphs;

namespace TransformFramework.Cpu.Compiled.Forms;

/// <summary>The mean over height and width of channels-last float images: pooling by one window, or in the order of the reference kernel where bits count.</summary>
internal sealed class SpatialMeanForm : IFastForm
{
    public bool IsExact => true;

    public bool TryLower(ProgramNode node, PlanBuilder builder)
    {
        PlanGraph graph = builder.Graph;
        TensorSource source = graph.Input(node, 0);
        var output = new TensorSource(node.Index, 0);
        bool fits = graph[source] is { IsStaticFloat: true, Shape.Rank: 4 } && graph[output].IsStaticFloat
            && graph[graph.Input(node, 1)].Constant is { Type: DataType.Int32 or DataType.Int64 } axes && IsSpatial(Integers.Read(axes));
        if (!fits)
            return false;
        TensorShape image = graph[source].Shape;
        var shape = new ConvolutionShape((int)image[0], Whole(image[1]), Whole(image[2]), (int)image[3], (int)image[3]);
        if (builder.IsExactOnly && image[3] == 1)
            return false;
        PlanBuffer read = builder.Read(source);
        if (builder.IsExactOnly)
        {
            builder.Add(new OrderedMeanStep(read, builder.Write(output), (int)image[0], checked((int)(image[1] * image[2])), (int)image[3]) { Node = node.Node });
            return true;
        }
        builder.Add(new PoolingStep(builder.Kernels.Vectors, shape, read, builder.Write(output), takesMaximum: false) { Node = node.Node });
        return true;
    }

    private static bool IsSpatial(long[] axes) => axes.Select(axis => axis < 0 ? axis + 4 : axis).Distinct().Order().SequenceEqual([1, 2]);

    private static Extent Whole(long length) => new((int)length, (int)length, 1, 1, 0, 1);
}
