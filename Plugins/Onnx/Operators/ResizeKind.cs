using TransformFramework.Onnx.Model;
using TransformFramework.Onnx.Reading;

namespace TransformFramework.Onnx.Operators;

/// <summary>The options of a resizing.</summary>
internal sealed record ResizeKind(string Mode, string Coordinates, string Rounding)
{
    /// <summary>Parameter of the cubic kernel.</summary>
    public float Cubic { get; init; } = -0.75f;

    public bool ExcludesOutside { get; init; }

    public bool IsAntialiased { get; init; }

    /// <summary>Rounding of Resize in opset 10: down where the axis grows, up where it shrinks.</summary>
    public const string BySize = "by_size";

    public bool IsCrop => Coordinates == "tf_crop_and_resize";

    public static ResizeKind Of(NodeReader node)
    {
        string mode = node.Text("mode", "nearest");
        if (node.Op == "Upsample" || node.Opset < 11)
            return new(mode, "asymmetric", node.Op == "Upsample" ? "floor" : BySize);
        return new(mode, node.Text("coordinate_transformation_mode", "half_pixel"), node.Text("nearest_mode", "round_prefer_floor"))
        {
            Cubic = node.Real("cubic_coeff_a", -0.75f),
            ExcludesOutside = node.Flag("exclude_outside"),
            IsAntialiased = node.Flag("antialias"),
        };
    }

    /// <summary>TensorFlow's op of the same meaning, or null.</summary>
    /// <param name="integerFactors">True when each side grows by a whole factor.</param>
    public string? NativeOp(bool integerFactors)
    {
        if (ExcludesOutside || IsAntialiased)
            return null;
        return Mode switch
        {
            "linear" when Coordinates is "half_pixel" or "align_corners" or "asymmetric" => "ResizeBilinear",
            "nearest" when Coordinates == "asymmetric" && Rounding == "floor" => "ResizeNearestNeighbor",
            "nearest" when Coordinates == "align_corners" && Rounding == "round_prefer_ceil" => "ResizeNearestNeighbor",
            "nearest" when Coordinates == "tf_half_pixel_for_nn" && Rounding == "floor" => "ResizeNearestNeighbor",
            "nearest" when Coordinates == "half_pixel" && (Rounding == "round_prefer_ceil" || (Rounding == "round_prefer_floor" && integerFactors)) => "ResizeNearestNeighbor",
            _ => null,
        };
    }
}
