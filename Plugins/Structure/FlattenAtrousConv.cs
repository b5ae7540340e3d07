using System.Collections.Immutable;
using TransformFramework.Diagnostics;
using TransformFramework.Graphs;
using TransformFramework.Toolkit.Classic;
using TransformFramework.Toolkit.Ops;
using TransformFramework.Toolkit.Patterns;
using TransformFramework.Toolkit.Weights;
using TransformFramework.Transforms;

namespace TransformFramework.Structure;

/// <summary>
/// Replaces the old encoding of a dilated convolution by one convolution whose filter is spread with zeros.
/// <code>
/// s = SpaceToBatchND(x, block, pads)
/// c = Conv2D(s, filter)                  →   y = Conv2D(x, filter') {padding="SAME"}
/// y = BatchToSpaceND(c, block, crops)
/// </code>
/// The filter must be a float constant of rank 4. The original always writes padding SAME, takes the first output of the node that x is, and enlarges a filter
/// that other nodes share; without --verbatim a match is declined unless the paddings are those of SAME, x keeps its port, and a shared filter stays while the enlarged one
/// gets a name of its own.
/// </summary>
[Transform("flatten_atrous_conv", Summary = "Turns SpaceToBatch, convolution, BatchToSpace into one convolution.", IsClassic = true)]
public sealed class FlattenAtrousConv : Transform
{
    private static readonly OpPattern Atrous = OpPattern.Of(
        "BatchToSpaceND",
        OpPattern.Of("Conv2D|DepthwiseConv2dNative", OpPattern.Of("SpaceToBatchND", "*", "*", "*"), "*"),
        "*",
        "*");

    protected override Graph Apply(Graph graph, TransformContext context) =>
        PatternReplacement.Apply(graph, Atrous, site => Flatten(graph, site.Match, context), onUndone: (match, lost) => context.Decline(match.Node, new($"'{lost}' is read elsewhere"), StructureDiagnostics.NotFlattened))
            .AsNodesOnly(context);

    private static ImmutableArray<Node> Flatten(Graph graph, NodeMatch match, TransformContext context)
    {
        Node head = match.Node;
        NodeMatch convMatch = match.Inputs[0];
        NodeMatch spaceMatch = convMatch.Inputs[0];
        Node conv = convMatch.Node;
        Node filter = convMatch.Inputs[1].Node;
        Node input = spaceMatch.Inputs[0].Node;
        if (!context.IsVerbatim && Mismatch(match) is { } decline)
        {
            context.Decline(head, decline, StructureDiagnostics.NotFlattened);
            return match.AllNodes();
        }
        var block = Block(spaceMatch.Inputs[1].Node);
        Tensor spread = Spread(filter, block[0], block[1]);
        bool isShared = !context.IsVerbatim && graph.ConsumersOf(filter).Any(consumer => consumer.Node.Name != conv.Name);
        string filterName = isShared ? graph.FreeName(filter.Name + "_dilated") : filter.Name;
        NodeInput source = context.IsVerbatim ? input.Name : spaceMatch.Node.DataInputs.First();
        var flat = new Node(head.Name, conv.Op, [source, filterName], Attributes(context.IsVerbatim ? conv : OpDefaults.Complete(conv)), conv.Device);
        context.Count("convolutions flattened");
        Node constant = Node.Constant(filterName, spread);
        return isShared ? [input, filter, constant, flat] : [input, constant, flat];
    }

    private static AttributeMap Attributes(Node conv)
    {
        string[] copied = conv.Op == "Conv2D" ? ["T", "strides", "data_format", "use_cudnn_on_gpu"] : ["T", "strides", "data_format"];
        var attributes = AttributeMap.Of(("padding", "SAME"));
        foreach (string name in copied)
        {
            if (!conv.Attributes.TryGetValue(name, out var value))
                throw new TransformException(StatusKind.Aborted, $"attribute '{name}' of '{conv.Name}' is absent", conv.Name) { Suggestion = "Run add_default_attributes first." };
            attributes = attributes.With(name, value);
        }
        return attributes;
    }

    private static int[] Block(Node node)
    {
        if (node.TensorAttribute("value") is not { Type: DataType.Int32, IsDecodable: true } tensor || tensor.ElementCount < 2)
            throw new TransformException(StatusKind.Aborted, $"the block shape '{node.Name}' is not an int32 constant of two numbers", node.Name);
        return tensor.AsSpan<int>().ToArray();
    }

    private static Tensor Spread(Node filter, int height, int width)
    {
        if (filter.TensorAttribute("value") is not { Type: DataType.Float, IsDecodable: true } weights || weights.Shape.Rank != 4)
            throw new TransformException(StatusKind.Aborted, $"the filter '{filter.Name}' is not a float constant of rank 4", filter.Name);
        var shape = weights.Shape;
        var spreadShape = TensorShape.Of(((shape[0] - 1) * height) + 1, ((shape[1] - 1) * width) + 1, shape[2], shape[3]);
        Tensor result = Tensor.Allocate<float>(DataType.Float, spreadShape, out var elements);
        ReadOnlySpan<float> source = weights.AsSpan<float>();
        int tap = (int)(shape[2] * shape[3]);
        for (int h = 0; h < shape[0]; h++)
        {
            for (int w = 0; w < shape[1]; w++)
            {
                int from = ((h * (int)shape[1]) + w) * tap;
                int to = ((h * height * (int)spreadShape[1]) + (w * width)) * tap;
                source.Slice(from, tap).CopyTo(elements[to..]);
            }
        }
        return result;
    }

    /// <summary>Why padding SAME would not compute the same, or null.</summary>
    private static Decline? Mismatch(NodeMatch match)
    {
        NodeMatch conv = match.Inputs[0];
        NodeMatch space = conv.Inputs[0];
        if (conv.Node.String("padding", "VALID") != "VALID")
            return new("the convolution has a padding of its own", conv.Node);
        if (Numbers(space.Inputs[1].Node) is not { Length: 2 } block || Numbers(match.Inputs[1].Node) is not { } outer || !block.SequenceEqual(outer))
            return new("the block shapes are not equal constants of two numbers");
        if (Numbers(space.Inputs[2].Node) is not { Length: 4 } pads || Numbers(match.Inputs[2].Node) is not { Length: 4 } crops)
            return new("paddings and crops are not constants");
        if (conv.Inputs[1].Node.TensorAttribute("value") is not { Shape.Rank: 4, Type: DataType.Float, IsDecodable: true } filter)
            return new("the filter is not a float constant of rank 4", conv.Inputs[1].Node);
        for (int i = 0; i < 2; i++)
        {
            long around = (filter.Shape[i] - 1) * block[i];
            if (pads[2 * i] - crops[2 * i] != around / 2 || pads[(2 * i) + 1] - crops[(2 * i) + 1] != around - (around / 2))
                return new("paddings less crops are not those of SAME");
        }
        return null;
    }

    private static int[]? Numbers(Node node) =>
        node.TensorAttribute("value") is { Type: DataType.Int32, IsDecodable: true } tensor ? tensor.AsSpan<int>().ToArray() : null;
}
