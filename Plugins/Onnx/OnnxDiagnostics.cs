using TransformFramework.ModelFiles;

namespace TransformFramework.Onnx;

/// <summary>Ids of the messages about ONNX files, and the errors that carry them.</summary>
internal static class OnnxDiagnostics
{
    /// <summary>A node reads a tensor that does not exist, or a name of the request does not.</summary>
    public const string Missing = "TFX4101";

    /// <summary>A type, attribute or input that the other format cannot hold.</summary>
    public const string Declined = "TFX4102";

    /// <summary>A node that cannot be written as ONNX.</summary>
    public const string NotWritten = "TFX4103";

    /// <summary>A node of an ONNX file that cannot be read.</summary>
    public const string NotRead = "TFX4104";

    /// <summary>A file that breaks the rules of the format.</summary>
    public const string Malformed = "TFX4105";

    /// <summary>An operator set that is older or newer than what is known.</summary>
    public const string Opset = "TFX4106";

    /// <summary>External data that is missing, too short or outside the model's folder.</summary>
    public const string ExternalData = "TFX4107";

    /// <summary>Nodes that read each other.</summary>
    public const string Cycle = "TFX4108";

    /// <summary>Types or shapes of a node's inputs that do not fit the operator.</summary>
    public const string Inference = "TFX4109";

    /// <summary>Pairs of 8-bit weights that some CPUs add up with saturation.</summary>
    public const string Saturation = "TFX4110";

    /// <summary>Declines what the other format cannot hold; the caller adds the node's name.</summary>
    public static ModelFormatException Decline(string why) => new(why) { DiagnosticId = Declined };

    /// <summary>Inputs whose types or shapes do not fit the operator; the caller adds the node's name.</summary>
    public static ModelFormatException Unfit(string why) => new(why) { DiagnosticId = Inference };

    /// <summary>A file that breaks the rules of the format.</summary>
    public static ModelFormatException Broken(string what) => new(what) { DiagnosticId = Malformed, Suggestion = "The file is damaged or was written by a faulty exporter; export or download it again." };
}
