using System.Collections.Frozen;
using TransformFramework.Graphs;
using TransformFramework.TfLite.Reading;
using TransformFramework.TfLite.Writing;

namespace TransformFramework.TfLite.Operators;

/// <summary>Operators that move elements and whose inputs are those of one op, in order: <c>TRANSPOSE(x, perm)   ↔   Transpose(x, perm)</c>.</summary>
[OperatorConverter("TRANSPOSE", "SLICE", "PAD", "PADV2", "MIRROR_PAD", "TILE", "BROADCAST_TO", "GATHER_ND", "REVERSE_V2", "SPACE_TO_BATCH_ND", "BATCH_TO_SPACE_ND", "SPACE_TO_DEPTH", "DEPTH_TO_SPACE", "SELECT",
    "SELECT_V2", "GATHER", "REVERSE_SEQUENCE", "EMBEDDING_LOOKUP", "DYNAMIC_UPDATE_SLICE", "DENSIFY",
    Nodes = ["Transpose", "Slice", "Pad", "PadV2", "MirrorPad", "Tile", "BroadcastTo", "GatherNd", "ReverseV2", "SpaceToBatchND", "BatchToSpaceND", "SpaceToDepth", "DepthToSpace", "Select", "SelectV2", "Gather", "GatherV2",
        "ReverseSequence", "TensorScatterUpdate"])]
internal sealed class Movement : OperatorConverter
{
    public static readonly FrozenDictionary<string, string> Nodes = new Dictionary<string, string>(StringComparer.Ordinal)
    {
        ["TRANSPOSE"] = "Transpose",
        ["SLICE"] = "Slice",
        ["PAD"] = "Pad",
        ["PADV2"] = "PadV2",
        ["MIRROR_PAD"] = "MirrorPad",
        ["TILE"] = "Tile",
        ["BROADCAST_TO"] = "BroadcastTo",
        ["GATHER_ND"] = "GatherNd",
        ["REVERSE_V2"] = "ReverseV2",
        ["SPACE_TO_BATCH_ND"] = "SpaceToBatchND",
        ["BATCH_TO_SPACE_ND"] = "BatchToSpaceND",
        ["SPACE_TO_DEPTH"] = "SpaceToDepth",
        ["DEPTH_TO_SPACE"] = "DepthToSpace",
        ["SELECT"] = "Select",
        ["SELECT_V2"] = "SelectV2",
        ["REVERSE_SEQUENCE"] = "ReverseSequence",
    }.ToFrozenDictionary(StringComparer.Ordinal);

    public override void Read(OperatorReader op)
    {
        Value moved = op.Name switch
        {
            "GATHER" => op.Node("GatherV2", [op.Real(0), op.Stored(1), op.Graph.Constant(op.Options.Int("axis"))], ("batch_dims", op.Options.Int("batch_dims"))),
            "EMBEDDING_LOOKUP" => op.Node("GatherV2", [op.Real(1), op.Stored(0), op.Graph.Constant(0)]),
            "DYNAMIC_UPDATE_SLICE" => Update(op),
            "DENSIFY" => op.Real(0),
            "SELECT" when op.Input(0).Tensor.Shape.IsEmpty || op.Input(0).Tensor.Shape.SequenceEqual(op.Input(1).Tensor.Shape) || op.Rank(0) == 1 => op.Node("Select", [op.Stored(0), op.Real(1), op.Real(2)]),
            "SELECT" or "SELECT_V2" => op.Node("SelectV2", [op.Stored(0), op.Real(1), op.Real(2)]),
            _ => op.Node(Nodes[op.Name], Inputs(op), Attributes(op)),
        };
        op.Result(moved, isExact: true);
    }

    private static System.Collections.Immutable.ImmutableArray<Value> Inputs(OperatorReader op) =>
        op.Name is "SPACE_TO_DEPTH" or "DEPTH_TO_SPACE" ? [op.Real(0)] : [.. Enumerable.Range(0, op.InputCount).Select(i => i == 0 || (op.Name == "PADV2" && i == 2) ? op.Real(i) : op.Stored(i))];

    private static (string, AttributeValue)[] Attributes(OperatorReader op) => op.Name switch
    {
        "MIRROR_PAD" => [("mode", op.Options.Int("mode") == 0 ? "REFLECT" : "SYMMETRIC")],
        "SPACE_TO_DEPTH" or "DEPTH_TO_SPACE" => [("block_size", Windows.Size(op, "block_size"))],
        "REVERSE_SEQUENCE" => [("seq_dim", op.Options.Int("seq_dim")), ("batch_dim", op.Options.Int("batch_dim"))],
        _ => [],
    };

    /// <summary>The operand with a block replaced, whose start is moved so that the block is inside: by the positions of the block's elements.</summary>
    private static Value Update(OperatorReader op)
    {
        if (!op.Input(0).Tensor.GraphShape.IsFullyKnown || !op.Input(1).Tensor.GraphShape.IsFullyKnown)
            return UpdateOfFreeShape(op);
        long[] whole = [.. op.Input(0).Tensor.Shape.Select(size => (long)size)];
        long[] block = [.. op.Input(1).Tensor.Shape.Select(size => (long)size)];
        if (block.Length != whole.Length || block.Zip(whole).Any(pair => pair.First > pair.Second))
            throw op.Refusal("the update does not fit into the operand");
        Value start = op.Stored(2);
        Value most = op.Graph.Constant(Tensor.Create<int>(DataType.Int32, TensorShape.Of(whole.Length), [.. whole.Zip(block, (size, part) => (int)(size - part))]));
        if (start.Type != DataType.Int32)
            start = op.Node("Cast", [start], ("DstT", DataType.Int32));
        Value first = op.Node("ClipByValue", [start, op.Graph.Constant(Tensor.Create<int>(DataType.Int32, TensorShape.Of(whole.Length), new int[whole.Length])), most]);
        Value indices = op.Node("AddV2", [op.Graph.Constant(Positions(block)), first]);
        return op.Node("TensorScatterUpdate", [op.Real(0), indices, op.Real(1)]);
    }

    /// <summary>The update and a mask of ones padded to the shape of the operand, of which the elements under the mask are replaced.</summary>
    private static Value UpdateOfFreeShape(OperatorReader op)
    {
        Value update = op.Real(1);
        Value start = op.Stored(2).Type == DataType.Int32 ? op.Stored(2) : op.Node("Cast", [op.Stored(2)], ("DstT", DataType.Int32));
        Value room = op.Node("Sub", [op.Node("Shape", [op.Real(0)]), op.Node("Shape", [update])]);
        Value before = op.Node("Minimum", [op.Node("Maximum", [start, op.Graph.Constant(0)]), room]);
        Value paddings = op.Node("Pack", [before, op.Node("Sub", [room, before])], ("axis", 1));
        Value ones = op.Node("Fill", [op.Node("Shape", [update]), op.Graph.Constant(1f)]);
        Value isUpdated = op.Node("Greater", [op.Node("Pad", [ones, paddings]), op.Graph.Constant(0f)]);
        return op.Node("SelectV2", [isUpdated, op.Node("Pad", [update, paddings]), op.Real(0)]);
    }

    /// <summary>The index of each element of a block: its shape, and the rank as last dimension.</summary>
    private static Tensor Positions(long[] block)
    {
        Tensor result = Tensor.Allocate<int>(DataType.Int32, TensorShape.Of([.. block, block.Length]), out Span<int> elements);
        for (int i = 0; i < elements.Length; i += block.Length)
        {
            long rest = i / block.Length;
            for (int axis = block.Length - 1; axis >= 0; axis--)
            {
                elements[i + axis] = (int)(rest % block[axis]);
                rest /= block[axis];
            }
        }
        return result;
    }

    public override void Write(NodeWriter node)
    {
        TensorDraft x = node.In(0);
        switch (node.Node.Op)
        {
            case "Gather":
                node.Out(node.Emit("GATHER", [x, node.In(1)]));
                break;
            case "GatherV2":
                int axis = checked((int)node.RequiredIntegers(2)[0]);
                node.Out(node.Emit("GATHER", [x, node.In(1)], ("axis", axis < 0 ? axis + x.Rank : axis), ("batch_dims", node.Int("batch_dims"))));
                break;
            case "GatherNd":
                node.Out(node.Emit("GATHER_ND", [x, node.In(1)]));
                break;
            case "Select" when node.In(0).Rank is 0 or 1 || node.In(0).Shape.SequenceEqual(node.In(1).Shape):
                node.Out(node.Emit("SELECT", [x, node.In(1), node.In(2)], node.In(1).Type));
                break;
            case "Select" or "SelectV2":
                node.Out(node.Emit("SELECT_V2", [x, node.In(1), node.In(2)], node.In(1).Type));
                break;
            case "SpaceToDepth" or "DepthToSpace":
                if (node.Node.String("data_format") != "NHWC")
                    throw node.Decline("only channels last has a counterpart");
                node.Out(node.Emit(node.Node.Op == "SpaceToDepth" ? "SPACE_TO_DEPTH" : "DEPTH_TO_SPACE", [x], ("block_size", node.Int("block_size"))));
                break;
            case "MirrorPad":
                node.Out(node.Emit("MIRROR_PAD", [x, node.Int32(1)], ("mode", node.Node.String("mode") == "REFLECT" ? 0 : 1)));
                break;
            case "PadV2":
                node.Out(node.Emit("PADV2", [x, node.Int32(1), node.In(2)]));
                break;
            case "ReverseSequence":
                node.Out(node.Emit("REVERSE_SEQUENCE", [x, node.In(1)], ("seq_dim", node.Int("seq_dim")), ("batch_dim", node.Int("batch_dim"))));
                break;
            case "ReverseV2":
                foreach (long reversed in node.RequiredIntegers(1))
                    x = node.Emit("REVERSE_V2", [x, node.Int32Constant([reversed < 0 ? reversed + x.Rank : reversed])]);
                node.Out(x);
                break;
            case "TensorScatterUpdate":
                WriteUpdate(node, x);
                break;
            default:
                string name = Nodes.First(entry => entry.Value == node.Node.Op).Key;
                node.Out(node.Emit(name, [x, .. Enumerable.Range(1, node.InputCount - 1).Select(node.Int32)]));
                break;
        }
    }

    /// <summary>A scatter into a block that begins at a clipped position is an update of a slice.</summary>
    private static void WriteUpdate(NodeWriter node, TensorDraft x)
    {
        TensorDraft update = node.In(2);
        if (node.Subgraph.Producer(node.In(1)) is not { Name: "ADD" } sum || sum.Inputs[0]?.Constant is not { } positions || !positions.ContentEquals(Positions([.. update.Shape.Select(size => (long)size)]))
            || node.Subgraph.Producer(sum.Inputs[1]!) is not { Name: "MAXIMUM" } floor || node.Subgraph.Producer(floor.Inputs[0]!) is not { Name: "MINIMUM" } ceiling)
            throw node.Decline("scattering into a tensor has no counterpart");
        node.Out(node.Emit("DYNAMIC_UPDATE_SLICE", [x, update, ceiling.Inputs[0]]));
    }
}
