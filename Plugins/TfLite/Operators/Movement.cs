using System.Collections.Frozen;
using TransformFramework.Graphs;
using TransformFramework.TfLite.Reading;

namespace TransformFramework.TfLite.Operators;

/// <summary>Operators that move elements and whose inputs are those of one op, in order: <c>TRANSPOSE(x, perm)   ↔   Transpose(x, perm)</c>.</summary>
[OperatorConverter("TRANSPOSE", "SLICE", "PAD", "PADV2", "MIRROR_PAD", "TILE", "BROADCAST_TO", "GATHER_ND", "REVERSE_V2", "SPACE_TO_BATCH_ND", "BATCH_TO_SPACE_ND", "SPACE_TO_DEPTH", "DEPTH_TO_SPACE", "SELECT",
    "SELECT_V2", "GATHER", "REVERSE_SEQUENCE", "EMBEDDING_LOOKUP", "DYNAMIC_UPDATE_SLICE", "DENSIFY")]
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

    /// <summary>The operand with a block replaced, whose start is moved so that the block lies inside: by the positions of the block's elements.</summary>
    private static Value Update(OperatorReader op)
    {
        if (op.Input(0).Tensor.Shape.Contains(-1) || op.Input(1).Tensor.Shape.Contains(-1))
            throw op.Refusal("the shapes must be known");
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
}
