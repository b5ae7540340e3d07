using TransformFramework.Cpu.Analysis;
using TransformFramework.Cpu.Kernels;
using TransformFramework.Cpu.Microkernels.Gemm;
using TransformFramework.Cpu.Plans.Operators.Pad;
using TransformFramework.Graphs;

namespace TransformFramework.Cpu.Plans.Operators.Conv2D;

/// <summary>What a convolution reads. A padding node before it becomes part of its windows.</summary>
/// <param name="Node">The convolution.</param>
/// <param name="Source">The image.</param>
/// <param name="Image">Shape of the image, channels last.</param>
/// <param name="Padded">Shape that the node sees.</param>
/// <param name="Before">Zeros before each dimension of the image.</param>
/// <param name="Filter">The constant filter.</param>
internal readonly record struct ConvolutionInput(AnalyzedNode Node, TensorSource Source, TensorShape Image, TensorShape Padded, long[] Before, Tensor Filter)
{
    public long Channels => Image[3];

    /// <summary>Finds what a node convolves; false when it is not float, not channels last, or its filter not constant.</summary>
    public static bool TryFind(PlanBuilder builder, AnalyzedNode node, out ConvolutionInput input)
    {
        PlanGraph graph = builder.Graph;
        TensorSource source = graph.Input(node, 0);
        PlanTensor image = graph[source];
        PlanTensor filter = graph[graph.Input(node, 1)];
        input = default;
        bool fits = image is { IsStaticFloat: true, Constant: null, Shape.Rank: 4 } && filter is { IsStaticFloat: true, Constant: not null, Shape.Rank: 4 }
            && graph[new(node.Index, 0)].IsStaticFloat && !DataFormat.Of(node.Node, 4).ChannelsFirst;
        if (!fits)
            return false;
        input = new(node, source, image.Shape, image.Shape, new long[4], filter.Constant!);
        if (PadLowering.Spatial(graph, source) is not { } paddings)
            return true;
        TensorSource unpadded = graph.Input(graph.Producer(source), 0);
        input = input with { Source = unpadded, Image = graph[unpadded].Shape, Before = paddings.Before };
        return true;
    }

    /// <summary>The convolution that the windows make over the image without its padding.</summary>
    /// <exception cref="OverflowException">It is too large for an operator.</exception>
    public ConvolutionShape Shape(Window[] windows, long columns) => ConvolutionShape.Of(Image[0], Along(windows[0], 1), Along(windows[1], 2), Channels, columns);

    private Window Along(Window window, int axis) => window with { Input = Image[axis], Before = checked(window.Before + Before[axis]) };
}
