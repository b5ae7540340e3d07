using TransformFramework.Graphs;
using TransformFramework.TfLite.Reading;
using TransformFramework.TfLite.Schema;

namespace TransformFramework.TfLite.Operators;

/// <summary>Operators that make, find and scatter elements: STRIDED_SLICE, ONE_HOT, FILL, RANGE, WHERE, UNIQUE, TOPK_V2, CUMSUM, SCATTER_ND, SPARSE_TO_DENSE, segments and diagonals.</summary>
[OperatorConverter("STRIDED_SLICE", "ONE_HOT", "FILL", "RANGE", "WHERE", "UNIQUE", "TOPK_V2", "CUMSUM", "SCATTER_ND", "SPARSE_TO_DENSE", "SEGMENT_SUM", "UNSORTED_SEGMENT_SUM", "UNSORTED_SEGMENT_PROD",
    "UNSORTED_SEGMENT_MAX", "UNSORTED_SEGMENT_MIN", "MATRIX_DIAG", "MATRIX_SET_DIAG", "BROADCAST_ARGS", "BUCKETIZE", "RFFT2D")]
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
}
