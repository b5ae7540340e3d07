using TransformFramework.Cpu.Analysis;
using TransformFramework.Cpu.Kernels;
using TransformFramework.Cpu.Kernels.Quantized.Conversions;
using TransformFramework.Cpu.Kernels.Quantized.Gemm;
using TransformFramework.Cpu.Microkernels.Gemm;
using TransformFramework.Cpu.Microkernels.Gemm.U8S8;
using TransformFramework.Cpu.Plans.Operators.Alias;
using TransformFramework.Cpu.Plans.Operators.ConvInteger;
using TransformFramework.Cpu.Plans.Operators.Pad;
using TransformFramework.Cpu.Plans.Operators.QuantizedDepthwiseConv2D;
using TransformFramework.Graphs;
using TransformFramework.Toolkit.Ops;

namespace TransformFramework.Cpu.Plans.Operators.QuantizedConv2D;

/// <summary>
/// Convolutions of oneDNN builds whose filter, bias and ranges are constant: bias, sum, Relu and requantization while the accumulators are in the cache. Without requantization the accumulators go out as qint32
/// values, or as what the nodes after them make of them. Depthwise ones take one filter a channel.
/// </summary>
[Lowering(
    "QuantizedConv2D", "QuantizedConv2DAndRelu", "QuantizedConv2DAndReluAndRequantize", "QuantizedConv2DAndRequantize",
    "QuantizedConv2DPerChannel", "QuantizedConv2DWithBias", "QuantizedConv2DWithBiasAndRelu", "QuantizedConv2DWithBiasAndReluAndRequantize",
    "QuantizedConv2DWithBiasAndRequantize", "QuantizedConv2DWithBiasSumAndReluAndRequantize", "QuantizedConv2DWithBiasSignedSumAndReluAndRequantize", "QuantizedDepthwiseConv2D",
    "QuantizedDepthwiseConv2DWithBias", "QuantizedDepthwiseConv2DWithBiasAndRelu", "QuantizedDepthwiseConv2DWithBiasAndReluAndRequantize")]
internal sealed class QuantizedConv2DLowering : ILowering
{
    private const int Rank = 4;

    private static readonly ConvIntegerLowering Classic = new();

    public bool IsExact => true;

    public bool TryLower(AnalyzedNode node, PlanBuilder builder)
    {
        PlanGraph graph = builder.Graph;
        if (graph[graph.Input(node, 1)].Type != DataType.QInt8)
            return Classic.TryLower(node, builder);
        var parts = FusedOpName.Of(node.Node.Op);
        bool fits = Fits(graph, node, parts) && !(node.Node.Attributes.ContainsKey("padding_list") && node.Node.Longs("padding_list").Any(count => count != 0));
        if (!fits)
            return false;
        bool isDepthwise = FusedConvolution.IsDepthwise(node.Node);
        TensorShape filter = graph[graph.Input(node, 1)].Shape;
        IntegerConvolution convolution = QuantizedConvolutions.Of(node.Node, graph[graph.Input(node, 0)].Shape, filter, FusedConvolution.Window, isDepthwise);
        if (isDepthwise && (filter[3] != 1 || convolution.Height.Stride != convolution.Width.Stride))
            return false;
        var shape = ConvolutionShape.Of(convolution.Batch, convolution.Height, convolution.Width, convolution.Channels, convolution.Columns);
        Tensor[] inputs = [.. graph.Inputs(node).ToArray().Select(source => graph[source].Constant ?? Tensor.FromContent(graph[source].Type, TensorShape.Of(0), ReadOnlyMemory<byte>.Empty))];
        if (QuantizedConvolutionTerms.Of(node.Node, parts, inputs, shape) is not { } terms)
            return false;
        AccumulatorChain? chain = parts is { Requantizes: false, HasRelu: false } ? AccumulatorChain.Of(builder, node) : null;
        QuantizedConvolutionTerms? converted = chain is null ? null : terms.ForConversion(inputs[1]);
        if (converted is null || (chain!.PostOps.Result == PostOpsResult.QuantizedValues && converted.Bias is not null))
            chain = null;
        Add(builder, node, new(parts, inputs, shape, chain is null ? terms : converted!, isDepthwise, chain));
        return true;
    }

    private static bool Fits(PlanGraph graph, AnalyzedNode node, FusedOpName parts)
    {
        PlanTensor input = graph[graph.Input(node, 0)];
        PlanTensor result = graph[new(node.Index, 0)];
        int last = parts.Requantizes ? parts.ResultRange + 2 : parts.Ranges + 4;
        bool fits = graph.AreConstant(node, 1, last - 1) && input is { IsStatic: true, Constant: null, Shape.Rank: Rank, Type: DataType.QUInt8 or DataType.QInt8 } && result.IsStatic
            && (parts.Requantizes ? result.Type is DataType.QUInt8 or DataType.QInt8 : result.Type == DataType.QInt32 && !parts.HasSum)
            && (!parts.Requantizes || RangeAlias.Fits(graph, node, parts.ResultRange));
        if (!fits || !parts.HasSum)
            return fits;
        PlanTensor residual = graph[graph.Input(node, parts.Residual)];
        return residual is { IsStatic: true, Constant: null, Type: DataType.QUInt8 or DataType.QInt8 } && residual.Shape.Equals(result.Shape)
            && graph[graph.Input(node, parts.Residual + 1)].Constant is not null && graph[graph.Input(node, parts.Residual + 2)].Constant is not null;
    }

    private static void Add(PlanBuilder builder, AnalyzedNode node, QuantizedConvolution product)
    {
        PlanGraph graph = builder.Graph;
        FusedOpName parts = product.Parts;
        TensorSource source = graph.Input(node, 0);
        bool isSigned = graph[source].Type == DataType.QInt8;
        bool isBiased = isSigned && !product.IsDepthwise;
        PlanBuffer read = isBiased ? builder.Tensors.ReadBiased(source, node.Node) : builder.Tensors.Read(source);
        PlanBuffer? residual = parts.HasSum ? builder.Tensors.Read(graph.Input(node, parts.Residual)) : product.Chain?.PostOps.Residual is { } added ? builder.Tensors.Read(added) : null;
        foreach (AnalyzedNode converted in product.Chain?.Nodes ?? [])
            builder.Absorb(converted);
        PostOps post = product.PostOps(new(node.Index, 0));
        PlanBuffer target = builder.Tensors.Write(post.Output);
        target.Replaces = residual == read ? null : residual;
        var writer = new AccumulatorWriter(post, residual, parts.HasSum && graph[graph.Input(node, parts.Residual)].Type == DataType.QInt8, target);
        if (product.IsDepthwise && !isSigned && writer is { IsForKernels: true, Residual: null } && builder.Kernels.Depthwise3x3 is { } tiles && QuantizedDepthwise3x3Operator.Fits(product.Shape))
        {
            builder.Add(new QuantizedDepthwise3x3Operator(tiles, product.Shape, product.Inputs[1], product.Terms.InitialBias, read, writer) { Node = node.Node });
        }
        else if (product.IsDepthwise)
        {
            var weights = builder.Weights.GetOrAdd(node.Index, 0, product.Inputs[1], filter => new QuantizedDepthwiseWeights(filter.AsSpan<sbyte>(), product.Terms.InitialBias));
            builder.Add(new QuantizedDepthwiseOperator(builder.Kernels.Int8Vectors, product.Shape, weights, read, isSigned, writer) { Node = node.Node });
        }
        else
        {
            byte zero = isBiased ? (byte)QuantizedConvolution.SignBias : (byte)0;
            if (product.Shape.PaysPaddedCopy)
            {
                ConvolutionShape shape = product.Shape;
                read = PadLowering.AddCopy(builder, node.Node, ref shape, read, sizeof(byte), [zero]);
                product = product with { Shape = shape };
            }
            U8S8Panels panels = builder.Weights.GetOrAdd(node.Index, product.Shape.Height.Size, product.Inputs[1], filter => product.Pack(builder.Kernels.Int8Gemm, filter.AsSpan<sbyte>(), isBiased));
            PlanBuffer? padding = product.Shape.IsPadded ? builder.Tensors.Filled(product.Shape.InputChannels, zero) : null;
            builder.Add(new QuantizedConv2DOperator(builder.Kernels, product.Shape, panels, read, padding, writer, builder.Threads) { Node = node.Node });
        }
        SetRange(builder, node, product);
    }

    private static void SetRange(PlanBuilder builder, AnalyzedNode node, QuantizedConvolution product)
    {
        if (product.Parts.Requantizes)
        {
            RangeAlias.Add(builder, node, product.Parts.ResultRange);
            return;
        }
        Tensor[] ends = FusedConvolution.Ends(product.Inputs, product.Parts, product.Shape.OutputChannels);
        builder.Tensors.SetConstant(new(node.Index, 1), ends[0]);
        builder.Tensors.SetConstant(new(node.Index, 2), ends[1]);
    }
}
