using TransformFramework.Cpu.Analysis;
using TransformFramework.Cpu.Microkernels.Gemm;
using TransformFramework.Cpu.Microkernels.Gemm.Bf16;
using TransformFramework.Cpu.Microkernels.Gemm.F32;
using TransformFramework.Execution;
using TransformFramework.Graphs;

namespace TransformFramework.Cpu.Plans.Operators.Gemm;

/// <summary>Adds the operator of a float product with constant weights, with what follows it.</summary>
internal static class GemmLowering
{
    /// <param name="builder">The plan so far.</param>
    /// <param name="node">The node of the product.</param>
    /// <param name="shape">Its sizes.</param>
    /// <param name="source">Image or matrix.</param>
    /// <param name="weights">[taps…, in / groups, out].</param>
    public static void Add(PlanBuilder builder, AnalyzedNode node, ConvolutionShape shape, PlanBuffer source, Tensor weights)
    {
        F32GemmKernels tiles = builder.Kernels.FloatGemm;
        PostOps post = PostOpsChain.Follow(builder, new(node.Index, 0), takesResidual: true);
        var (taps, depth) = TapsOf(shape);
        if (Rounding(builder, shape) is { } rounding)
        {
            AddRounded(builder, rounding, node, shape, source, weights, post, taps, depth);
            return;
        }
        F32Panels[] panels = builder.Weights.GetOrAdd(node.Index, taps, weights, post, read => Pack(tiles, shape, read, taps, depth, post));
        builder.Add(new GemmOperator(tiles, shape, Operands(builder, shape, source, post, panels), builder.Threads) { Node = node.Node });
    }

    /// <summary>What rounds the factors of a product to bfloat16, or null where they stay floats.</summary>
    public static Bf16Products? Rounding(PlanBuilder builder, ConvolutionShape shape) =>
        builder.Options.Precision == FloatPrecision.BFloat16 && shape.Groups == 1 && shape.InputChannels % Bf16Products.Pair == 0 ? builder.Kernels.Bf16 : null;

    /// <summary>The operator of a product or convolution whose sums are direct, its weights packed anew.</summary>
    public static GemmOperator Direct(F32GemmKernels tiles, ConvolutionShape shape, Tensor weights, PostOps post, GemmOperands operands, int threads, Node node)
    {
        var (taps, depth) = TapsOf(shape);
        return new(tiles, shape, operands with { Weights = Pack(tiles, shape, weights, taps, depth, post) }, threads) { Node = node };
    }

    /// <summary>The product of numbers rounded to bfloat16. Inputs are rounded once for all that read them.</summary>
    private static void AddRounded(PlanBuilder builder, Bf16Products products, AnalyzedNode node, ConvolutionShape shape, PlanBuffer source, Tensor weights, PostOps post, int taps, int depth)
    {
        F32Panels panels = builder.Weights.GetOrAdd(node.Index, taps, weights, post, read => products.Pack(
            read.AsSpan<float>(), taps, depth, shape.OutputChannels, post.Scale is null ? [] : PostOps.ToSingles(post.Scale), post.Offset is null ? [] : PostOps.ToSingles(post.Offset)));
        GemmOperands operands = Operands(builder, shape, builder.Tensors.ReadRounded(source, node.Node), post, [panels]);
        builder.Add(new GemmOperator(products.Tiles, shape, operands, builder.Threads, products.ElementBytes) { Node = node.Node });
    }

    /// <summary>What a product reads and writes beside its weights.</summary>
    public static GemmOperands Operands(PlanBuilder builder, ConvolutionShape shape, PlanBuffer source, PostOps post, F32Panels[] panels)
    {
        PlanBuffer? residual = post.Residual is { } added ? builder.Tensors.Read(added) : null;
        PlanBuffer? zeros = shape.IsPadded || panels.Length == 0 ? builder.Tensors.Filled(shape.InputChannels * sizeof(float)) : null;
        PlanBuffer target = builder.Tensors.Write(post.Output);
        target.Replaces = residual == source ? null : residual;
        return new(panels, source, target, residual, zeros, post.Low, post.High);
    }

    private static (int Taps, int Depth) TapsOf(ConvolutionShape shape) => shape.WithRowTaps ?? (shape.Height.Size * shape.Width.Size, shape.GroupChannels);

    /// <summary>The panels of each group.</summary>
    private static F32Panels[] Pack(F32GemmKernels tiles, ConvolutionShape shape, Tensor weights, int taps, int depth, PostOps post)
    {
        float[] scale = post.Scale is null ? [] : PostOps.ToSingles(post.Scale);
        float[] bias = post.Offset is null ? [] : PostOps.ToSingles(post.Offset);
        if (shape.Groups == 1)
            return [F32Panels.Pack(tiles, weights.AsSpan<float>(), taps, depth, shape.OutputChannels, scale, bias)];
        int columns = shape.OutputChannels / shape.Groups;
        var panels = new F32Panels[shape.Groups];
        float[] share = new float[taps * depth * columns];
        for (int group = 0; group < panels.Length; group++)
        {
            int first = group * columns;
            for (int row = 0; row < taps * depth; row++)
                weights.AsSpan<float>().Slice((row * shape.OutputChannels) + first, columns).CopyTo(share.AsSpan(row * columns));
            panels[group] = F32Panels.Pack(tiles, share, taps, depth, columns, scale.Length == 0 ? [] : scale.AsSpan(first, columns), bias.Length == 0 ? [] : bias.AsSpan(first, columns));
        }
        return panels;
    }
}
