using TransformFramework.ModelFiles;
using TransformFramework.Toolkit;

namespace TransformFramework.Engine.Files;

/// <summary>Names of files below a folder.</summary>
internal static class RelativeName
{
    /// <summary>Refuses a name that leads out of its folder.</summary>
    /// <exception cref="ModelFormatException">It does.</exception>
    public static void Check(string name)
    {
        if (name.Length == 0 || Path.IsPathRooted(name) || name.Contains('\\', StringComparison.Ordinal) || name.Split('/').Any(part => part is "" or "." or ".."))
            throw new ModelFormatException($"'{name}' leads out of the model's folder") { DiagnosticId = ToolkitDiagnostics.Unwritable.Id };
    }
}
