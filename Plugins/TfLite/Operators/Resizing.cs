using TransformFramework.Graphs;
using TransformFramework.TfLite.Reading;
using TransformFramework.TfLite.Schema;
using TransformFramework.TfLite.Writing;

namespace TransformFramework.TfLite.Operators;

/// <summary><c>RESIZE_BILINEAR(x, size) {align_corners, half_pixel_centers}   ↔   ResizeBilinear(x, size)</c>, RESIZE_NEAREST_NEIGHBOR likewise.</summary>
[OperatorConverter("RESIZE_BILINEAR", "RESIZE_NEAREST_NEIGHBOR", Nodes = ["ResizeBilinear", "ResizeNearestNeighbor"])]
internal sealed class Resizing : OperatorConverter
{
    public override void Read(OperatorReader op)
    {
        bool isNearest = op.Name == "RESIZE_NEAREST_NEIGHBOR";
        Value resized = op.Node(isNearest ? "ResizeNearestNeighbor" : "ResizeBilinear", [op.Real(0), op.Stored(1)],
            ("align_corners", op.Options.Flag("align_corners")), ("half_pixel_centers", op.Options.Flag("half_pixel_centers")));
        op.Result(resized, isExact: isNearest);
    }

    /// <summary>Bilinear results are float whatever is resized.</summary>
    public override void Write(NodeWriter node)
    {
        bool isBilinear = node.Node.Op == "ResizeBilinear";
        TensorDraft x = node.In(0);
        if (isBilinear && x.Type != TensorType.Float32)
            x = node.Emit("CAST", [x], TensorType.Float32, ("in_data_type", (int)x.Type), ("out_data_type", (int)TensorType.Float32));
        node.Out(node.Emit(isBilinear ? "RESIZE_BILINEAR" : "RESIZE_NEAREST_NEIGHBOR", [x, node.Int32(1)], ("align_corners", node.Node.Bool("align_corners")), ("half_pixel_centers", node.Node.Bool("half_pixel_centers"))));
    }
}
