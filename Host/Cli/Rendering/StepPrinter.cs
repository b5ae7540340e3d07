using System.Collections.Immutable;
using System.Globalization;
using TransformFramework.Cli.CommandLineParsing;
using TransformFramework.Diagnostics;
using TransformFramework.Dsl;
using TransformFramework.Engine;
using TransformFramework.Engine.Models;
using TransformFramework.Engine.Pipeline;
using TransformFramework.Engine.PluginLoading;

namespace TransformFramework.Cli.Rendering;

/// <summary>Says what a run did: a table of steps on stdout, diagnostics on stderr.</summary>
internal static class StepPrinter
{
    private const int ShownPerId = 3;

    public static void PrintTable(PipelineResult result, string input, long inputBytes, WrittenModel? written, StepCheck? check = null)
    {
        TextWriter console = Console.Out;
        int width = Math.Max(4, result.Steps.Select(step => step.Call.QualifiedName.Length).DefaultIfEmpty(0).Max());
        console.WriteLine(string.Create(CultureInfo.InvariantCulture, $"{input}: {inputBytes:N0} bytes"));
        console.WriteLine(string.Create(CultureInfo.InvariantCulture, $"{"step".PadRight(width)}  {"nodes",17}  {"bytes",27}  {"ms",9}"));
        foreach (StepRecord step in result.Steps)
        {
            string nodes = string.Create(CultureInfo.InvariantCulture, $"{step.NodesBefore} → {step.NodesAfter}");
            string bytes = string.Create(CultureInfo.InvariantCulture, $"{step.BytesBefore:N0} → {step.BytesAfter:N0}");
            string note = step.IsIgnored ? "  (failed, ignored)" : string.Concat(step.Statistics.Select(count => string.Create(CultureInfo.InvariantCulture, $"  {count.Count} {(count.Count == 1 ? Singular(count.Name) : count.Name)}")));
            console.WriteLine(string.Create(CultureInfo.InvariantCulture, $"{step.Call.QualifiedName.PadRight(width)}  {nodes,17}  {bytes,27}  {step.Duration.TotalMilliseconds,9:F1}{note}"));
        }
        if (check is not null)
            console.WriteLine(check.Largest == 0 ? "check: the outputs are equal after every step" : string.Create(CultureInfo.InvariantCulture, $"check: the outputs differ by at most {check.Largest:G3} of their largest magnitude"));
        console.WriteLine(written is null ? "dry run: nothing is written" : WrittenModelText.Describe(written with { Inputs = [], Outputs = [] }));
    }

    /// <summary>The name of a count for one: <c>nodes removed</c> is <c>node removed</c>.</summary>
    private static string Singular(string name) => name.Split(' ', 2)[0] is [.. var stem, 's'] ? stem + name[(stem.Length + 1)..] : name;

    public static void PrintDiagnostics(PipelineResult result, PluginCatalog catalog, ScriptText script, ImmutableArray<string> explained, bool verbose, bool quiet)
    {
        if (quiet)
            return;
        foreach (Diagnostic diagnostic in catalog.Diagnostics.Where(diagnostic => diagnostic.Id != EngineDiagnostics.HiddenTransform.Id || IsOfCalled(diagnostic, result)))
            Console.Error.WriteLine(DiagnosticRenderer.Render(diagnostic, null, null));
        foreach (Diagnostic diagnostic in result.Diagnostics)
            Console.Error.WriteLine(DiagnosticRenderer.Render(diagnostic, null, null));
        foreach (StepRecord step in result.Steps)
        {
            foreach (var group in step.Diagnostics.Where(diagnostic => verbose || diagnostic.Severity != Severity.Info).GroupBy(diagnostic => diagnostic.Id, StringComparer.Ordinal))
                PrintGroup([.. group], script, verbose);
            if (!explained.Contains("*") && !explained.Contains(catalog.FindQualified(step.Call.QualifiedName)?.Name ?? step.Call.Name))
                continue;
            foreach (Explanation explanation in step.Explanations)
                Console.Error.WriteLine($"{step.Call.QualifiedName}: {explanation.Node}: {explanation.Reason}");
        }
    }

    /// <summary>True for a diagnostic that names a transform of the script.</summary>
    private static bool IsOfCalled(Diagnostic diagnostic, PipelineResult result) => result.Steps.Any(step => diagnostic.Message.Contains($"'{step.Call.Name}'", StringComparison.Ordinal));

    private static void PrintGroup(List<Diagnostic> group, ScriptText script, bool verbose)
    {
        int shown = verbose ? group.Count : Math.Min(group.Count, ShownPerId);
        foreach (Diagnostic diagnostic in group.Take(shown))
            Console.Error.WriteLine(DiagnosticRenderer.Render(diagnostic, script.Text, script.Name));
        if (shown < group.Count)
            Console.Error.WriteLine($"  and {group.Count - shown} more of {group[0].Id} (--verbose shows them)");
    }
}
