using TransformFramework.Cpu.Analysis;
using TransformFramework.Cpu.Kernels.Convolution;
using TransformFramework.Cpu.Microkernels.Gemm;
using TransformFramework.Graphs;

namespace TransformFramework.Cpu.Plans.Operators.Conv2D;

/// <summary>A float convolution in a graph whose real values must have the bits of the reference kernels: sums in the same order, nothing folded into the weights.</summary>
[Lowering("Conv2D")]
internal sealed class ExactConv2DLowering : ILowering
{
    public bool IsExact => true;

    public bool TryLower(AnalyzedNode node, PlanBuilder builder)
    {
        if (!builder.IsExactOnly || !ConvolutionInput.TryFind(builder, node, out var input) || ConvolutionGeometry.Groups(input.Channels, input.Filter.Shape[2], input.Filter.Shape[3]) != 1)
            return false;
        ConvolutionShape shape = input.Shape(ConvolutionGeometry.Of(node.Node, input.Padded, input.Filter.Shape).Windows, input.Filter.Shape[3]);
        if (shape.Rows <= 1 || shape.OutputChannels == 0 || input.Filter.ElementCount == 0)
            return false;
        PlanBuffer source = builder.Tensors.Read(input.Source);
        ExactGemmWeights weights = builder.Weights.GetOrAdd(node.Index, shape.Height.Size, input.Filter, filter => ExactGemmWeights.Of(builder.Kernels.FloatGemm, filter));
        PlanBuffer? zeros = shape.IsPadded ? builder.Tensors.Filled(shape.InputChannels * sizeof(float)) : null;
        builder.Add(new ExactConv2DOperator(builder.Kernels.FloatGemm, shape, weights, source, zeros, builder.Tensors.Write(new(node.Index, 0))) { Node = node.Node });
        return true;
    }
}
