using TransformFramework.Cpu.Compiled.Steps;
using TransformFramework.Cpu.Gemm;
using TransformFramework.Cpu.Kernels;
using TransformFramework.Cpu.Kernels.Quantized;
using TransformFramework.Cpu.Planning;
using TransformFramework.Graphs;

namespace TransformFramework.Cpu.Compiled.Forms;

/// <summary>
/// Convolutions of oneDNN builds whose filter, bias and ranges are constant: bias, sum, Relu and requantization while the sums are in the cache. Without requantization the sums go out as qint32
/// codes. Depthwise ones take one filter a channel.
/// </summary>
internal sealed class FusedProductForm : IFastForm
{
    private const int Rank = 4;

    /// <summary>Below this many channels a window's pixels are taken together, from a padded copy of the images.</summary>
    public const int FewChannels = 16;

    private static readonly CodeProductForm Classic = new();

    public bool IsExact => true;

    public bool TryLower(ProgramNode node, PlanBuilder builder)
    {
        PlanGraph graph = builder.Graph;
        if (graph[graph.Input(node, 1)].Type != DataType.QInt8)
            return Classic.TryLower(node, builder);
        var steps = FusedSteps.Of(node.Node);
        bool fits = Fits(graph, node, steps) && !(node.Node.Attributes.ContainsKey("padding_list") && node.Node.Longs("padding_list").Any(count => count != 0));
        if (!fits)
            return false;
        bool isDepthwise = FusedConvolution.IsDepthwise(node.Node);
        TensorShape filter = graph[graph.Input(node, 1)].Shape;
        IntegerConvolution convolution = QuantizedConvolutions.Of(node.Node, graph[graph.Input(node, 0)].Shape, filter, FusedConvolution.Window, isDepthwise);
        if (isDepthwise && (filter[3] != 1 || convolution.Height.Stride != convolution.Width.Stride))
            return false;
        var shape = new ConvolutionShape(convolution.Batch, Extent.Of(convolution.Height), Extent.Of(convolution.Width), convolution.Channels, convolution.Columns);
        Tensor[] inputs = [.. graph.Inputs(node).ToArray().Select(source => graph[source].Constant ?? Tensor.FromContent(graph[source].Type, TensorShape.Of(0), ReadOnlyMemory<byte>.Empty))];
        if (FusedTerms.Of(node.Node, steps, inputs, shape) is not { } terms)
            return false;
        Add(builder, node, new(steps, inputs, shape, terms, isDepthwise));
        return true;
    }

    private static bool Fits(PlanGraph graph, ProgramNode node, FusedSteps steps)
    {
        PlanTensor input = graph[graph.Input(node, 0)];
        PlanTensor result = graph[new(node.Index, 0)];
        int last = steps.Requantizes ? steps.ResultRange + 2 : steps.Ranges + 4;
        bool fits = graph.AreConstant(node, 1, last - 1) && input is { IsStatic: true, Constant: null, Shape.Rank: Rank, Type: DataType.QUInt8 or DataType.QInt8 } && result.IsStatic
            && (steps.Requantizes ? result.Type is DataType.QUInt8 or DataType.QInt8 : result.Type == DataType.QInt32 && !steps.HasSum)
            && (!steps.Requantizes || RangeAlias.Fits(graph, node, steps.ResultRange));
        if (!fits || !steps.HasSum)
            return fits;
        PlanTensor summand = graph[graph.Input(node, steps.Summand)];
        return summand is { IsStatic: true, Constant: null, Type: DataType.QUInt8 or DataType.QInt8 } && summand.Shape.Equals(result.Shape)
            && graph[graph.Input(node, steps.Summand + 1)].Constant is not null && graph[graph.Input(node, steps.Summand + 2)].Constant is not null;
    }

    private static void Add(PlanBuilder builder, ProgramNode node, FusedProduct product)
    {
        PlanGraph graph = builder.Graph;
        FusedSteps steps = product.Steps;
        TensorSource source = graph.Input(node, 0);
        bool isSigned = graph[source].Type == DataType.QInt8;
        bool isBiased = isSigned && !product.IsDepthwise;
        PlanBuffer read = isBiased ? builder.ReadBiased(source, node.Node) : builder.Read(source);
        PlanBuffer? summand = steps.HasSum ? builder.Read(graph.Input(node, steps.Summand)) : null;
        PlanBuffer target = builder.Write(new(node.Index, 0));
        target.Replaces = summand == read ? null : summand;
        FusedEpilogue epilogue = product.Epilogue(summand, steps.HasSum && graph[graph.Input(node, steps.Summand)].Type == DataType.QInt8, target);
        if (product.IsDepthwise && !isSigned && epilogue is { IsForKernels: true, Summand: null } && builder.Kernels.Codes.Depthwise is { } tiles && DepthwiseQuadStep.Fits(product.Shape))
        {
            builder.Add(new DepthwiseQuadStep(tiles, product.Shape, product.Inputs[1], product.Terms.Start, read, epilogue) { Node = node.Node });
        }
        else if (product.IsDepthwise)
        {
            var weights = builder.Weights.GetOrAdd(node.Index, 0, product.Inputs[1], () => new DepthwiseCodeWeights(product.Inputs[1].AsSpan<sbyte>(), product.Terms.Start));
            builder.Add(new DepthwiseCodeStep(builder.Kernels.Conversions, product.Shape, weights, read, isSigned, epilogue) { Node = node.Node });
        }
        else
        {
            if (product.Shape.IsPadded && product.Shape.InputChannels < FewChannels && product.Shape.Width.Dilation == 1)
                (read, product) = Padded(builder, node, read, product, isBiased);
            CodePanels panels = builder.Weights.GetOrAdd(node.Index, product.Shape.Height.Size, product.Inputs[1], () => product.Pack(builder.Kernels.Codes, isBiased));
            PlanBuffer? padding = product.Shape.IsPadded ? builder.Filled(product.Shape.InputChannels, isBiased ? (byte)FusedProduct.SignBias : (byte)0) : null;
            builder.Add(new CodeConvolutionStep(builder.Kernels, product.Shape, panels, read, padding, epilogue, builder.Threads) { Node = node.Node });
        }
        SetRange(builder, node, product);
    }

    /// <summary>The product over a padded copy of its images, so that the pixels of a window's row are taken together.</summary>
    private static (PlanBuffer Images, FusedProduct Product) Padded(PlanBuilder builder, ProgramNode node, PlanBuffer images, FusedProduct product, bool isBiased)
    {
        ConvolutionShape shape = product.Shape;
        ConvolutionShape whole = shape with { Height = shape.Height.WithPadding(), Width = shape.Width.WithPadding() };
        var padded = new PlanBuffer((long)shape.Batch * whole.Height.Input * whole.Width.Input * shape.InputChannels);
        TensorShape from = TensorShape.Of(shape.Batch, shape.Height.Input, shape.Width.Input, shape.InputChannels);
        TensorShape to = TensorShape.Of(shape.Batch, whole.Height.Input, whole.Width.Input, shape.InputChannels);
        builder.Add(new PadStep(images, padded, from, to, [0, shape.Height.Before, shape.Width.Before, 0], sizeof(byte), [isBiased ? (byte)FusedProduct.SignBias : (byte)0]) { Node = node.Node });
        return (padded, product with { Shape = whole });
    }

    private static void SetRange(PlanBuilder builder, ProgramNode node, FusedProduct product)
    {
        if (product.Steps.Requantizes)
        {
            RangeAlias.Add(builder, node, product.Steps.ResultRange);
            return;
        }
        Tensor[] ends = FusedConvolution.Ends(product.Inputs, product.Steps, product.Shape.OutputChannels);
        builder.SetConstant(new(node.Index, 1), ends[0]);
        builder.SetConstant(new(node.Index, 2), ends[1]);
    }
}
