using TransformFramework.ModelFiles;

namespace TransformFramework.Toolkit.Checkpoints;

/// <summary>Failures of reading checkpoints.</summary>
public static class CheckpointDiagnostics
{
    /// <summary>The index is cut short or damaged.</summary>
    public const string MalformedIndex = "TFX4330";

    /// <summary>The checkpoint holds no tensor of a name.</summary>
    public const string MissingTensor = "TFX4331";

    /// <summary>The checkpoint does not hold all of the part of a tensor that is wanted.</summary>
    public const string MissingPart = "TFX4336";

    /// <summary>A data file is missing, cut short, or does not have the checksum that the index has for it.</summary>
    public const string DamagedData = "TFX4332";

    /// <summary>A tensor has an element type that a graph cannot hold, or the machine that wrote the file had the other byte order.</summary>
    public const string Unsupported = "TFX4333";

    /// <summary>A text that should be a shape with a slice is none.</summary>
    public const string MalformedSlice = "TFX4334";

    /// <summary>The checkpoint consists of no file that is there.</summary>
    public const string MissingIndex = "TFX4335";

    internal static ModelFormatException Index(string file, string what) => new($"'{file}' is not the index of a checkpoint, or is damaged: {what}")
    {
        DiagnosticId = MalformedIndex,
        Suggestion = "Copy the checkpoint again, with all its files.",
    };

    internal static ModelFormatException Data(string message) => new(message)
    {
        DiagnosticId = DamagedData,
        Suggestion = "Copy the checkpoint again, with all its files.",
    };

    internal static ModelFormatException Missing(string name, string prefix) => new($"Key {name} not found in checkpoint '{prefix}'")
    {
        DiagnosticId = MissingTensor,
        Suggestion = "Use the checkpoint that was saved with this graph.",
    };

    internal static ModelFormatException Part(string message) => new(message)
    {
        DiagnosticId = MissingPart,
        Suggestion = "Use the checkpoint that was saved with this graph.",
    };
}
