using TransformFramework.Cpu.Compiled.Steps;
using TransformFramework.Cpu.Gemm;
using TransformFramework.Cpu.Planning;
using TransformFramework.Graphs;

namespace TransformFramework.Cpu.Compiled.Forms;

/// <summary>Adds the step of a float product with constant weights, with what follows it.</summary>
internal static class Products
{
    /// <param name="builder">The plan so far.</param>
    /// <param name="node">The node of the product.</param>
    /// <param name="shape">Its sizes.</param>
    /// <param name="source">Image or matrix.</param>
    /// <param name="weights">[taps…, in, out].</param>
    public static void Add(PlanBuilder builder, ProgramNode node, ConvolutionShape shape, PlanBuffer source, Tensor weights)
    {
        FloatTiles tiles = builder.Kernels.Floats;
        Epilogue epilogue = EpilogueChain.Follow(builder, new(node.Index, 0), takesResidual: true);
        var (taps, depth) = shape.WithRowTaps ?? (shape.Height.Size * shape.Width.Size, shape.InputChannels);
        FloatPanels panels = builder.Weights.GetOrAdd(node.Index, taps, weights, epilogue, () => FloatPanels.Pack(tiles, weights.AsSpan<float>(), taps, depth, shape.OutputChannels,
            epilogue.Scale is null ? [] : Epilogue.ToSingles(epilogue.Scale), epilogue.Offset is null ? [] : Epilogue.ToSingles(epilogue.Offset)));
        PlanBuffer? residual = epilogue.Residual is { } added ? builder.Read(added) : null;
        PlanBuffer? zeros = shape.IsPadded ? builder.Filled(shape.InputChannels * sizeof(float)) : null;
        PlanBuffer target = builder.Write(epilogue.Output);
        target.Replaces = residual == source ? null : residual;
        builder.Add(new ProductStep(tiles, shape, new(panels, source, target, residual, zeros, epilogue.Low, epilogue.High), builder.Threads) { Node = node.Node });
    }
}
