using System.Collections.Immutable;
using System.Text;
using System.Xml.Linq;
using TransformFramework.Dsl.Binding;
using TransformFramework.Engine.PluginLoading;

namespace TransformFramework.Workflows.Inspection;

/// <summary>Everything that is known of one transform: its attributes, its options, and its class's doc comment from the XML file beside the plugin.</summary>
/// <param name="Transform">The transform.</param>
/// <param name="Options">Its arguments.</param>
/// <param name="Text">The summary of the doc comment.</param>
/// <param name="Example">The code in the summary.</param>
/// <param name="Remarks">The remarks of the doc comment, Markdown.</param>
public sealed record TransformPage(TransformDescription Transform, ImmutableArray<OptionDescription> Options, string Text, string Example, string Remarks)
{
    /// <summary>The page of a transform.</summary>
    public static TransformPage Of(PluginCatalog catalog, TransformDescription transform)
    {
        var options = catalog.OptionsOf(transform);
        PluginDescription plugin = catalog.Plugins.First(plugin => plugin.IsAccepted && plugin.Name == transform.PluginName);
        XElement? documentation = Documentation(Path.ChangeExtension(plugin.Path, ".xml"), transform.TypeName);
        XElement? summary = documentation?.Element("summary");
        string example = summary?.Element("code") is { } code ? Unindent(code.Value) : "";
        string text = summary is null ? transform.Summary : Prose(summary);
        return new(transform, options, text, example, documentation?.Element("remarks") is { } remarks ? Unindent(remarks.Value) : "");
    }

    /// <summary>The page as Markdown.</summary>
    public string ToMarkdown()
    {
        var page = new StringBuilder();
        page.Append($"# {Transform.Name}\n\n{Transform.Summary}\n\n");
        if (!Transform.Aliases.IsEmpty)
            page.Append($"Also called {string.Join(", ", Transform.Aliases.Select(alias => $"`{alias}`"))}.\n\n");
        if (Example.Length > 0)
            page.Append($"```\n{Example}\n```\n\n");
        page.Append($"{Text}\n\n");
        if (Options.IsEmpty)
            page.Append("It has no arguments of its own.\n");
        else
            page.Append("| argument | type | default | |\n|---|---|---|---|\n");
        foreach (OptionDescription option in Options)
            page.Append($"| `{option.Name}` | {option.TypeText}{(option.IsRepeatable ? ", repeatable" : "")} | {(option.IsRequired ? "required" : option.DefaultText ?? "")} | {option.Description} |\n");
        if (Remarks.Length > 0)
            page.Append($"\n{Remarks}\n");
        return page.Append($"\nPlugin: {Transform.PluginName}.{(Transform.IsClassic ? " A transform of the original tool." : "")}\n").ToString();
    }

    private static XElement? Documentation(string file, string typeName) => File.Exists(file)
        ? XDocument.Load(file, LoadOptions.PreserveWhitespace).Descendants("member").FirstOrDefault(member => (string?)member.Attribute("name") == "T:" + typeName)
        : null;

    private static string Prose(XElement summary)
    {
        var text = new StringBuilder();
        foreach (XNode node in summary.Nodes())
        {
            if (node is XText words)
                text.Append(words.Value);
            else if (node is XElement { Name.LocalName: not "code" } element)
                text.Append('`').Append(element.Value.Length > 0 ? element.Value : ((string?)element.Attribute("cref") ?? "").Split('.', ':')[^1]).Append('`');
        }
        return string.Join(' ', text.ToString().Split((char[]?)null, StringSplitOptions.RemoveEmptyEntries));
    }

    private static string Unindent(string code)
    {
        string[] lines = code.Trim('\n', '\r').TrimEnd().Split('\n');
        int indent = lines.Where(line => line.Trim().Length > 0).Select(line => line.Length - line.TrimStart().Length).DefaultIfEmpty(0).Min();
        return string.Join('\n', lines.Select(line => line.Length >= indent ? line[indent..].TrimEnd() : line.Trim()));
    }
}
