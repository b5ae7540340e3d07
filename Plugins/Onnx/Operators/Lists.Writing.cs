using TransformFramework.Graphs;
using TransformFramework.Onnx.Inference;
using TransformFramework.Onnx.Writing;

namespace TransformFramework.Onnx.Operators;

/// <summary>
/// Writes lists and arrays of tensors: one that is read is a tensor with one dimension more, one that a loop fills, an element an iteration in order, is what the loop stacks.
/// </summary>
internal static class Lists
{
    [Writes("TensorArrayV3", "TensorListReserve", "EmptyTensorList")]
    public static void WriteEmpty(NodeWriter node)
    {
        Operand length = node.Op == "TensorArrayV3" ? node[0] : node.Op == "TensorListReserve" ? node[1] : node.Const(Tensors.Integer(0, DataType.Int32));
        var list = new WrittenValue(node.Scalar(DataType.Float, 0)) { List = new WrittenList(null) { Length = length } };
        node.Set(list);
        if (node.Op == "TensorArrayV3")
            node.Set(list, 1);
    }

    [Writes("TensorListFromTensor")]
    public static void WriteFromTensor(NodeWriter node) => Set(node, node[0]);

    /// <summary>Elements are scattered to the places from 0 on.</summary>
    [Writes("TensorArrayScatterV3", Declines = "other places than 0, 1, 2, …")]
    public static void WriteScatter(NodeWriter node)
    {
        if (!IsCounting(node, 1))
            throw OnnxDiagnostics.Decline("other places than 0, 1, 2, …");
        Set(node, node[2]);
    }

    [Writes("TensorArrayReadV3", "TensorListGetItem")]
    public static void WriteRead(NodeWriter node)
    {
        int list = node.Op == "TensorArrayReadV3" ? 2 : 0;
        node.Set(node.Emit("Gather", [Stacked(node, list), node[1]], ("axis", 0L)));
    }

    /// <summary>Only in a loop, at the place that counts its iterations.</summary>
    [Writes("TensorArrayWriteV3", "TensorListSetItem", "TensorListPushBack", Declines = "places other than a loop's counter")]
    public static void WriteAdd(NodeWriter node)
    {
        var (list, index, item) = node.Op switch { "TensorArrayWriteV3" => (3, 1, 2), "TensorListSetItem" => (0, 1, 2), _ => (0, -1, 1) };
        WrittenList written = node.Value(list).List ?? throw OnnxDiagnostics.Decline("a list that is not known");
        bool isInOrder = index < 0 || node.Value(index).IsCounter;
        if (!isInOrder || written.Added is not null || written.Stacked is not null || node.Graph.Outer is null)
            throw OnnxDiagnostics.Decline("elements are added in order, one in each iteration of a loop; others have no counterpart");
        Operand added = node[item];
        node.Set(new WrittenValue(node.Scalar(DataType.Float, 0)) { List = written with { Added = added } });
    }

    [Writes("TensorArrayGatherV3", "TensorListStack")]
    public static void WriteStack(NodeWriter node)
    {
        bool isArray = node.Op == "TensorArrayGatherV3";
        Operand stacked = Stacked(node, isArray ? 2 : 0);
        bool isWhole = !isArray || IsCounting(node, 1);
        node.Set(isWhole ? stacked : node.Emit("Gather", [stacked, node[1]], ("axis", 0L)));
    }

    /// <summary>The parts of all iterations joined, which the loop has done.</summary>
    [Writes("TensorArrayConcatV3", Declines = "the lengths of the parts")]
    public static void WriteConcat(NodeWriter node) => node.Set(node.Value(1).List?.Joined ?? throw OnnxDiagnostics.Decline("parts that no loop adds in order"));

    [Writes("TensorArraySizeV3", "TensorListLength")]
    public static void WriteLength(NodeWriter node)
    {
        WrittenList list = node.Value(node.Op == "TensorArraySizeV3" ? 1 : 0).List ?? throw OnnxDiagnostics.Decline("a list that is not known");
        if (list.Stacked is not { } stacked)
        {
            node.Set(list.Length ?? throw OnnxDiagnostics.Decline("a list of unknown length"));
            return;
        }
        Operand first = node.Slice(node.Emit("Shape", [stacked]), 0, 1, 0);
        node.Set(node.Cast(node.Squeeze(first, 0), DataType.Int32));
    }

    private static void Set(NodeWriter node, Operand stacked) => node.Set(new WrittenValue(node.Scalar(DataType.Float, 0)) { List = new WrittenList(stacked) });

    private static Operand Stacked(NodeWriter node, int slot) => node.Value(slot).List?.Stacked ?? throw OnnxDiagnostics.Decline("a list whose elements are not known");

    /// <summary>True for the integers from 0 on: of a constant or of a Range.</summary>
    private static bool IsCounting(NodeWriter node, int slot)
    {
        if (node.Known(slot) is { } known)
            return known.Select((value, i) => value == i).All(isPlace => isPlace);
        Node? source = node.Graph.Graph.Find(node.Input(slot).Node);
        return source is { Op: "Range" } && node.Graph[source.Inputs[0]].Info.Elements is { IsDefault: false } start && start[0] == 0 && node.Graph[source.Inputs[2]].Info.Elements is { IsDefault: false } step && step[0] == 1;
    }
}
