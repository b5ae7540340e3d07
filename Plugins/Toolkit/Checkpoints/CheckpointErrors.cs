using TransformFramework.ModelFiles;

namespace TransformFramework.Toolkit.Checkpoints;

/// <summary>Failures of reading checkpoints.</summary>
internal static class CheckpointErrors
{
    public static ModelFormatException Index(string file, string what) => new(ToolkitDiagnostics.MalformedIndex.Format(file, what))
    {
        DiagnosticId = ToolkitDiagnostics.MalformedIndex.Id,
        Suggestion = "Copy the checkpoint again, with all its files.",
    };

    public static ModelFormatException Data(string message) => new(message)
    {
        DiagnosticId = ToolkitDiagnostics.DamagedData.Id,
        Suggestion = "Copy the checkpoint again, with all its files.",
    };

    public static ModelFormatException Missing(string name, string prefix) => new(ToolkitDiagnostics.MissingTensor.Format(name, prefix))
    {
        DiagnosticId = ToolkitDiagnostics.MissingTensor.Id,
        Suggestion = "Use the checkpoint that was saved with this graph.",
    };

    public static ModelFormatException Part(string message) => new(message)
    {
        DiagnosticId = ToolkitDiagnostics.MissingPart.Id,
        Suggestion = "Use the checkpoint that was saved with this graph.",
    };
}
