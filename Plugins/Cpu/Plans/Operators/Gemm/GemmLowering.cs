using TransformFramework.Cpu.Analysis;
using TransformFramework.Cpu.Microkernels.Gemm;
using TransformFramework.Cpu.Microkernels.Gemm.F32;
using TransformFramework.Graphs;

namespace TransformFramework.Cpu.Plans.Operators.Gemm;

/// <summary>Adds the operator of a float product with constant weights, with what follows it.</summary>
internal static class GemmLowering
{
    /// <param name="builder">The plan so far.</param>
    /// <param name="node">The node of the product.</param>
    /// <param name="shape">Its sizes.</param>
    /// <param name="source">Image or matrix.</param>
    /// <param name="weights">[taps…, in, out].</param>
    public static void Add(PlanBuilder builder, AnalyzedNode node, ConvolutionShape shape, PlanBuffer source, Tensor weights)
    {
        F32GemmKernels tiles = builder.Kernels.FloatGemm;
        Epilogue epilogue = EpilogueChain.Follow(builder, new(node.Index, 0), takesResidual: true);
        var (taps, depth) = shape.WithRowTaps ?? (shape.Height.Size * shape.Width.Size, shape.InputChannels);
        F32Panels panels = builder.Weights.GetOrAdd(node.Index, taps, weights, epilogue, () => F32Panels.Pack(tiles, weights.AsSpan<float>(), taps, depth, shape.OutputChannels,
            epilogue.Scale is null ? [] : Epilogue.ToSingles(epilogue.Scale), epilogue.Offset is null ? [] : Epilogue.ToSingles(epilogue.Offset)));
        PlanBuffer? residual = epilogue.Residual is { } added ? builder.Read(added) : null;
        PlanBuffer? zeros = shape.IsPadded ? builder.Filled(shape.InputChannels * sizeof(float)) : null;
        PlanBuffer target = builder.Write(epilogue.Output);
        target.Replaces = residual == source ? null : residual;
        builder.Add(new GemmOperator(tiles, shape, new(panels, source, target, residual, zeros, epilogue.Low, epilogue.High), builder.Threads) { Node = node.Node });
    }
}
