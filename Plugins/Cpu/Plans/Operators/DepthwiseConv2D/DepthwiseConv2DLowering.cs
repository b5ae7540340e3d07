using TransformFramework.Cpu.Analysis;
using TransformFramework.Cpu.Kernels;
using TransformFramework.Cpu.Kernels.Convolution;
using TransformFramework.Cpu.Microkernels.Gemm;
using TransformFramework.Cpu.Plans.Operators.Conv2D;

namespace TransformFramework.Cpu.Plans.Operators.DepthwiseConv2D;

/// <summary>A float depthwise convolution with constant filter, with padding before and bias, batch norm and activation after it. Multipliers other than 1 are left to the reference kernel. Where its bits count nothing after it is taken in.</summary>
[Lowering("DepthwiseConv2dNative")]
internal sealed class DepthwiseConv2DLowering : ILowering
{
    public bool IsExact => true;

    public bool TryLower(AnalyzedNode node, PlanBuilder builder)
    {
        if (!ConvolutionInput.TryFind(builder, node, out var input) || input.Filter.Shape[2] != input.Channels || input.Filter.Shape[3] != 1)
            return false;
        Window[] windows = ConvolutionGeometry.Of(node.Node, input.Padded, input.Filter.Shape, []).Windows;
        if (windows[0].Stride != windows[1].Stride)
            return false;
        ConvolutionShape shape = input.Shape(windows, input.Channels);
        PlanBuffer source = builder.Tensors.Read(input.Source);
        PostOps post = builder.IsExactOnly ? new PostOps(new(node.Index, 0), shape.InputChannels) : PostOpsChain.Follow(builder, new(node.Index, 0), takesResidual: false);
        DepthwiseWeights weights = builder.Weights.GetOrAdd(node.Index, 0, input.Filter, post, filter => DepthwiseWeights.Of(filter, post));
        PlanBuffer target = builder.Tensors.Write(post.Output);
        builder.Add(new DepthwiseConv2DOperator(builder.Kernels.FloatVectors, shape, weights, source, target, post.Low, post.High, builder.IsExactOnly) { Node = node.Node });
        return true;
    }
}
