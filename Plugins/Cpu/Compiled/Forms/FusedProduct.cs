using TransformFramework.Cpu.Compiled.Steps;
using TransformFramework.Cpu.Gemm;
using TransformFramework.Cpu.Kernels;
using TransformFramework.Cpu.Kernels.Quantized;
using TransformFramework.Graphs;

namespace TransformFramework.Cpu.Compiled.Forms;

/// <summary>A fused convolution and what is constant in it.</summary>
/// <param name="Steps">What follows the sums.</param>
/// <param name="Inputs">Its inputs, those of data empty.</param>
/// <param name="Shape">Its sizes.</param>
/// <param name="Terms">What is added to sums and what they are multiplied with.</param>
/// <param name="IsDepthwise">True for one filter a channel.</param>
internal sealed record FusedProduct(FusedSteps Steps, Tensor[] Inputs, ConvolutionShape Shape, FusedTerms Terms, bool IsDepthwise)
{
    /// <summary>What qint8 codes are moved by to be taken as quint8 ones.</summary>
    public const int SignBias = 128;

    /// <summary>The filter packed with the start of the sums.</summary>
    public CodePanels Pack(CodeTiles tiles, bool isBiased)
    {
        ReadOnlySpan<sbyte> filter = Inputs[1].AsSpan<sbyte>();
        var (taps, depth) = Shape.WithRowTaps ?? (Shape.Height.Size * Shape.Width.Size, Shape.InputChannels);
        int[] start = [.. Terms.Start];
        for (int row = 0; isBiased && row < filter.Length; row += start.Length)
        {
            for (int c = 0; c < start.Length; c++)
                start[c] -= SignBias * filter[row + c];
        }
        return CodePanels.Pack(tiles, filter, taps, depth, Shape.OutputChannels, start);
    }

    public FusedEpilogue Epilogue(PlanBuffer? summand, bool isSummandSigned, PlanBuffer target) =>
        new(Shape.OutputChannels, Terms.Requantization, Terms.Bias, summand, isSummandSigned, Steps.HasRelu, target);
}

/// <summary>What is added to the sums of a fused convolution and what they are multiplied with.</summary>
/// <param name="Start">A whole bias of each channel, part of the sum.</param>
/// <param name="Bias">A float bias of each channel in codes of the sum; null for none.</param>
/// <param name="Requantization">How the sums become 8-bit codes; null when they do not.</param>
internal sealed record FusedTerms(int[] Start, float[]? Bias, FusedRequantization? Requantization)
{
    /// <summary>The terms of a node; null when a number in them is out of the ordinary, so that the reference kernel has to do it.</summary>
    public static FusedTerms? Of(Node node, FusedSteps steps, Tensor[] inputs, ConvolutionShape shape)
    {
        int columns = shape.OutputChannels;
        FusedRequantization? requantization = steps.Requantizes ? FusedRequantization.Of(node, inputs, columns) : null;
        bool isOrdinary = requantization is null || (Array.TrueForAll(requantization.Scales, float.IsNormal) && float.IsFinite(requantization.SummandFactor));
        int[] start = new int[columns];
        if (!isOrdinary || (steps.HasBias && (inputs[2].Shape.Rank != 1 || inputs[2].ElementCount != columns)))
            return null;
        if (!steps.HasBias)
            return new(start, null, requantization);
        if (inputs[2].Type == DataType.QInt32)
            return node.Attributes.ContainsKey("Tbias") && IsWithin(inputs, columns) ? new(inputs[2].AsSpan<int>().ToArray(), null, requantization) : null;
        if (inputs[2].Type != DataType.Float)
            return null;
        float[] bias = FusedRequantization.CodesPerUnit(steps, inputs, columns);
        for (int c = 0; c < columns; c++)
            bias[c] *= Denormals.Flush(inputs[2].AsSpan<float>()[c]);
        return Array.TrueForAll(bias, float.IsFinite) ? new(start, bias, requantization) : null;
    }

    /// <summary>True when no sum with its bias can leave 32 bits, for which the reference kernel has more.</summary>
    private static bool IsWithin(Tensor[] inputs, int columns)
    {
        long largest = inputs[1].ElementCount / Math.Max(1, columns) * byte.MaxValue * -sbyte.MinValue;
        foreach (int bias in inputs[2].AsSpan<int>())
        {
            if (largest + Math.Abs((long)bias) > int.MaxValue)
                return false;
        }
        return true;
    }
}
