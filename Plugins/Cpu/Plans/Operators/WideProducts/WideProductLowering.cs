using TransformFramework.Cpu.Analysis;
using TransformFramework.Cpu.Kernels;
using TransformFramework.Cpu.Kernels.Convolution;
using TransformFramework.Cpu.Microkernels.Depthwise;
using TransformFramework.Cpu.Microkernels.Gemm;
using TransformFramework.Cpu.Microkernels.Gemm.U8S8;
using TransformFramework.Cpu.Plans.Operators.Conv2D;
using TransformFramework.Cpu.Plans.Operators.Pad;
using TransformFramework.Graphs;

namespace TransformFramework.Cpu.Plans.Operators.WideProducts;

/// <summary>A convolution or matrix product of real values that are qint16 values times a step, by weights that are constant qint8 values times a scale: computed in integers, with the bias and activation after it.</summary>
[Fusion("Conv2D", "DepthwiseConv2dNative", "MatMul")]
internal sealed class WideProductLowering : ILowering
{
    public bool IsExact => false;

    public bool TryLower(AnalyzedNode node, PlanBuilder builder)
    {
        if (builder.WideTensors.Count == 0 || WideWeights.Of(builder.Graph, node) is not { } weights)
            return false;
        return node.Node.Op == "MatMul" ? TryLowerMatMul(node, builder, weights) : TryLowerConvolution(node, builder, weights);
    }

    private static bool TryLowerMatMul(AnalyzedNode node, PlanBuilder builder, WideWeights weights)
    {
        PlanGraph graph = builder.Graph;
        TensorSource source = graph.Input(node, 0);
        bool fits = graph[source] is { IsStaticFloat: true, Shape.Rank: 2 } && !node.Node.Bool("transpose_a") && graph[new(node.Index, 0)].IsStaticFloat && weights.Constant.Shape.Rank == 2;
        if (!fits || !builder.WideTensors.TryGetValue(source, out WideTensor? data) || weights.Values.Length != graph[source].Shape[1] * weights.Scales.Length)
            return false;
        return TryAddGemm(node, builder, ConvolutionShape.MatMul(graph[source].Shape[0], graph[source].Shape[1], weights.Scales.Length), data, weights);
    }

    private static bool TryLowerConvolution(AnalyzedNode node, PlanBuilder builder, WideWeights weights)
    {
        if (!ConvolutionInput.TryFind(builder, node, out var input) || !builder.WideTensors.TryGetValue(input.Source, out WideTensor? data) || input.Filter.Shape[2] != input.Channels)
            return false;
        if (node.Node.Op == "Conv2D")
            return TryAddGemm(node, builder, input.Shape(ConvolutionGeometry.Of(node.Node, input.Padded, input.Filter.Shape).Windows, input.Filter.Shape[3]), data, weights);
        Window[] windows = ConvolutionGeometry.Of(node.Node, input.Padded, input.Filter.Shape, []).Windows;
        if (input.Filter.Shape[3] != 1 || windows[0].Size * windows[1].Size > S16S8DepthwiseKernel.MostTaps)
            return false;
        AddDepthwise(node, builder, input.Shape(windows, input.Channels), data, weights);
        return true;
    }

    private static void AddDepthwise(AnalyzedNode node, PlanBuilder builder, ConvolutionShape shape, WideTensor data, WideWeights weights)
    {
        PlanBuffer source = builder.Tensors.Read(data.Quantized);
        PlanBuffer zeros = builder.Tensors.Filled((shape.InputChannels + S16S8DepthwiseKernel.Channels) * sizeof(short));
        PostOps post = PostOpsChain.Follow(builder, new(node.Index, 0), takesResidual: false);
        var operands = new WideOperands(source, builder.Tensors.Write(post.Output), zeros, Totals: null);
        var packed = builder.Weights.GetOrAdd(node.Index, 0, weights.Constant, _ => S16S8DepthwiseKernel.Pack(weights.Values, shape.Height.Size * shape.Width.Size, shape.InputChannels));
        builder.Add(new WideDepthwiseOperator(builder.Kernels.Name, shape, packed, operands, WideResults.Of(post, data.Step, weights.Scales)) { Node = node.Node });
    }

    private static bool TryAddGemm(AnalyzedNode node, PlanBuilder builder, ConvolutionShape shape, WideTensor data, WideWeights weights)
    {
        var (taps, depth) = (shape.PaysPaddedCopy ? shape.WithPadding() : shape).WithRowTaps ?? (shape.Height.Size * shape.Width.Size, shape.InputChannels);
        var segments = WideSegment.Of(weights.Values, taps, depth, shape.OutputChannels);
        if (segments.Count == 0)
            return false;
        PlanBuffer source = builder.Tensors.Read(data.Quantized);
        if (shape.PaysPaddedCopy)
            source = PadLowering.AddCopy(builder, node.Node, ref shape, source, sizeof(short), fill: [0, 0]);
        PlanBuffer? zeros = shape.IsPadded ? builder.Tensors.Filled(shape.InputChannels * sizeof(short)) : null;
        PostOps post = PostOpsChain.Follow(builder, new(node.Index, 0), takesResidual: false);
        PlanBuffer? totals = segments.Count > 1 ? new((long)shape.Rows * shape.OutputChannels * sizeof(double)) : null;
        var operands = new WideOperands(source, builder.Tensors.Write(post.Output), zeros, totals);
        var results = WideResults.Of(post, data.Step, weights.Scales);
        U8S8GemmKernels tiles = builder.Kernels.Int16Gemm;
        U8S8Panels[] panels = builder.Weights.GetOrAdd(node.Index, taps, weights.Constant, _ => Pack(tiles, weights, segments, taps, depth));
        for (int i = 0; i < panels.Length; i++)
            builder.Add(new WideGemmOperator(tiles, shape, panels[i], operands, results, new(segments[i], i == 0, i == panels.Length - 1), builder.Threads) { Node = node.Node });
        return true;
    }

    private static U8S8Panels[] Pack(U8S8GemmKernels tiles, WideWeights weights, IReadOnlyList<WideSegment> segments, int taps, int depth) =>
        [.. segments.Select(segment => U8S8Panels.Pack(tiles, segment.Rows(weights.Values, taps, depth, weights.Scales.Length), taps, segment.Depth, weights.Scales.Length, []))];
}
