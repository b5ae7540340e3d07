using TransformFramework.ModelFiles;

namespace TransformFramework.TfLite;

/// <summary>Diagnostics of this assembly.</summary>
internal static class TfLiteDiagnostics
{
    /// <summary>The bytes are not a TensorFlow Lite model, or break off.</summary>
    public const string BrokenFile = "TFX4201";

    /// <summary>The model contradicts itself: indices, sizes, quantization, order of operators.</summary>
    public const string InvalidModel = "TFX4202";

    /// <summary>An operator of the file has no counterpart here.</summary>
    public const string UnreadableOperator = "TFX4203";

    /// <summary>A node of the graph has no counterpart in TensorFlow Lite.</summary>
    public const string UnwritableNode = "TFX4204";

    /// <summary>The file has no signature of the name asked for.</summary>
    public const string UnknownSignature = "TFX4205";

    /// <summary>An option of the writer has a value that it does not know.</summary>
    public const string InvalidOption = "TFX4206";

    /// <summary>An input or output to write does not exist in the graph.</summary>
    public const string UnknownTensor = "TFX4207";

    public static ModelFormatException Broken(string message) =>
        new(message) { DiagnosticId = BrokenFile, Suggestion = "Copy or convert the file again; it is damaged or of another format." };

    public static ModelFormatException Invalid(string message) =>
        new(message) { DiagnosticId = InvalidModel, Suggestion = "Convert the model again; interpreters refuse such a file or compute noise." };

    public static ModelFormatException Unreadable(string message, string? suggestion = null) =>
        new(message) { DiagnosticId = UnreadableOperator, Suggestion = suggestion ?? "Convert the model again without this operator, or read the original model." };

    public static ModelFormatException Unwritable(string message, string? suggestion = null) =>
        new(message) { DiagnosticId = UnwritableNode, Suggestion = suggestion };
}
