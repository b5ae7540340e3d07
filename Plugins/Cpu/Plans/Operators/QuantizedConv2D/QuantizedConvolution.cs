using TransformFramework.Cpu.Analysis;
using TransformFramework.Cpu.Kernels;
using TransformFramework.Cpu.Kernels.Quantized.Gemm;
using TransformFramework.Cpu.Microkernels.Gemm;
using TransformFramework.Cpu.Microkernels.Gemm.U8S8;
using TransformFramework.Graphs;
using TransformFramework.Toolkit.Ops;

namespace TransformFramework.Cpu.Plans.Operators.QuantizedConv2D;

/// <summary>A fused convolution and what is constant in it.</summary>
/// <param name="Parts">What follows the accumulators.</param>
/// <param name="Inputs">Its inputs, those of data empty.</param>
/// <param name="Shape">Its sizes.</param>
/// <param name="Terms">What is added to accumulators and what they are multiplied with.</param>
/// <param name="IsDepthwise">True for one filter a channel.</param>
/// <param name="Chain">What follows its accumulators in the same operator, or null.</param>
internal sealed record QuantizedConvolution(FusedOpName Parts, Tensor[] Inputs, ConvolutionShape Shape, QuantizedConvolutionTerms Terms, bool IsDepthwise, AccumulatorChain? Chain = null)
{
    /// <summary>What qint8 values are moved by to be taken as quint8 ones.</summary>
    public const int SignBias = 128;

    /// <summary>The filter packed with the initial bias.</summary>
    public U8S8Panels Pack(U8S8GemmKernels tiles, ReadOnlySpan<sbyte> filter, bool isBiased)
    {
        var (taps, depth) = Shape.WithRowTaps ?? (Shape.Height.Size * Shape.Width.Size, Shape.InputChannels);
        int[] initialBias = [.. Terms.InitialBias];
        for (int row = 0; isBiased && row < filter.Length; row += initialBias.Length)
        {
            for (int c = 0; c < initialBias.Length; c++)
                initialBias[c] -= SignBias * filter[row + c];
        }
        return U8S8Panels.Pack(tiles, filter, taps, depth, Shape.OutputChannels, initialBias);
    }

    /// <summary>What follows the accumulators of the convolution that computes a tensor.</summary>
    public PostOps PostOps(TensorSource output)
    {
        PostOps post = Chain is not null ? Chain.PostOps
            : Terms.Requantization is { } requantization ? Plans.PostOps.OfRequantization(output, requantization)
            : Plans.PostOps.OfAccumulators(output, Shape.OutputChannels, Parts.HasRelu);
        return post with { SumBias = Terms.Bias };
    }
}

/// <summary>What is added to the accumulators of a fused convolution and what they are multiplied with.</summary>
/// <param name="InitialBias">A whole bias of each channel, part of the sum.</param>
/// <param name="Bias">A float bias of each channel in quantized values of the sum; null for none.</param>
/// <param name="Requantization">How the accumulators become 8-bit values; null when they do not.</param>
internal sealed record QuantizedConvolutionTerms(int[] InitialBias, float[]? Bias, FusedRequantization? Requantization)
{
    private const double LargestExact = 1 << 24;
    private const double LargestSum = (1L << 31) - 256;

    /// <summary>The terms of a node; null when a number in them is not finite, so that the reference kernel has to do it.</summary>
    public static QuantizedConvolutionTerms? Of(Node node, FusedOpName parts, Tensor[] inputs, ConvolutionShape shape)
    {
        int columns = shape.OutputChannels;
        FusedRequantization? requantization = parts.Requantizes ? FusedRequantization.Of(node, inputs, columns) : null;
        bool isFinite = requantization is null || (requantization.Scales.AllAre(float.IsNormal) && float.IsFinite(requantization.ResidualScale));
        int[] initialBias = new int[columns];
        if (!isFinite || (parts.HasBias && (inputs[2].Shape.Rank != 1 || inputs[2].ElementCount != columns)))
            return null;
        if (!parts.HasBias)
            return new(initialBias, null, requantization);
        if (inputs[2].Type == DataType.QInt32)
            return node.Attributes.ContainsKey("Tbias") && IsWithin(inputs, columns) ? new(inputs[2].AsSpan<int>().ToArray(), null, requantization) : null;
        if (inputs[2].Type != DataType.Float)
            return null;
        float[] bias = FusedRequantization.QuantizedPerUnit(parts, inputs, columns);
        for (int c = 0; c < columns; c++)
            bias[c] *= Denormals.Flush(inputs[2].AsSpan<float>()[c]);
        return bias.AllAre(float.IsFinite) ? new(initialBias, bias, requantization) : null;
    }

    /// <summary>
    /// The same terms for accumulators that are converted at once, where rounding bias and accumulator in two parts or in one gives the same; null when sums may leave 32 bits.
    /// A bias of whole numbers becomes part of the accumulator as long as floats hold all sums exactly.
    /// </summary>
    public QuantizedConvolutionTerms? ForConversion(Tensor filter)
    {
        double largest = filter.ElementCount / (double)InitialBias.Length * byte.MaxValue * -sbyte.MinValue;
        if (Bias is null)
            return this;
        double most = largest;
        foreach (float bias in Bias)
            most = Math.Max(most, largest + Math.Abs((double)bias));
        if (most < LargestExact && Bias.AllAre(bias => bias == MathF.Round(bias)))
            return this with { InitialBias = Bias.Map(bias => (int)bias), Bias = null };
        return most < LargestSum ? this : null;
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
