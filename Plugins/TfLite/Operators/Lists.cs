using TransformFramework.Graphs;
using TransformFramework.TfLite.Schema;
using TransformFramework.TfLite.Writing;

namespace TransformFramework.TfLite.Operators;

/// <summary>
/// Lists and arrays of tensors are written as one tensor with a dimension more.
/// <code>
/// TensorListFromTensor, TensorArrayScatterV3   →   the tensor
/// TensorListReserve, TensorArrayV3             →   FILL
/// TensorListGetItem, TensorArrayReadV3         →   GATHER
/// TensorListSetItem, TensorArrayWriteV3        →   DYNAMIC_UPDATE_SLICE
/// TensorListPushBack                           →   CONCATENATION
/// TensorListStack, TensorArrayGatherV3         →   the tensor, or GATHER
/// </code>
/// </summary>
[OperatorConverter(Nodes = [
    "TensorListReserve", "EmptyTensorList", "TensorListFromTensor", "TensorListGetItem", "TensorListSetItem", "TensorListPushBack", "TensorListStack", "TensorListLength",
    "TensorArrayV3", "TensorArrayScatterV3", "TensorArrayReadV3", "TensorArrayWriteV3", "TensorArrayGatherV3", "TensorArrayConcatV3", "TensorArraySizeV3"])]
internal sealed class Lists : OperatorConverter
{
    public override void Write(NodeWriter node)
    {
        switch (node.Node.Op)
        {
            case "TensorListReserve":
                node.Out(Empty(node, node.Node.Type("element_dtype"), node.Integers(0) is { } shape && node.In(0).Rank == 1 ? shape : null, node.Int32(1)));
                break;
            case "EmptyTensorList":
                node.Out(Empty(node, node.Node.Type("element_dtype"), node.Integers(0) is { } given && node.In(0).Rank == 1 ? given : null, node.Constant(Tensor.Scalar(0))));
                break;
            case "TensorArrayV3":
                TensorShape element = node.Node.Attributes.TryGetValue("element_shape", out var value) && value is ShapeValue known ? known.Value : TensorShape.Unknown;
                node.Out(node.Constant(Tensor.Scalar(0)));
                node.Out(Empty(node, node.Node.Type("dtype"), element.IsUnknownRank ? null : [.. element.Dimensions], node.Int32(0)), 1);
                break;
            case "TensorListFromTensor":
                node.Out(node.In(0));
                break;
            case "TensorArrayScatterV3":
                if (!IsCounting(node, 1))
                    throw node.Decline("elements at other places than 0, 1, 2, … have no counterpart");
                node.Out(node.In(2));
                break;
            case "TensorListGetItem":
                node.Out(Item(node, Known(node, 0), node.Int32(1)));
                break;
            case "TensorArrayReadV3":
                node.Out(Item(node, Known(node, 2), node.Int32(1)));
                break;
            case "TensorListSetItem":
                node.Out(With(node, node.In(0), node.Int32(1), node.In(2)));
                break;
            case "TensorArrayWriteV3":
                node.Out(With(node, node.In(3), node.Int32(1), node.In(2)));
                break;
            case "TensorListPushBack":
                node.Out(Pushed(node, node.In(0), node.In(1)));
                break;
            case "TensorListStack":
                node.Out(Known(node, 0));
                break;
            case "TensorArrayGatherV3":
                node.Out(IsCounting(node, 1) ? Known(node, 2) : Item(node, Known(node, 2), node.Int32(1)));
                break;
            case "TensorArrayConcatV3":
                TensorDraft parts = Known(node, 1);
                if (parts.Rank < 2 || parts.Shape[2..].Zip(parts.Shapes[1][2..]).Any(pair => pair.First != pair.Second))
                    throw node.Decline("parts of unknown width have no counterpart");
                node.Out(node.Emit("RESHAPE", [parts, node.Int32Constant([-1, .. parts.Shape[2..]])]));
                break;
            default:
                node.Out(Length(node, node.In(node.Node.Op == "TensorListLength" ? 0 : 1)));
                break;
        }
    }

    /// <summary>A list of zeros. Where the shape of its elements is not known, a loop that sets them finds it.</summary>
    private static TensorDraft Empty(NodeWriter node, DataType type, long[]? element, TensorDraft count)
    {
        TensorType file = TensorTypes.FromGraph(type) ?? throw node.Decline($"a list of {type.Name()} has no counterpart");
        long[] known = count.Known is [{ } one, { } two] ? [ShapeRules.Integers(one)![0], ShapeRules.Integers(two)![0]] : [1, 2];
        var list = new TensorDraft("", file) { Shapes = [[(int)known[0]], [(int)known[1]]], ElementCount = count };
        return element is not null && Array.TrueForAll(element, size => size >= 0) ? ListZeros.Of(node, list, element) : list;
    }

    private static TensorDraft Known(NodeWriter node, int input) =>
        node.In(input) is { ElementCount: null } list ? list : throw node.Decline("the shape of the list's elements is not known", "Give the list an element shape.");

    private static TensorDraft Item(NodeWriter node, TensorDraft list, TensorDraft index) => node.Emit("GATHER", [list, index], list.Type, ("axis", 0));

    private static TensorDraft With(NodeWriter node, TensorDraft list, TensorDraft index, TensorDraft item)
    {
        if (list.ElementCount is not null)
            return new("", list.Type) { Shapes = [.. list.Shapes.Zip(item.Shapes, (all, one) => (int[])[all[0], .. one])] };
        TensorDraft first = node.Emit("RESHAPE", [index, node.Int32Constant([1])]);
        TensorDraft place = item.Rank == 0 ? first : node.Emit("CONCATENATION", [first, node.Int32Constant(new long[item.Rank])], ("axis", 0));
        return node.Emit("DYNAMIC_UPDATE_SLICE", [list, node.Emit("EXPAND_DIMS", [item, node.Int32Constant([0], [])]), place]);
    }

    private static TensorDraft Pushed(NodeWriter node, TensorDraft list, TensorDraft item)
    {
        if (list.ElementCount is not null)
            return new("", list.Type) { Shapes = [.. list.Shapes.Zip(item.Shapes, (all, one) => (int[])[all[0] + 1, .. one])] };
        return node.Emit("CONCATENATION", [list, node.Emit("EXPAND_DIMS", [item, node.Int32Constant([0], [])])], ("axis", 0));
    }

    private static TensorDraft Length(NodeWriter node, TensorDraft list)
    {
        if (list.ElementCount is { } count)
            return count;
        if (list.Shape[0] == list.Shapes[1][0])
            return node.Constant(Tensor.Scalar(list.Shape[0]));
        TensorDraft shape = node.Emit("SHAPE", [list], TensorType.Int32, ("out_type", (int)TensorType.Int32));
        return node.Emit("STRIDED_SLICE", [shape, node.Int32Constant([0]), node.Int32Constant([1]), node.Int32Constant([1])], ("shrink_axis_mask", 1));
    }

    /// <summary>True for the integers from 0 on: of a constant or of a Range.</summary>
    private static bool IsCounting(NodeWriter node, int input)
    {
        if (node.Integers(input) is { } known)
            return known.Select((value, i) => value == i).All(isPlace => isPlace);
        return node.Subgraph.Producer(node.In(input)) is { Name: "RANGE" } range && IsInteger(range.Inputs[0]!, 0) && IsInteger(range.Inputs[2]!, 1);
    }

    private static bool IsInteger(TensorDraft tensor, long value) => tensor.Constant is { } constant && ShapeRules.Integers(constant) is [var only] && only == value;
}
