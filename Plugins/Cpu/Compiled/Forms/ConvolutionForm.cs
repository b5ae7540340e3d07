using TransformFramework.Cpu.Compiled.Steps;
using TransformFramework.Cpu.Gemm;
using TransformFramework.Cpu.Kernels.Convolution;
using TransformFramework.Cpu.Planning;
using TransformFramework.Graphs;

namespace TransformFramework.Cpu.Compiled.Forms;

/// <summary>A float convolution with constant filter over channels-last images, with the padding before it and the bias, batch norm, addition and activation after it.</summary>
internal sealed class ConvolutionForm : IFastForm
{
    public bool IsExact => false;

    public bool TryLower(ProgramNode node, PlanBuilder builder)
    {
        PlanGraph graph = builder.Graph;
        if (!ConvolutionInput.TryFind(builder, node, out var input) || input.Filter.Shape[2] != input.Channels)
            return false;
        ConvolutionShape shape = input.Shape(ConvolutionGeometry.Of(node.Node, input.Padded, input.Filter.Shape).Windows, (int)input.Filter.Shape[3]);
        PlanBuffer source = builder.Read(input.Source);
        if (shape.IsPadded && shape.InputChannels < FusedProductForm.FewChannels && shape.Width.Dilation == 1)
            source = Pad(builder, input, source, ref shape);
        Products.Add(builder, node, shape, source, input.Filter);
        return true;
    }

    private static PlanBuffer Pad(PlanBuilder builder, ConvolutionInput input, PlanBuffer source, ref ConvolutionShape shape)
    {
        Extent height = shape.Height.WithPadding();
        Extent width = shape.Width.WithPadding();
        var padded = new PlanBuffer((long)shape.Batch * height.Input * width.Input * shape.InputChannels * sizeof(float));
        long[] before = [0, shape.Height.Before, shape.Width.Before, 0];
        TensorShape target = TensorShape.Of(shape.Batch, height.Input, width.Input, shape.InputChannels);
        builder.Add(new PadStep(source, padded, input.Image, target, before, sizeof(float), fill: [0, 0, 0, 0]) { Node = input.Node.Node });
        shape = shape with { Height = height, Width = width };
        return padded;
    }
}
