using TransformFramework.Engine.Files;

namespace TransformFramework.Workflows.Reports;

/// <summary>Writes reports to files.</summary>
public static class ReportFile
{
    /// <summary>Writes a report as the path's ending says: <c>.html</c> a page that needs no network, <c>.md</c> Markdown, else JSON.</summary>
    /// <exception cref="ModelFiles.ModelFormatException">The file cannot be written.</exception>
    public static void Write(string path, Report report) => AtomicFile.WriteText(path, Path.GetExtension(path).ToLowerInvariant() switch
    {
        ".html" or ".htm" => Html.HtmlReport.Write(report),
        ".md" => MarkdownReport.Write(report),
        _ => JsonReport.Write(report),
    });
}
