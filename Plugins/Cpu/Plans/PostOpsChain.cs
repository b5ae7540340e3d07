using TransformFramework.Cpu.Analysis;
using TransformFramework.Cpu.Kernels;
using TransformFramework.Graphs;

namespace TransformFramework.Cpu.Plans;

/// <summary>Follows the only consumer of a tensor as long as it is a node that <see cref="PostOps"/> can take in: bias, batch norm, addition of a tensor, activation.</summary>
internal static class PostOpsChain
{
    private const float Six = 6;

    /// <summary>Takes in what follows the tensor and marks it as done.</summary>
    /// <param name="builder">The plan so far.</param>
    /// <param name="source">The tensor that the product computes; its last dimension holds the channels.</param>
    /// <param name="takesResidual">True when the product can add a tensor.</param>
    public static PostOps Follow(PlanBuilder builder, TensorSource source, bool takesResidual)
    {
        TensorShape shape = builder.Graph[source].Shape;
        return Extend(builder, new(source, (int)shape[shape.Rank - 1]), takesResidual);
    }

    /// <summary>Takes in what follows the output so far.</summary>
    public static PostOps Extend(PlanBuilder builder, PostOps post, bool takesResidual)
    {
        while (builder.Graph.OnlyReader(post.Output) is { } next && TryTake(builder, post, next, takesResidual) is { } extended)
        {
            builder.Absorb(next);
            post = extended;
        }
        return post;
    }

    /// <summary>Adds what a node does to its input, the output so far; null when it does something else.</summary>
    public static PostOps? TryTake(PlanBuilder builder, PostOps post, AnalyzedNode node, bool takesResidual)
    {
        PlanGraph graph = builder.Graph;
        var output = new TensorSource(node.Index, 0);
        bool keepsShape = PlanGraph.IsOwn(node) && node.ControlInputs == 0 && graph[output].IsStaticFloat
            && graph[output].Shape.Dimensions.AsSpan().SequenceEqual(graph[post.Output].Shape.Dimensions.AsSpan());
        return keepsShape && TryApply(builder, post, node, takesResidual) is { } applied ? applied with { Output = output } : null;
    }

    /// <summary>True for an op whose channels are the last axis of its data.</summary>
    public static bool IsChannelsLast(AnalyzedNode node) => !node.Node.Attributes.ContainsKey("data_format") || node.Node.Text("data_format") is "NHWC" or "NDHWC";

    private static PostOps? TryApply(PlanBuilder builder, PostOps post, AnalyzedNode node, bool takesResidual)
    {
        PlanGraph graph = builder.Graph;
        return node.Node.Op switch
        {
            "Identity" or "StopGradient" => post,
            "Relu" => post.Clamp(0, float.PositiveInfinity),
            "Relu6" => post.Clamp(0, Six),
            "Minimum" or "Maximum" => TryClamp(graph, post, node),
            _ => post.IsLinear ? TryApplyLinear(builder, post, node, takesResidual) : null,
        };
    }

    private static PostOps? TryApplyLinear(PlanBuilder builder, PostOps post, AnalyzedNode node, bool takesResidual)
    {
        PlanGraph graph = builder.Graph;
        return node.Node.Op switch
        {
            "FusedBatchNorm" or "FusedBatchNormV2" or "FusedBatchNormV3" => TryNormalize(graph, post, node),
            "BiasAdd" or "BiasAddV1" => IsChannelsLast(node) && ChannelVector(graph, graph.Input(node, 1), post) is { } bias ? post.Add(bias) : null,
            "Add" or "AddV2" => TryAdd(graph, post, OtherInput(graph, post, node), 1) ?? (takesResidual ? TryAddTensor(builder, post, node) : null),
            "Sub" => TrySubtract(graph, post, node),
            "Mul" => ChannelValues(graph, OtherInput(graph, post, node), post) is { } factors ? post.Multiply(factors) : null,
            _ => null,
        };
    }

    private static PostOps? TryClamp(PlanGraph graph, PostOps post, AnalyzedNode node)
    {
        if (graph.Input(node, 0) != post.Output || graph[graph.Input(node, 1)].Constant is not { ElementCount: 1, Type: DataType.Float } bound || float.IsNaN(bound.AsSpan<float>()[0]))
            return null;
        float value = bound.AsSpan<float>()[0];
        return node.Node.Op == "Maximum" ? post.Clamp(value, float.PositiveInfinity) : post.Clamp(float.NegativeInfinity, value);
    }

    private static PostOps? TryAdd(PlanGraph graph, PostOps post, TensorSource term, double sign) =>
        ChannelValues(graph, term, post) is { } terms ? post.Add(sign < 0 ? terms.Map(value => -value) : terms) : null;

    private static PostOps? TrySubtract(PlanGraph graph, PostOps post, AnalyzedNode node)
    {
        if (graph.Input(node, 0) == post.Output)
            return TryAdd(graph, post, graph.Input(node, 1), -1);
        return ChannelValues(graph, graph.Input(node, 0), post) is { } minuend ? post.Multiply(minuend.Map(_ => -1.0)).Add(minuend) : null;
    }

    private static PostOps? TryNormalize(PlanGraph graph, PostOps post, AnalyzedNode node)
    {
        bool onlyFirstIsWanted = Enumerable.Range(1, Math.Max(0, node.OutputCount - 1)).All(port => !graph.IsWanted(new(node.Index, port)));
        if (!onlyFirstIsWanted || node.Node.Bool("is_training") || !IsChannelsLast(node) || graph.Input(node, 0) != post.Output)
            return null;
        double[]?[] parameters = [.. Enumerable.Range(1, 4).Select(slot => ChannelVector(graph, graph.Input(node, slot), post))];
        if (parameters is not [{ } scale, { } offset, { } mean, { } variance])
            return null;
        double epsilon = node.Node.Float("epsilon");
        double[] factors = [.. scale.Zip(variance, (gamma, v) => gamma / Math.Sqrt(v + epsilon))];
        return post.Multiply(factors).Add([.. offset.Select((beta, i) => beta - (mean[i] * factors[i]))]);
    }

    private static PostOps? TryAddTensor(PlanBuilder builder, PostOps post, AnalyzedNode node)
    {
        TensorSource other = OtherInput(builder.Graph, post, node);
        PlanTensor tensor = builder.Graph[other];
        bool fits = tensor.IsStaticFloat && tensor.Shape.Dimensions.AsSpan().SequenceEqual(builder.Graph[post.Output].Shape.Dimensions.AsSpan()) && builder.Tensors.IsComputed(other);
        return fits ? post.AddTensor(other) : null;
    }

    private static TensorSource OtherInput(PlanGraph graph, PostOps post, AnalyzedNode node) => graph.Input(node, 0) == post.Output ? graph.Input(node, 1) : graph.Input(node, 0);

    /// <summary>A constant with one value for each channel, or one for all.</summary>
    private static double[]? ChannelValues(PlanGraph graph, TensorSource source, PostOps post)
    {
        if (graph[source].Constant is not { Type: DataType.Float } constant || constant.Shape.Rank > graph[post.Output].Shape.Rank)
            return null;
        if (constant.ElementCount == 1)
            return [.. Enumerable.Repeat((double)constant.AsSpan<float>()[0], post.Channels)];
        bool isVector = constant.ElementCount == post.Channels && constant.Shape[constant.Shape.Rank - 1] == post.Channels;
        return isVector ? Floats.ToDoubles(constant) : null;
    }

    private static double[]? ChannelVector(PlanGraph graph, TensorSource source, PostOps post) =>
        graph[source].Constant is { Type: DataType.Float, Shape.Rank: 1 } constant && constant.ElementCount == post.Channels ? Floats.ToDoubles(constant) : null;
}
