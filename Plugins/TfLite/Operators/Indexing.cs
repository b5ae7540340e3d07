using TransformFramework.Graphs;
using TransformFramework.TfLite.Reading;
using TransformFramework.TfLite.Schema;
using TransformFramework.TfLite.Writing;

namespace TransformFramework.TfLite.Operators;

/// <summary>Operators that make, find and scatter elements: STRIDED_SLICE, ONE_HOT, FILL, RANGE, WHERE, UNIQUE, TOPK_V2, CUMSUM, SCATTER_ND, SPARSE_TO_DENSE, segments and diagonals.</summary>
[OperatorConverter("STRIDED_SLICE", "ONE_HOT", "FILL", "RANGE", "WHERE", "UNIQUE", "TOPK_V2", "CUMSUM", "SCATTER_ND", "SPARSE_TO_DENSE", "SEGMENT_SUM", "UNSORTED_SEGMENT_SUM", "UNSORTED_SEGMENT_PROD",
    "UNSORTED_SEGMENT_MAX", "UNSORTED_SEGMENT_MIN", "MATRIX_DIAG", "MATRIX_SET_DIAG", "BROADCAST_ARGS", "BUCKETIZE", "RFFT2D",
    Nodes = ["StridedSlice", "OneHot", "Fill", "Range", "Where", "Unique", "TopKV2", "Cumsum", "ScatterNd", "SparseToDense", "SegmentSum", "UnsortedSegmentSum", "UnsortedSegmentProd", "UnsortedSegmentMax", "UnsortedSegmentMin",
        "MatrixDiag", "MatrixSetDiag", "BroadcastArgs", "Bucketize", "RFFT2D"])]
internal sealed class Indexing : OperatorConverter
{
    public override void Read(OperatorReader op)
    {
        switch (op.Name)
        {
            case "STRIDED_SLICE":
                op.Result(StridedSlice(op), isExact: true);
                break;
            case "ONE_HOT":
                op.Result(op.Node("OneHot", [op.Stored(0), op.Stored(1), op.Real(2), op.Real(3)], ("axis", op.Options.Int("axis"))));
                break;
            case "FILL":
                op.Result(op.Node("Fill", [op.Stored(0), op.Real(1)]));
                break;
            case "RANGE":
                op.Result(op.Node("Range", [op.Stored(0), op.Stored(1), op.Stored(2)]));
                break;
            case "WHERE":
                op.Result(op.Node("Where", [op.Stored(0)]));
                break;
            case "UNIQUE":
                NodeDraft unique = op.Graph.Add("Unique", [op.Real(0)], ("out_idx", op.Output(1).Tensor.Type.ToGraph()));
                op.Result(new(unique, 0));
                op.Result(new(unique, 1), 1);
                break;
            case "TOPK_V2":
                Value count = op.Integers(1) is [var only] ? op.Graph.Constant((int)only) : op.Stored(1);
                NodeDraft best = op.Graph.Add("TopKV2", [op.Real(0), count]);
                op.Result(new(best, 0), 0, isExact: true);
                op.Result(new(best, 1), 1);
                break;
            case "CUMSUM":
                op.Result(op.Node("Cumsum", [op.Real(0), op.Stored(1)], ("exclusive", op.Options.Flag("exclusive")), ("reverse", op.Options.Flag("reverse"))));
                break;
            case "SCATTER_ND":
                op.Result(op.Node("ScatterNd", [op.Stored(0), op.Real(1), op.Stored(2)]));
                break;
            case "SPARSE_TO_DENSE":
                op.Result(op.Node("SparseToDense", [op.Stored(0), op.Stored(1), op.Real(2), op.Real(3)], ("validate_indices", op.Options.Flag("validate_indices"))));
                break;
            case "SEGMENT_SUM":
                op.Result(op.Node("SegmentSum", [op.Real(0), op.Stored(1)]));
                break;
            case "MATRIX_DIAG":
                op.Result(op.Node("MatrixDiag", [op.Real(0)]));
                break;
            case "MATRIX_SET_DIAG":
                op.Result(op.Node("MatrixSetDiag", [op.Real(0), op.Real(1)]));
                break;
            case "BROADCAST_ARGS":
                op.Result(op.Node("BroadcastArgs", [op.Stored(0), op.Stored(1)]));
                break;
            case "BUCKETIZE":
                AttributeValue boundaries = new ListValue([.. op.Options.Floats("boundaries").Select(value => (AttributeValue)value)]);
                op.Result(op.Node("Bucketize", [op.Real(0)], ("boundaries", boundaries)));
                break;
            case "RFFT2D":
                op.Result(op.Node("RFFT2D", [op.Real(0), op.Stored(1)]));
                break;
            default:
                string kind = op.Name["UNSORTED_SEGMENT_".Length..];
                op.Result(op.Node($"UnsortedSegment{kind[0]}{kind[1..].ToLowerInvariant()}", [op.Real(0), op.Stored(1), op.Stored(2)]));
                break;
        }
    }

    private static Value StridedSlice(OperatorReader op)
    {
        if (op.Options.Flag("offset"))
            throw op.Refusal("ends that are offsets of begins have no counterpart");
        string[] masks = ["begin_mask", "end_mask", "ellipsis_mask", "new_axis_mask", "shrink_axis_mask"];
        return op.Node("StridedSlice", [op.Real(0), op.Stored(1), op.Stored(2), op.Stored(3)], masks.Select(mask => (mask, (AttributeValue)op.Options.Int(mask))));
    }

    public override void Write(NodeWriter node)
    {
        TensorDraft x = node.In(0);
        switch (node.Node.Op)
        {
            case "StridedSlice":
                node.Out(StridedSlices.Write(node));
                break;
            case "OneHot":
                node.Out(node.Emit("ONE_HOT", [x, node.Int32(1), node.In(2), node.In(3)], node.In(2).Type, ("axis", node.Int("axis"))));
                break;
            case "Fill":
                node.Out(node.Emit("FILL", [node.Int32(0), node.In(1)], node.In(1).Type));
                break;
            case "Range":
                node.Out(node.Emit("RANGE", [x, node.In(1), node.In(2)]));
                break;
            case "Where":
                node.Out(node.Emit("WHERE", [x], TensorType.Int64));
                break;
            case "Unique":
                TensorType index = TensorTypes.FromGraph(node.Node.Type("out_idx"))!.Value;
                All(node, node.EmitMany("UNIQUE", [x], [x.Type, index], ("idx_out_type", (int)index)));
                break;
            case "TopKV2":
                All(node, node.EmitMany("TOPK_V2", [x, node.Int32(1)], [x.Type, TensorType.Int32]));
                break;
            case "Cumsum":
                node.Out(node.Emit("CUMSUM", [x, node.Int32(1)], ("exclusive", node.Node.Bool("exclusive")), ("reverse", node.Node.Bool("reverse"))));
                break;
            case "ScatterNd":
                node.Out(node.Emit("SCATTER_ND", [node.Int32(0), node.In(1), node.Int32(2)], node.In(1).Type));
                break;
            case "SparseToDense":
                node.Out(node.Emit("SPARSE_TO_DENSE", [node.Int32(0), node.Int32(1), node.In(2), node.In(3)], node.In(2).Type, ("validate_indices", node.Node.Bool("validate_indices"))));
                break;
            case "SegmentSum":
                if (node.Integers(1) is { } segments && segments.Zip(segments.Skip(1), (one, next) => next - one).Any(step => step > 1))
                    throw node.Decline("segments without elements have no counterpart");
                node.Out(node.Emit("SEGMENT_SUM", [x, node.Int32(1)]));
                break;
            case "MatrixDiag":
                node.Out(node.Emit("MATRIX_DIAG", [x]));
                break;
            case "MatrixSetDiag":
                node.Out(node.Emit("MATRIX_SET_DIAG", [x, node.In(1)]));
                break;
            case "BroadcastArgs":
                node.Out(node.Emit("BROADCAST_ARGS", [x, node.In(1)]));
                break;
            case "Bucketize":
                node.Out(node.Emit("BUCKETIZE", [x], TensorType.Int32, ("boundaries", node.Node.FloatList("boundaries").ToArray())));
                break;
            case "RFFT2D":
                node.Out(node.Emit("RFFT2D", [x, node.Int32(1)], TensorType.Complex64));
                break;
            default:
                node.Out(node.Emit("UNSORTED_SEGMENT_" + node.Node.Op["UnsortedSegment".Length..].ToUpperInvariant(), [x, node.Int32(1), node.Int32(2)]));
                break;
        }
    }

    private static void All(NodeWriter node, List<TensorDraft> outputs)
    {
        for (int i = 0; i < outputs.Count; i++)
            node.Out(outputs[i], i);
    }
}
