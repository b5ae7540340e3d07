using TransformFramework.Diagnostics;
using TransformFramework.Dsl.Binding;
using TransformFramework.Dsl.Syntax;
using TransformFramework.Engine.PluginLoading;
using TransformFramework.Workflows.Inspection;

namespace TransformFramework.Servers.LanguageServer;

/// <summary>What the plugins know of a script: proposals, pages, problems.</summary>
/// <param name="plugins">The plugins.</param>
internal sealed class ScriptKnowledge(PluginCatalog plugins)
{
    private const int Function = 3;
    private const int Property = 10;
    private const int Value = 12;

    /// <summary>What may be written at an offset: transforms, arguments of the call, or values of the argument.</summary>
    public IReadOnlyList<CompletionItem> Complete(string text, int offset)
    {
        if (CursorContext.At(text, offset) is not { } context)
            return [];
        if (context.Call is null)
            return [.. plugins.Transforms.Where(transform => transform.Name.StartsWith(context.Word, StringComparison.Ordinal)).Select(transform => new CompletionItem(transform.Name, Function, transform.Summary, null, transform.Name))];
        if (plugins.Find(null, context.Call) is not { } called)
            return [];
        OptionDescription[] options = [.. plugins.OptionsOf(called)];
        if (context.Argument is { } argument)
            return [.. ValuesOf(options.FirstOrDefault(option => option.Name == argument)).Where(value => value.StartsWith(context.Word, StringComparison.Ordinal)).Select(value => new CompletionItem(value, Value, "", null, value))];
        return [.. options.Where(option => option.Name.StartsWith(context.Word, StringComparison.Ordinal) && (option.IsRepeatable || !context.Given.Contains(option.Name))).Select(option => new CompletionItem(option.Name, Property, $"{option.TypeText}{(option.IsRequired ? ", required" : option.DefaultText is { } otherwise ? $", {otherwise} without it" : "")}", option.Description, option.Name + "="))];
    }

    /// <summary>The page of the transform, or the description of the argument, at an offset; null elsewhere.</summary>
    public (string Markdown, SourceSpan Span)? Explain(string text, int offset)
    {
        foreach (TransformCall call in ScriptParser.Parse(text).Script?.Calls ?? [])
        {
            if (plugins.Find(call.Plugin, call.Name) is not { } transform)
                continue;
            if (Holds(call.NameSpan, offset))
                return (TransformPage.Of(plugins, transform).ToMarkdown(), call.NameSpan);
            if (call.Arguments.FirstOrDefault(argument => Holds(argument.NameSpan, offset)) is { } at && plugins.OptionsOf(transform).FirstOrDefault(option => option.Name == at.Name) is { } described)
                return ($"`{described.Name}`: {described.TypeText}\n\n{described.Description}", at.NameSpan);
        }
        return null;
    }

    /// <summary>What the parser and lint find.</summary>
    public IReadOnlyList<Diagnostic> Problems(string text)
    {
        var parsed = ScriptParser.Parse(text);
        return [.. parsed.Diagnostics, .. parsed.Script is { } script ? ScriptLint.Find(script, plugins, graph: null) : []];
    }

    private static IEnumerable<string> ValuesOf(OptionDescription? option) => option?.TypeText switch
    {
        null => [],
        "bool" => ["true", "false"],
        var type when type.Contains('|', StringComparison.Ordinal) => type.Split('|', StringSplitOptions.TrimEntries),
        _ => [],
    };

    private static bool Holds(SourceSpan span, int offset) => span.Length > 0 && span.Start <= offset && offset <= span.End;
}
