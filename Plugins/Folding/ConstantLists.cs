using System.Collections.Immutable;
using TransformFramework.Graphs;
using TransformFramework.Toolkit.GraphDefs;
using TransformFramework.Transforms;

namespace TransformFramework.Folding;

/// <summary>Constant lists of tensors, which no backend gives as a tensor: what the ops that make them are given is evaluated instead.</summary>
/// <param name="graph">The graph.</param>
/// <param name="evaluate">The value of a constant tensor.</param>
internal sealed class ConstantLists(Graph graph, Func<NodeInput, Tensor> evaluate)
{
    private const int MostReserved = 1 << 20;

    /// <summary>The list that a constant output of type variant is, as the value of a Const; null when it is something else.</summary>
    public Tensor? Find(NodeInput output) => List(output)?.ToTensor();

    private TensorListConstant? List(NodeInput output)
    {
        if (output.Port != 0 || graph.Find(output.Node) is not { } node || !node.TryType(node.Op == "Identity" ? "T" : "element_dtype", out DataType type))
            return null;
        switch (node.Op)
        {
            case "TensorListReserve" when Number(node.Inputs[1]) is >= 0 and <= MostReserved:
                return new(type, ShapeOf(node.Inputs[0]), -1, [.. new Tensor?[Number(node.Inputs[1])]]);
            case "EmptyTensorList":
                return new(type, ShapeOf(node.Inputs[0]), Number(node.Inputs[1]), []);
            case "TensorListFromTensor":
                return new(type, ShapeOf(node.Inputs[1]), -1, Rows(evaluate(node.Inputs[0])));
            case "TensorListPushBack" when List(node.Inputs[0]) is { } list:
                return list with { Elements = list.Elements.Add(evaluate(node.Inputs[1])) };
            case "TensorListSetItem" when List(node.Inputs[0]) is { } list && Number(node.Inputs[1]) is var index && index >= 0 && index < list.Elements.Length:
                return list with { Elements = list.Elements.SetItem(index, evaluate(node.Inputs[2])) };
            case "Identity":
                return List(node.Inputs[0]);
            default:
                return null;
        }
    }

    private int Number(NodeInput input) => evaluate(input).AsSpan<int>()[0];

    /// <summary>A shape from a vector of sizes with -1 for unknown ones; a scalar is an unknown rank.</summary>
    private TensorShape ShapeOf(NodeInput input)
    {
        Tensor sizes = evaluate(input);
        if (sizes.Shape.Rank == 0)
            return TensorShape.Unknown;
        return TensorShape.Of(sizes.Type == DataType.Int64 ? sizes.AsSpan<long>().ToArray() : [.. sizes.AsSpan<int>().ToArray().Select(size => (long)size)]);
    }

    private static ImmutableArray<Tensor?> Rows(Tensor tensor)
    {
        int count = checked((int)tensor.Shape[0]);
        int size = count == 0 ? 0 : tensor.Bytes.Length / count;
        TensorShape shape = TensorShape.Of([.. tensor.Shape.Dimensions.Skip(1)]);
        return [.. Enumerable.Range(0, count).Select(i => tensor.Type == DataType.String
            ? Tensor.FromStrings(shape, [.. tensor.Strings.Skip(i * (tensor.Strings.Length / count)).Take(tensor.Strings.Length / count)])
            : Tensor.FromContent(tensor.Type, shape, tensor.Bytes.Slice(i * size, size)))];
    }
}
