using System.Collections.Immutable;
using TransformFramework.Cpu.Analysis;
using TransformFramework.Cpu.Kernels;
using TransformFramework.Cpu.Kernels.Pooling;
using TransformFramework.Cpu.Microkernels.Gemm;
using TransformFramework.Cpu.Plans.Operators.Concat;
using TransformFramework.Cpu.Plans.Operators.Pad;
using TransformFramework.Cpu.Plans.Operators.QuantizedPooling;
using TransformFramework.Graphs;

namespace TransformFramework.Cpu.Plans.Operators.QdqFusion;

/// <summary>
/// Float ops between a Dequantize and a QuantizeV2 of constant ranges (mode SCALED): additions, activations, maxima, and what moves data, all on the quantized values themselves, with the bits of the
/// float computation.
/// </summary>
[Fusion("Add", "AddV2", "QuantizeV2", "Relu", "Relu6", "Identity", "Reshape", "Squeeze", "ExpandDims", "MaxPool", "Pad", "ConcatV2")]
internal sealed class QdqFusion : ILowering
{
    public bool IsExact => true;

    public bool TryLower(AnalyzedNode node, PlanBuilder builder)
    {
        PlanGraph graph = builder.Graph;
        if (QdqOutput.Of(graph, node) is not { } result || !graph[result.Quantized].IsStatic || !TryAdd(builder, node, result))
            return false;
        foreach (AnalyzedNode member in result.Members)
            builder.Absorb(member);
        return true;
    }

    private static bool TryAdd(PlanBuilder builder, AnalyzedNode node, QdqOutput result)
    {
        bool isClamped = result.Members.Length > 1;
        switch (node.Node.Op)
        {
            case "Add" or "AddV2":
                return TryLowerAdd(builder, node, result);
            case "QuantizeV2" or "Relu" or "Relu6" or "Identity" or "Reshape" or "Squeeze" or "ExpandDims":
                return TryAddTable(builder, node, result);
            case "MaxPool" when !isClamped:
                return TryAddPool(builder, node, result);
            case "Pad" when !isClamped:
                return TryAddPad(builder, node, result);
            case "ConcatV2" when !isClamped:
                return TryAddConcat(builder, node, result);
            default:
                return false;
        }
    }

    private static bool TryLowerAdd(PlanBuilder builder, AnalyzedNode node, QdqOutput result)
    {
        PlanGraph graph = builder.Graph;
        bool fits = QdqInput.Of(graph, graph.Input(node, 0)) is not null && QdqInput.Of(graph, graph.Input(node, 1)) is not null
            && graph[graph.Input(node, 0)].Shape.Equals(graph[result.Quantized].Shape) && graph[graph.Input(node, 1)].Shape.Equals(graph[result.Quantized].Shape);
        if (!fits)
            return false;
        QdqInput x = QdqInput.Of(graph, graph.Input(node, 0))!;
        QdqInput y = QdqInput.Of(graph, graph.Input(node, 1))!;
        PlanBuffer left = builder.Tensors.Read(x.Quantized);
        PlanBuffer right = builder.Tensors.Read(y.Quantized);
        PlanBuffer target = Write(builder, result);
        builder.Add(new QdqAddOperator(builder.Kernels.Int8Vectors, new(left, x), new(right, y), result, target) { Node = node.Node });
        return true;
    }

    private static bool TryAddTable(PlanBuilder builder, AnalyzedNode node, QdqOutput result)
    {
        if (builder.Graph[result.Quantized].Bytes != builder.Graph[builder.Graph.Input(node, 0)].Shape.ElementCount || Recoded(builder, node, 0, result) is not { } quantized)
            return false;
        Publish(builder, result, quantized);
        return true;
    }

    private static bool TryAddPool(PlanBuilder builder, AnalyzedNode node, QdqOutput result)
    {
        PlanGraph graph = builder.Graph;
        TensorSource source = graph.Input(node, 0);
        bool fits = graph[source].Shape.Rank == 4 && !DataFormat.Of(node.Node, 4).ChannelsFirst && node.Node.Longs("ksize") is [1, _, _, 1];
        if (!fits || Recoded(builder, node, 0, result) is not { } read)
            return false;
        var geometry = PoolingGeometry.Of(node.Node, graph[source].Shape);
        var shape = ConvolutionShape.Of(geometry.Batch, geometry.Windows[0], geometry.Windows[1], geometry.Channels, geometry.Channels);
        builder.Add(new QuantizedPoolingOperator(builder.Kernels.Int8Vectors, shape, read, Write(builder, result), takesMaximum: true, result.IsSigned) { Node = node.Node });
        return true;
    }

    private static bool TryAddPad(PlanBuilder builder, AnalyzedNode node, QdqOutput result)
    {
        if (PadLowering.Find(builder.Graph, node) is not { } paddings || Recoded(builder, node, 0, result) is not { } read)
            return false;
        TensorShape from = builder.Graph[builder.Graph.Input(node, 0)].Shape;
        builder.Add(new PadOperator(read, Write(builder, result), from, builder.Graph[result.Quantized].Shape, paddings.Before, sizeof(byte), [result.Quantize(0)]) { Node = node.Node });
        return true;
    }

    private static bool TryAddConcat(PlanBuilder builder, AnalyzedNode node, QdqOutput result)
    {
        PlanGraph graph = builder.Graph;
        int count = node.DataInputs - 1;
        bool fits = graph[graph.Input(node, count)].Constant is not null && Enumerable.Range(0, count).All(slot => QdqInput.Of(graph, graph.Input(node, slot)) is not null);
        if (!fits)
            return false;
        int axis = Integers.Axis(Integers.Scalar(graph[graph.Input(node, count)].Constant!, "axis"), graph[result.Quantized].Shape.Rank);
        ImmutableArray<PlanBuffer> sources = [.. Enumerable.Range(0, count).Select(slot => Recoded(builder, node, slot, result)!)];
        ImmutableArray<int> runs = [.. Enumerable.Range(0, count).Select(slot => ConcatLowering.RunElements(graph[graph.Input(node, slot)].Shape, axis))];
        builder.Add(new ConcatOperator(sources, runs, Write(builder, result), (int)(graph[result.Quantized].Bytes / runs.Sum())) { Node = node.Node });
        return true;
    }

    /// <summary>The quantized values that an input represents as quantized values of the result; null when it is no Dequantize of quantized values.</summary>
    private static PlanBuffer? Recoded(PlanBuilder builder, AnalyzedNode node, int slot, QdqOutput result)
    {
        if (QdqInput.Of(builder.Graph, builder.Graph.Input(node, slot)) is not { } source)
            return null;
        byte[] table = new byte[byte.MaxValue + 1];
        bool isSame = true;
        for (int q = 0; q < table.Length; q++)
        {
            table[q] = result.Quantize(source.Dequantize((byte)q));
            isSame &= table[q] == q;
        }
        PlanBuffer quantized = builder.Tensors.Read(source.Quantized);
        if (isSame)
            return quantized;
        var recoded = new PlanBuffer(builder.Graph[source.Quantized].Bytes);
        builder.Add(new LookupTableOperator(quantized, recoded, table) { Node = node.Node });
        return recoded;
    }

    private static PlanBuffer Write(PlanBuilder builder, QdqOutput result)
    {
        PublishRange(builder, result);
        return builder.Tensors.Write(result.Quantized);
    }

    private static void Publish(PlanBuilder builder, QdqOutput result, PlanBuffer quantized)
    {
        PublishRange(builder, result);
        builder.Tensors.Place(result.Quantized, quantized);
    }

    private static void PublishRange(PlanBuilder builder, QdqOutput result)
    {
        builder.Tensors.SetConstant(result.Quantized with { Port = 1 }, Tensor.Scalar(result.Range.Min));
        builder.Tensors.SetConstant(result.Quantized with { Port = 2 }, Tensor.Scalar(result.Range.Max));
    }
}
