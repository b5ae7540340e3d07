using TransformFramework.Diagnostics;
using TransformFramework.Dsl;
using TransformFramework.Dsl.Syntax;
using TransformFramework.Engine.Pipeline;

namespace TransformFramework.Workflows.Quantization;

/// <summary>The script from a float graph to a static 8-bit one: calls that prepare the graph for calibration, then calls that quantize it.</summary>
public sealed class QuantizationScript
{
    private const string Name = "the script of quantize";

    private static readonly string[] Folding =
    [
        "remove_control_dependencies",
        "strip_unused_nodes",
        "remove_nodes(op=Identity, op=CheckNumerics)",
        "fold_constants(ignore_errors=true)",
        "fold_norms",
    ];

    private readonly int preparing;
    private readonly Script script;

    /// <param name="rangesPath">The file of ranges that the call of quantize names.</param>
    /// <param name="equalizes">Whether equalize is called.</param>
    /// <param name="arguments">Further arguments of the call of quantize, each with a comma before it.</param>
    /// <exception cref="ScriptException">The arguments are not ones of a script.</exception>
    public QuantizationScript(string rangesPath, bool equalizes, string arguments)
    {
        if (rangesPath.Contains('"', StringComparison.Ordinal))
            throw new ScriptException([WorkflowsDiagnostics.UnnamableFile.With(rangesPath) with { Suggestion = "Choose another file name." }]);
        string[] preparation = equalizes ? [.. Folding, "equalize(relu6=false)"] : Folding;
        preparing = preparation.Length;
        string[] calls = [.. preparation, $"quantize(ranges={Quoted(rangesPath)}{arguments})", "merge_duplicate_nodes", "sort_by_execution_order"];
        Equalizes = equalizes;
        Source = new(ScriptFormatter.Format(new ScriptText(string.Join('\n', calls), Name).Parse(out _)), Name);
        script = Source.Parse(out _);
    }

    /// <summary>Whether channels are equalized before calibration.</summary>
    public bool Equalizes { get; }

    /// <summary>The whole script, as it can be kept and edited.</summary>
    public ScriptText Source { get; }

    /// <summary>The calls before calibration.</summary>
    public Script Preparation => script with { Calls = script.Calls[..preparing] };

    /// <summary>The calls after calibration.</summary>
    public Script Quantization => script with { Calls = script.Calls[preparing..] };

    /// <summary>A text as an argument of a script.</summary>
    public static string Quoted(string text) => $"\"{text}\"";
}
