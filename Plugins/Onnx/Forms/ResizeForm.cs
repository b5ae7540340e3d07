using TransformFramework.Graphs;
using TransformFramework.Onnx.Export;

namespace TransformFramework.Onnx.Forms;

/// <summary>Images resized to a constant size.</summary>
internal sealed class ResizeForm(string mode) : IOnnxForm
{
    public void Write(Node node, GraphExport export)
    {
        long[] size = export.ConstantLongs(node, 1);
        string input = export.Read(node.Data(0), Layout.ChannelsFirst);
        string coordinates = node.Flag("align_corners") ? "align_corners" : node.Flag("half_pixel_centers") ? "half_pixel" : "asymmetric";
        string rounding = node.Flag("align_corners") ? "round_prefer_ceil" : "floor";
        if (mode == "nearest" && node.Flag("half_pixel_centers"))
            coordinates = "tf_half_pixel_for_nn";
        export.Add("Resize", [input, "", "", TargetSize(node, export, input, size)], export.Define(node, 0, Layout.ChannelsFirst),
            ("mode", mode), ("coordinate_transformation_mode", coordinates), ("nearest_mode", rounding));
    }

    /// <summary>Batch and channels of the input, height and width as given.</summary>
    private static string TargetSize(Node node, GraphExport export, string input, long[] size)
    {
        string shape = export.Fresh($"{node.Name}/shape");
        string outer = export.Fresh($"{node.Name}/outer");
        string target = export.Fresh($"{node.Name}/sizes");
        export.Add("Shape", [input], shape);
        export.Add("Slice", [shape, export.Integers(0), export.Integers(2)], outer);
        export.Add("Concat", [outer, export.Integers(size)], target, ("axis", 0L));
        return target;
    }
}
