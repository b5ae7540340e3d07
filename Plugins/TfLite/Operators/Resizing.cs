using TransformFramework.TfLite.Reading;

namespace TransformFramework.TfLite.Operators;

/// <summary><c>RESIZE_BILINEAR(x, size) {align_corners, half_pixel_centers}   ↔   ResizeBilinear(x, size)</c>, RESIZE_NEAREST_NEIGHBOR likewise.</summary>
[OperatorConverter("RESIZE_BILINEAR", "RESIZE_NEAREST_NEIGHBOR")]
internal sealed class Resizing : OperatorConverter
{
    public override void Read(OperatorReader op)
    {
        bool isNearest = op.Name == "RESIZE_NEAREST_NEIGHBOR";
        Value resized = op.Node(isNearest ? "ResizeNearestNeighbor" : "ResizeBilinear", [op.Real(0), op.Stored(1)],
            ("align_corners", op.Options.Flag("align_corners")), ("half_pixel_centers", op.Options.Flag("half_pixel_centers")));
        op.Result(resized, isExact: isNearest);
    }
}
