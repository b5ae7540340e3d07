using TransformFramework.Cpu.Analysis;
using TransformFramework.Cpu.Kernels;
using TransformFramework.Graphs;

namespace TransformFramework.Cpu.Plans;

/// <summary>Follows the only consumer of a tensor as long as it is a node that an epilogue can take in: bias, batch norm, addition of a tensor, activation.</summary>
internal static class EpilogueChain
{
    private const float Six = 6;

    /// <summary>Takes in what follows the tensor and marks it as done.</summary>
    /// <param name="builder">The plan so far.</param>
    /// <param name="source">The tensor that the product computes; its last dimension holds the channels.</param>
    /// <param name="takesResidual">True when the product can add a tensor.</param>
    public static Epilogue Follow(PlanBuilder builder, TensorSource source, bool takesResidual)
    {
        TensorShape shape = builder.Graph[source].Shape;
        var epilogue = new Epilogue(source, (int)shape[shape.Rank - 1]);
        Extend(builder, epilogue, takesResidual);
        return epilogue;
    }

    /// <summary>Takes in what follows an epilogue's output.</summary>
    public static void Extend(PlanBuilder builder, Epilogue epilogue, bool takesResidual)
    {
        while (builder.Graph.OnlyReader(epilogue.Output) is { } next && TryTake(builder, epilogue, next, takesResidual))
            builder.Absorb(next);
    }

    /// <summary>Adds what a node does to its input, the epilogue's output so far; false when it does something else.</summary>
    public static bool TryTake(PlanBuilder builder, Epilogue epilogue, AnalyzedNode node, bool takesResidual)
    {
        PlanGraph graph = builder.Graph;
        var output = new TensorSource(node.Index, 0);
        bool keepsShape = PlanGraph.IsOwn(node) && node.ControlInputs == 0 && graph[output].IsStaticFloat
            && graph[output].Shape.Dimensions.AsSpan().SequenceEqual(graph[epilogue.Output].Shape.Dimensions.AsSpan());
        if (!keepsShape || !TryApply(builder, epilogue, node, takesResidual))
            return false;
        epilogue.MoveTo(output);
        return true;
    }

    private static bool TryApply(PlanBuilder builder, Epilogue epilogue, AnalyzedNode node, bool takesResidual)
    {
        PlanGraph graph = builder.Graph;
        switch (node.Node.Op)
        {
            case "Identity" or "StopGradient":
                return true;
            case "Relu":
                epilogue.Clamp(0, float.PositiveInfinity);
                return true;
            case "Relu6":
                epilogue.Clamp(0, Six);
                return true;
            case "Minimum" or "Maximum":
                return TryClamp(graph, epilogue, node);
            case "FusedBatchNorm" or "FusedBatchNormV2" or "FusedBatchNormV3":
                return epilogue.IsLinear && TryNormalize(graph, epilogue, node);
            case "BiasAdd" or "BiasAddV1":
                return epilogue.IsLinear && IsChannelsLast(node) && ChannelVector(graph, graph.Input(node, 1), epilogue) is not null && TryAdd(graph, epilogue, graph.Input(node, 1), 1);
            case "Add" or "AddV2":
                return epilogue.IsLinear && (TryAdd(graph, epilogue, OtherInput(graph, epilogue, node), 1) || (takesResidual && TryAddTensor(builder, epilogue, node)));
            case "Sub":
                return epilogue.IsLinear && TrySubtract(graph, epilogue, node);
            case "Mul":
                return epilogue.IsLinear && TryMultiply(graph, epilogue, node);
            default:
                return false;
        }
    }

    private static bool TryClamp(PlanGraph graph, Epilogue epilogue, AnalyzedNode node)
    {
        if (graph.Input(node, 0) != epilogue.Output || graph[graph.Input(node, 1)].Constant is not { ElementCount: 1, Type: DataType.Float } bound || float.IsNaN(bound.AsSpan<float>()[0]))
            return false;
        float value = bound.AsSpan<float>()[0];
        epilogue.Clamp(node.Node.Op == "Maximum" ? value : float.NegativeInfinity, node.Node.Op == "Minimum" ? value : float.PositiveInfinity);
        return true;
    }

    private static bool TryAdd(PlanGraph graph, Epilogue epilogue, TensorSource term, double sign)
    {
        if (ChannelValues(graph, term, epilogue) is not { } terms)
            return false;
        epilogue.Add(sign < 0 ? Array.ConvertAll(terms, value => -value) : terms);
        return true;
    }

    private static bool TrySubtract(PlanGraph graph, Epilogue epilogue, AnalyzedNode node)
    {
        if (graph.Input(node, 0) == epilogue.Output)
            return TryAdd(graph, epilogue, graph.Input(node, 1), -1);
        if (ChannelValues(graph, graph.Input(node, 0), epilogue) is not { } minuend)
            return false;
        epilogue.Multiply(Array.ConvertAll(minuend, _ => -1.0));
        epilogue.Add(minuend);
        return true;
    }

    private static bool TryMultiply(PlanGraph graph, Epilogue epilogue, AnalyzedNode node)
    {
        if (ChannelValues(graph, OtherInput(graph, epilogue, node), epilogue) is not { } factors)
            return false;
        epilogue.Multiply(factors);
        return true;
    }

    private static bool TryNormalize(PlanGraph graph, Epilogue epilogue, AnalyzedNode node)
    {
        bool onlyFirstIsWanted = Enumerable.Range(1, Math.Max(0, node.OutputCount - 1)).All(port => !graph.IsWanted(new(node.Index, port)));
        if (!onlyFirstIsWanted || node.Node.Bool("is_training") || !IsChannelsLast(node) || graph.Input(node, 0) != epilogue.Output)
            return false;
        double[]?[] parameters = [.. Enumerable.Range(1, 4).Select(slot => ChannelVector(graph, graph.Input(node, slot), epilogue))];
        if (parameters is not [{ } scale, { } offset, { } mean, { } variance])
            return false;
        double epsilon = node.Node.Float("epsilon");
        double[] factors = [.. scale.Zip(variance, (gamma, v) => gamma / Math.Sqrt(v + epsilon))];
        epilogue.Multiply(factors);
        epilogue.Add([.. offset.Select((beta, i) => beta - (mean[i] * factors[i]))]);
        return true;
    }

    private static bool TryAddTensor(PlanBuilder builder, Epilogue epilogue, AnalyzedNode node)
    {
        TensorSource other = OtherInput(builder.Graph, epilogue, node);
        PlanTensor tensor = builder.Graph[other];
        bool fits = tensor.IsStaticFloat && tensor.Shape.Dimensions.AsSpan().SequenceEqual(builder.Graph[epilogue.Output].Shape.Dimensions.AsSpan()) && builder.Tensors.IsComputed(other);
        if (fits)
            epilogue.AddTensor(other);
        return fits;
    }

    private static TensorSource OtherInput(PlanGraph graph, Epilogue epilogue, AnalyzedNode node) => graph.Input(node, 0) == epilogue.Output ? graph.Input(node, 1) : graph.Input(node, 0);

    private static bool IsChannelsLast(AnalyzedNode node) => !node.Node.Attributes.ContainsKey("data_format") || node.Node.Text("data_format") is "NHWC" or "NDHWC";

    /// <summary>A constant with one value for each channel, or one for all.</summary>
    private static double[]? ChannelValues(PlanGraph graph, TensorSource source, Epilogue epilogue)
    {
        if (graph[source].Constant is not { Type: DataType.Float } constant || constant.Shape.Rank > graph[epilogue.Output].Shape.Rank)
            return null;
        if (constant.ElementCount == 1)
            return [.. Enumerable.Repeat((double)constant.AsSpan<float>()[0], epilogue.Channels)];
        bool isVector = constant.ElementCount == epilogue.Channels && constant.Shape[constant.Shape.Rank - 1] == epilogue.Channels;
        return isVector ? Floats.ToDoubles(constant) : null;
    }

    private static double[]? ChannelVector(PlanGraph graph, TensorSource source, Epilogue epilogue) =>
        graph[source].Constant is { Type: DataType.Float, Shape.Rank: 1 } constant && constant.ElementCount == epilogue.Channels ? Floats.ToDoubles(constant) : null;
}
