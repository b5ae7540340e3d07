using System.Collections.Immutable;
using TransformFramework.Dsl;
using TransformFramework.Dsl.Syntax;
using TransformFramework.Execution;
using TransformFramework.Graphs;
using TransformFramework.Host.Commands;
using TransformFramework.Host.Models;
using TransformFramework.Host.Pipeline;
using TransformFramework.Host.PluginLoading;
using TransformFramework.Toolkit.Calibration;

namespace TransformFramework.Host.Execution;

/// <summary>The way from a float graph to a static 8-bit one, by a script that can be run again: fold and equalize, calibrate, quantize.</summary>
internal sealed class StaticQuantization(PluginCatalog catalog, IBackend backend, string[] inputs, string[] outputs, string rangesPath, CancellationToken cancellation)
{
    private const string Preparation = """
        remove_control_dependencies
        strip_unused_nodes
        remove_nodes(op=Identity, op=CheckNumerics)
        fold_constants(ignore_errors=true)
        fold_norms

        """;

    private const string Equalization = "equalize(relu6=false)\n";

    /// <summary>What the graph computes is asked for under these names.</summary>
    public string[] Outputs => outputs;

    /// <summary>The graph before calibration.</summary>
    public PipelineResult Prepare(Graph graph, bool equalizes) => Run(graph, PreparationOf(equalizes));

    /// <summary>Finds the ranges of the prepared graph.</summary>
    /// <exception cref="FeedException">A sample cannot be read, or there is none.</exception>
    public RangeFile Calibrate(Graph prepared, IEnumerable<IReadOnlyDictionary<string, Tensor>> samples)
    {
        RangeFile ranges = Calibration.Run(backend, prepared, outputs, samples, Console.Error.WriteLine, cancellation);
        if (ranges.Samples == 0)
            throw new FeedException("there are no samples");
        return ranges;
    }

    /// <summary>Writes the file of ranges that the script names.</summary>
    public void Write(RangeFile ranges) => AtomicFile.Write(rangesPath, ranges.Write, beforeReplace: null);

    /// <summary>The integer graph of a prepared one whose ranges are written.</summary>
    /// <param name="prepared">The graph.</param>
    /// <param name="arguments">Further arguments of the call, each with a comma before it.</param>
    public PipelineResult Quantize(Graph prepared, string arguments) => Run(prepared, QuantizingCalls(arguments));

    /// <summary>The whole script, as it can be kept and edited.</summary>
    public string Script(bool equalizes, string arguments) => ScriptFormatter.Format(Parse(PreparationOf(equalizes) + QuantizingCalls(arguments)));

    private static string PreparationOf(bool equalizes) => equalizes ? Preparation + Equalization : Preparation;

    private string QuantizingCalls(string arguments) => $"quantize(ranges={Quoted(rangesPath)}{arguments})\nmerge_duplicate_nodes\nsort_by_execution_order\n";

    /// <summary>A text as an argument of a script.</summary>
    public static string Quoted(string text) => $"\"{text}\"";

    private static Script Parse(string text) => ScriptSource.Parse(new(text, "the script of quantize"), quiet: true);

    private PipelineResult Run(Graph graph, string text)
    {
        var options = new PipelineOptions { InputNames = [.. inputs], OutputNames = [.. outputs] };
        PipelineResult result = new TransformPipeline(catalog).Run(graph, Parse(text), options, cancellation);
        if (result.Failure is { } failure)
            throw new CommandException(failure.IsPluginFault ? ExitCodes.Plugin : ExitCodes.Failed, failure.Diagnostic with { Span = null, Message = $"{failure.Call?.QualifiedName}: {failure.Diagnostic.Message}" });
        return result;
    }
}
