using System.Collections.Immutable;
using System.Net;
using System.Text;

namespace TransformFramework.Workflows.Reports.Html;

/// <summary>A report as one page: style, scripts and data are within it, so it opens from a disk without a network.</summary>
public static class HtmlReport
{
    private const int MostExplanations = 200;

    private static readonly string[] Styles = ["ThirdParty.uPlot.min.css", "page.css"];

    private static readonly string[] Scripts =
    [
        "ThirdParty.dagre.min.js", "ThirdParty.uPlot.iife.min.js",
        "format.js", "graph-states.js", "graph-scopes.js", "graph-layout.js", "graph-colors.js", "graph-view.js", "graph-panel.js", "layers.js", "accuracy.js", "times.js", "steps.js", "page.js",
    ];

    /// <summary>Notices that each copy of the libraries must carry.</summary>
    private static readonly (string Library, string Licence)[] Licences = [("dagre 3.1.3", "ThirdParty.dagre.LICENSE.txt"), ("uPlot 1.6.32", "ThirdParty.uPlot.LICENSE.txt")];

    /// <summary>The page.</summary>
    public static string Write(Report report)
    {
        var page = new StringBuilder();
        string title = WebUtility.HtmlEncode($"{report.Command}: {Path.GetFileName(report.InGraph.TrimEnd('/'))}");
        page.Append("<!doctype html>\n<html lang=\"en\">\n<head>\n<meta charset=\"utf-8\">\n<meta name=\"viewport\" content=\"width=device-width, initial-scale=1\">\n<title>").Append(title).Append("</title>\n");
        foreach (string style in Styles)
            page.Append("<style>\n").Append(Asset(style)).Append("\n</style>\n");
        foreach (var (library, licence) in Licences)
            page.Append("<!-- ").Append(library).Append("\n\n").Append(Asset(licence)).Append("\n-->\n");
        page.Append("</head>\n<body>\n").Append(Asset("body.html"));
        page.Append("<script type=\"application/json\" id=\"report\">").Append(JsonReport.WriteForPage(Shortened(report))).Append("</script>\n");
        foreach (string script in Scripts)
            page.Append("<script>\n").Append(Asset(script)).Append("\n</script>\n");
        return page.Append("</body>\n</html>\n").ToString();
    }

    /// <summary>Of thousands of explanations a page shows some; JSON holds all.</summary>
    private static Report Shortened(Report report) => report with { Steps = [.. report.Steps.Select(step => step with { Explanations = [.. step.Explanations.Take(MostExplanations)] })] };

    private static string Asset(string name)
    {
        using Stream stream = typeof(HtmlReport).Assembly.GetManifestResourceStream($"Report.{name}") ?? throw new InvalidOperationException($"the assembly lacks the resource Report.{name}");
        using var reader = new StreamReader(stream);
        return reader.ReadToEnd();
    }
}
