using System.Collections.Immutable;
using TransformFramework.Cpu.Compiled.Steps;
using TransformFramework.Cpu.Gemm;
using TransformFramework.Cpu.Kernels;
using TransformFramework.Cpu.Kernels.Pooling;
using TransformFramework.Cpu.Planning;
using TransformFramework.Cpu.Vectors;
using TransformFramework.Graphs;

namespace TransformFramework.Cpu.Compiled.Forms;

/// <summary>
/// Float ops between a Dequantize and a QuantizeV2 of constant ranges (mode SCALED): additions, activations, maxima, and what moves data, all on the codes themselves, with the bits of the
/// float computation.
/// </summary>
internal static class CodedForm
{
    public static bool TryLower(ProgramNode node, PlanBuilder builder)
    {
        PlanGraph graph = builder.Graph;
        if (!PlanGraph.IsOwn(node) || CodedResult.Of(graph, node) is not { } result || !graph[result.Codes].IsStatic || !TryAdd(builder, node, result))
            return false;
        foreach (ProgramNode member in result.Members)
            builder.Absorb(member);
        return true;
    }

    private static bool TryAdd(PlanBuilder builder, ProgramNode node, CodedResult result)
    {
        bool isClamped = result.Members.Length > 1;
        switch (node.Node.Op)
        {
            case "Add" or "AddV2":
                return TryAddSum(builder, node, result);
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

    private static bool TryAddSum(PlanBuilder builder, ProgramNode node, CodedResult result)
    {
        PlanGraph graph = builder.Graph;
        bool fits = CodedSource.Of(graph, graph.Input(node, 0)) is not null && CodedSource.Of(graph, graph.Input(node, 1)) is not null
            && graph[graph.Input(node, 0)].Shape.Equals(graph[result.Codes].Shape) && graph[graph.Input(node, 1)].Shape.Equals(graph[result.Codes].Shape);
        if (!fits)
            return false;
        CodedSource x = CodedSource.Of(graph, graph.Input(node, 0))!;
        CodedSource y = CodedSource.Of(graph, graph.Input(node, 1))!;
        PlanBuffer left = builder.Read(x.Codes);
        PlanBuffer right = builder.Read(y.Codes);
        PlanBuffer target = Write(builder, result);
        builder.Add(new ScaledSumStep(builder.Kernels.Conversions, new(left, x), new(right, y), result, target) { Node = node.Node });
        return true;
    }

    private static bool TryAddTable(PlanBuilder builder, ProgramNode node, CodedResult result)
    {
        if (builder.Graph[result.Codes].Bytes != builder.Graph[builder.Graph.Input(node, 0)].Shape.ElementCount || Recoded(builder, node, 0, result) is not { } codes)
            return false;
        Publish(builder, result, codes);
        return true;
    }

    private static bool TryAddPool(PlanBuilder builder, ProgramNode node, CodedResult result)
    {
        PlanGraph graph = builder.Graph;
        TensorSource source = graph.Input(node, 0);
        bool fits = graph[source].Shape.Rank == 4 && !DataFormat.Of(node.Node, 4).ChannelsFirst && node.Node.Longs("ksize") is [1, _, _, 1];
        if (!fits || Recoded(builder, node, 0, result) is not { } read)
            return false;
        var geometry = PoolingGeometry.Of(node.Node, graph[source].Shape);
        int channels = (int)geometry.Channels;
        var shape = new ConvolutionShape((int)geometry.Batch, Extent.Of(geometry.Windows[0]), Extent.Of(geometry.Windows[1]), channels, channels);
        builder.Add(new CodePoolingStep(builder.Kernels.Conversions, shape, read, Write(builder, result), takesMaximum: true, result.IsSigned) { Node = node.Node });
        return true;
    }

    private static bool TryAddPad(PlanBuilder builder, ProgramNode node, CodedResult result)
    {
        if (PadForm.Find(builder.Graph, node) is not { } paddings || Recoded(builder, node, 0, result) is not { } read)
            return false;
        TensorShape from = builder.Graph[builder.Graph.Input(node, 0)].Shape;
        builder.Add(new PadStep(read, Write(builder, result), from, builder.Graph[result.Codes].Shape, paddings.Before, sizeof(byte), [result.Quantize(0)]) { Node = node.Node });
        return true;
    }

    private static bool TryAddConcat(PlanBuilder builder, ProgramNode node, CodedResult result)
    {
        PlanGraph graph = builder.Graph;
        int count = node.DataInputs - 1;
        bool fits = graph[graph.Input(node, count)].Constant is not null && Enumerable.Range(0, count).All(slot => CodedSource.Of(graph, graph.Input(node, slot)) is not null);
        if (!fits)
            return false;
        int axis = Integers.Axis(Integers.Scalar(graph[graph.Input(node, count)].Constant!, "axis"), graph[result.Codes].Shape.Rank);
        ImmutableArray<PlanBuffer> sources = [.. Enumerable.Range(0, count).Select(slot => Recoded(builder, node, slot, result)!)];
        ImmutableArray<int> runs = [.. Enumerable.Range(0, count).Select(slot => ConcatForm.RunElements(graph[graph.Input(node, slot)].Shape, axis))];
        builder.Add(new ConcatStep(sources, runs, Write(builder, result), (int)(graph[result.Codes].Bytes / runs.Sum())) { Node = node.Node });
        return true;
    }

    /// <summary>The codes that an input stands for as codes of the result; null when it is no Dequantize of codes.</summary>
    private static PlanBuffer? Recoded(PlanBuilder builder, ProgramNode node, int slot, CodedResult result)
    {
        if (CodedSource.Of(builder.Graph, builder.Graph.Input(node, slot)) is not { } source)
            return null;
        byte[] table = [.. Enumerable.Range(0, byte.MaxValue + 1).Select(code => result.Quantize(source.Number((byte)code)))];
        PlanBuffer codes = builder.Read(source.Codes);
        bool isSame = !table.Where((code, i) => code != i).Any();
        if (isSame)
            return codes;
        var recoded = new PlanBuffer(builder.Graph[source.Codes].Bytes);
        builder.Add(new TableStep(codes, recoded, table) { Node = node.Node });
        return recoded;
    }

    private static PlanBuffer Write(PlanBuilder builder, CodedResult result)
    {
        PublishRange(builder, result);
        return builder.Write(result.Codes);
    }

    private static void Publish(PlanBuilder builder, CodedResult result, PlanBuffer codes)
    {
        PublishRange(builder, result);
        builder.Place(result.Codes, codes);
    }

    private static void PublishRange(PlanBuilder builder, CodedResult result)
    {
        builder.SetConstant(result.Codes with { Port = 1 }, Tensor.Scalar(result.Range.Min));
        builder.SetConstant(result.Codes with { Port = 2 }, Tensor.Scalar(result.Range.Max));
    }
}
