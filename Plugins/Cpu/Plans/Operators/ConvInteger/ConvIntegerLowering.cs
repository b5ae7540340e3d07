using TransformFramework.Cpu.Analysis;
using TransformFramework.Cpu.Kernels;
using TransformFramework.Cpu.Kernels.MatrixProduct;
using TransformFramework.Cpu.Kernels.Quantized.Conversions;
using TransformFramework.Cpu.Kernels.Quantized.Gemm;
using TransformFramework.Cpu.Microkernels.Gemm;
using TransformFramework.Graphs;

namespace TransformFramework.Cpu.Plans.Operators.ConvInteger;

/// <summary>QuantizedConv2D and QuantizedMatMul of quint8 values by constant ones: products as qint32 values, with their ranges for a requantization that follows.</summary>
[Lowering("QuantizedMatMul")]
internal sealed class ConvIntegerLowering : ILowering
{
    private const int Ports = 3;
    private const int InputRange = 2;
    private const int WeightRange = 4;

    public bool IsExact => true;

    public bool TryLower(AnalyzedNode node, PlanBuilder builder)
    {
        PlanGraph graph = builder.Graph;
        PlanTensor left = graph[graph.Input(node, 0)];
        PlanTensor right = graph[graph.Input(node, 1)];
        bool fits = left is { IsStatic: true, Type: DataType.QUInt8, Constant: null } && right is { IsStatic: true, Type: DataType.QUInt8, Constant: not null }
            && Enumerable.Range(InputRange, 4).All(slot => graph[graph.Input(node, slot)].IsStaticFloat) && Enumerable.Range(0, Ports).All(port => graph[new(node.Index, port)].IsStatic)
            && graph[graph.Input(node, WeightRange)].Constant is not null && graph[graph.Input(node, WeightRange + 1)].Constant is not null;
        if (!fits || Shape(node.Node, left.Shape, right.Shape) is not { } shape)
            return false;
        QuantizationRange range = QuantizationRange.Read([graph[graph.Input(node, WeightRange)].Constant!, graph[graph.Input(node, WeightRange + 1)].Constant!], 0);
        ConvIntegerWeights weights = builder.Weights.GetOrAdd(node.Index, shape.Height.Size, right.Constant!, read => ConvIntegerWeights.Of(builder.Kernels.Int8Gemm, Weights(node.Node, read), shape, range));
        Add(builder, node, shape, weights);
        return true;
    }

    private static void Add(PlanBuilder builder, AnalyzedNode node, ConvolutionShape shape, ConvIntegerWeights weights)
    {
        PlanGraph graph = builder.Graph;
        PlanBuffer source = builder.Tensors.Read(graph.Input(node, 0));
        RangeBuffers range = builder.Tensors.ReadRange(graph.Input(node, InputRange), graph.Input(node, InputRange + 1));
        var accumulators = new TensorSource(node.Index, 0);
        PlanBuffer target = builder.Tensors.Write(accumulators);
        RangeBuffers result = builder.Tensors.WriteRange(new(node.Index, 1), new(node.Index, 2));
        var accumulatorRange = AccumulatorRange.Of(shape.OutputChannels);
        var reference = ReferenceChain.Of(builder, [node], (accumulators, target), (new(node.Index, 1), result.Min), (new(node.Index, 2), result.Max));
        builder.AccumulatorRanges.Add(accumulators, accumulatorRange);
        builder.Add(new ConvIntegerOperator(builder.Kernels, shape, weights, new(source, range, target, result, accumulatorRange), reference, builder.Threads) { Node = node.Node });
    }

    /// <summary>The product as a convolution; null when the reference kernel has to say what is wrong with it.</summary>
    private static ConvolutionShape? Shape(Node node, TensorShape left, TensorShape right)
    {
        if (node.Op == "QuantizedMatMul")
        {
            bool fits = left.Rank == 2 && right.Rank == 2 && !node.Bool("transpose_a") && left[1] == right[node.Bool("transpose_b") ? 1 : 0];
            return fits ? ConvolutionShape.MatMul(left[0], left[1], right[node.Bool("transpose_b") ? 0 : 1]) : null;
        }
        if (node.Longs("dilations").Any(dilation => dilation != 1))
            return null;
        IntegerConvolution convolution = QuantizedConvolutions.Of(node, left, right, Kernels.Quantized.Gemm.QuantizedConv2D.Window);
        return ConvolutionShape.Of(convolution.Batch, convolution.Height, convolution.Width, convolution.Channels, convolution.Columns);
    }

    /// <summary>Weights [taps…, in, out].</summary>
    private static byte[] Weights(Node node, Tensor weights)
    {
        ReadOnlySpan<byte> quantized = weights.AsSpan<byte>();
        bool isTransposed = node.Op == "QuantizedMatMul" && node.Bool("transpose_b");
        return isTransposed ? ReferenceGemm.Transpose(quantized, (int)weights.Shape[0], (int)weights.Shape[1]) : quantized.ToArray();
    }
}
