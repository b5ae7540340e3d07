using TransformFramework.Cpu.Analysis;
using TransformFramework.Cpu.Kernels.Movement;
using TransformFramework.Cpu.Microkernels.Gemm;
using TransformFramework.Diagnostics;
using TransformFramework.Execution;
using TransformFramework.Graphs;

namespace TransformFramework.Cpu.Plans.Operators.Pad;

/// <summary>Zeros around a tensor, or another constant. A convolution that reads the result takes zeros over, so that the operator is needed for other consumers only.</summary>
[Lowering("Pad", "PadV2")]
internal sealed class PadLowering : ILowering
{
    private const int HighestRank = 6;

    public bool IsExact => true;

    public bool TryLower(AnalyzedNode node, PlanBuilder builder)
    {
        PlanGraph graph = builder.Graph;
        TensorSource source = graph.Input(node, 0);
        var output = new TensorSource(node.Index, 0);
        if (!graph[source].IsStatic || !graph[output].IsStatic || Find(graph, node) is not { } paddings || Fill(graph, node) is not { } fill)
            return false;
        builder.Tensors.Defer(output, () =>
        {
            PlanBuffer read = builder.Tensors.ReadInPlace(source);
            builder.Add(new PadOperator(read, builder.Tensors.Write(output), graph[source].Shape, graph[output].Shape, paddings.Before, fill.Length, fill) { Node = node.Node });
        });
        return true;
    }

    /// <summary>The paddings of height and width when they are all that the producer of a channels-last image does, or null.</summary>
    public static Paddings? Spatial(PlanGraph graph, TensorSource source)
    {
        AnalyzedNode producer = graph.Producer(source);
        bool isPad = producer.Node.Op == "Pad" && PlanGraph.IsOwn(producer) && graph[graph.Input(producer, 0)] is { IsStaticFloat: true, Constant: null, Shape.Rank: 4 };
        return isPad && Find(graph, producer) is { Before: [0, _, _, 0], After: [0, _, _, 0] } paddings ? paddings : null;
    }

    /// <summary>Adds a copy of a convolution's images that includes the padding, and makes the convolution one over the copy.</summary>
    public static PlanBuffer AddCopy(PlanBuilder builder, Node node, ref ConvolutionShape shape, PlanBuffer images, int elementBytes, byte[] fill)
    {
        ConvolutionShape padded = shape.WithPadding();
        var copy = new PlanBuffer((long)padded.Batch * padded.Height.Input * padded.Width.Input * padded.InputChannels * elementBytes);
        builder.Add(new PadOperator(images, copy, ImagesOf(shape), ImagesOf(padded), [0, shape.Height.Before, shape.Width.Before, 0], elementBytes, fill) { Node = node });
        shape = padded;
        return copy;
    }

    private static TensorShape ImagesOf(ConvolutionShape shape) => TensorShape.Of(shape.Batch, shape.Height.Input, shape.Width.Input, shape.InputChannels);

    /// <summary>The bytes of the element that a node pads with: zeros, or the constant of PadV2; null when that is not constant.</summary>
    private static byte[]? Fill(PlanGraph graph, AnalyzedNode node)
    {
        DataType type = graph[new(node.Index, 0)].Type;
        if (node.Node.Op == "Pad")
            return new byte[type.Size()];
        return graph[graph.Input(node, 2)].Constant is { Shape.Rank: 0 } value && value.Type == type ? value.Bytes.ToArray() : null;
    }

    /// <summary>The constant paddings of a node, or null when there are none or they do not fit.</summary>
    public static Paddings? Find(PlanGraph graph, AnalyzedNode node)
    {
        if (graph[graph.Input(node, 1)].Constant is not { } counts)
            return null;
        try
        {
            return Paddings.Of(graph[graph.Input(node, 0)].Shape, counts, HighestRank);
        }
        catch (ExecutionException error) when (error.Kind is StatusKind.InvalidArgument or StatusKind.Unimplemented)
        {
            return null;
        }
    }
}
