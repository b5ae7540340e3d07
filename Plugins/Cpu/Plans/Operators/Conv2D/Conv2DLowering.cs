using TransformFramework.Cpu.Analysis;
using TransformFramework.Cpu.Kernels.Convolution;
using TransformFramework.Cpu.Microkernels.Gemm;
using TransformFramework.Cpu.Microkernels.Gemm.Bf16;
using TransformFramework.Cpu.Microkernels.Gemm.F32;
using TransformFramework.Cpu.Microkernels.Gemm.Strassen;
using TransformFramework.Cpu.Microkernels.Gemm.Winograd;
using TransformFramework.Cpu.Plans.Operators.Gemm;
using TransformFramework.Cpu.Plans.Operators.Pad;
using TransformFramework.Execution;
using TransformFramework.Graphs;

namespace TransformFramework.Cpu.Plans.Operators.Conv2D;

/// <summary>A float convolution with constant filter over channels-last images, in one group or several, with the padding before it and the bias, batch norm, addition and activation after it.</summary>
[Lowering("Conv2D")]
internal sealed class Conv2DLowering : ILowering
{
    /// <summary>Tells weights in quarters from those of a tap in the cache of packed weights.</summary>
    private const int QuarteredTaps = 0;

    public bool IsExact => false;

    public bool TryLower(AnalyzedNode node, PlanBuilder builder)
    {
        PlanGraph graph = builder.Graph;
        if (!ConvolutionInput.TryFind(builder, node, out var input))
            return false;
        int groups = ConvolutionGeometry.Groups(input.Channels, input.Filter.Shape[2], input.Filter.Shape[3]);
        ConvolutionShape shape = input.Shape(ConvolutionGeometry.Of(node.Node, input.Padded, input.Filter.Shape).Windows, input.Filter.Shape[3]) with { Groups = groups };
        PlanBuffer source = shape.PaysPaddedCopy ? PadLowering.AddCopy(builder, node.Node, ref shape, builder.Tensors.ReadInPlace(input.Source), sizeof(float), fill: [0, 0, 0, 0]) : builder.Tensors.Read(input.Source);
        Bf16Products? rounding = GemmLowering.Rounding(builder, shape);
        if (!builder.Options.DirectConvolution && WinogradConv2DOperator.Fits(shape))
            AddWinograd(builder, node, rounding, shape, source, input.Filter);
        else if (!builder.Options.DirectConvolution && rounding is null && StrassenConv2DOperator.Fits(shape))
            AddStrassen(builder, node, shape, source, input.Filter);
        else
            GemmLowering.Add(builder, node, shape, source, input.Filter);
        return true;
    }

    private static void AddWinograd(PlanBuilder builder, AnalyzedNode node, Bf16Products? rounding, ConvolutionShape shape, PlanBuffer source, Tensor filter)
    {
        PostOps post = PostOpsChain.Follow(builder, new(node.Index, 0), takesResidual: true);
        WinogradWeights weights = builder.Weights.GetOrAdd(node.Index, WinogradTile.Products, filter, post, read => WinogradWeights.Of(builder.Kernels.FloatGemm, rounding, read.AsSpan<float>(), shape.InputChannels, shape.OutputChannels, post));
        GemmOperands operands = GemmLowering.Operands(builder, shape, source, post, []);
        operands.Target.Replaces = null;
        builder.Add(new WinogradConv2DOperator(builder.Kernels, rounding, shape, weights, operands, builder.Threads, Direct(builder.Kernels.FloatGemm, shape, filter, post, operands, builder.Threads, node.Node)) { Node = node.Node });
    }

    private static void AddStrassen(PlanBuilder builder, AnalyzedNode node, ConvolutionShape shape, PlanBuffer source, Tensor filter)
    {
        PostOps post = PostOpsChain.Follow(builder, new(node.Index, 0), takesResidual: true);
        F32GemmKernels tiles = builder.Kernels.FloatGemm;
        StrassenWeights weights = builder.Weights.GetOrAdd(node.Index, QuarteredTaps, filter, post, read => StrassenWeights.Pack(
            tiles, read.AsSpan<float>(), shape.InputChannels, shape.OutputChannels, post.Scale is null ? [] : PostOps.ToSingles(post.Scale), post.Offset is null ? [] : PostOps.ToSingles(post.Offset)));
        GemmOperands operands = GemmLowering.Operands(builder, shape, source, post, []);
        operands.Target.Replaces = null;
        builder.Add(new StrassenConv2DOperator(builder.Kernels, shape, weights, operands, builder.Threads, Direct(tiles, shape, filter, post, operands, builder.Threads, node.Node)) { Node = node.Node });
    }

    /// <summary>Makes the direct convolution; keeps nothing else of the graph meanwhile.</summary>
    private static Func<GemmOperator> Direct(F32GemmKernels tiles, ConvolutionShape shape, Tensor filter, PostOps post, GemmOperands operands, int threads, Node node) =>
        () => GemmLowering.Direct(tiles, shape, filter, post, operands, threads, node);
}
