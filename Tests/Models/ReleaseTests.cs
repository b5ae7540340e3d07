using TransformFramework.Engine.Models;
using TransformFramework.Engine.Pipeline;
using TransformFramework.Execution;
using TransformFramework.Graphs;
using TransformFramework.Toolkit.Ops.Releases;
using TransformFramework.Transforms;
using TransformFramework.Workflows.Calibration;
using Xunit.Abstractions;

namespace TransformFramework.Models;

/// <summary>What the recipes make of real models loads in the TensorFlow that the model is of. The output of the tests is a table: the model and recipe, its own release, TensorFlow 1.15 and 2.12.</summary>
public sealed class ReleaseTests(ITestOutputHelper output)
{
    private const string Preparation = "strip_unused_nodes remove_nodes(op=Identity, op=CheckNumerics) fold_constants(ignore_errors=true) fold_norms";

    private static readonly (string Name, string Script)[] Recipes =
    [
        ("fold", Preparation),
        ("round_weights", "round_weights(num_steps=256)"),
        ("quantize_weights", "quantize_weights"),
        ("quantize_nodes", $"add_default_attributes {Preparation} quantize_weights quantize_nodes strip_unused_nodes sort_by_execution_order"),
        ("quantize", ""),
    ];

    public static TheoryData<string> Models => [.. ModelRecord.All.Select(record => record.Model).Distinct(StringComparer.Ordinal).DefaultIfEmpty("")];

    [SkippableTheory]
    [MemberData(nameof(Models))]
    public void Every_recipe_leaves_a_graph_that_its_TensorFlow_loads(string model)
    {
        Skip.If(model.Length == 0, ModelRuns.Missing);
        ModelRecord record = ModelRecord.Find(model);
        using LoadedModel file = ModelRuns.Open(record);
        ReleaseBaseline baseline = ReleaseBaseline.Of(file.Graph);
        output.WriteLine($"{model} | original | {baseline.Release.Version} | {Cell(file.Graph, file.Graph, "1.15")} | {Cell(file.Graph, file.Graph, "2.12")}");
        var wrong = new List<string>();
        foreach (var (name, script) in Recipes)
        {
            if ((name == "quantize" ? Quantized(record, file.Graph) : ModelRuns.Transform(file.Graph, script, record.Inputs, record.Outputs, TransformMode.Safe)) is not { Graph: { } result } run)
                continue;
            ReleaseFindings findings = baseline.Find(result, run.WrittenFor is { } version ? TensorFlowRelease.Find(version) : null);
            output.WriteLine($"{model} | {name} | {findings.Release.Version}: {(findings.New.IsEmpty ? "loads" : findings.New[0].Message)} | {Cell(file.Graph, result, "1.15")} | {Cell(file.Graph, result, "2.12")}");
            wrong.AddRange(findings.New.Select(problem => $"{name}, {findings.Release}: {problem.Message}"));
        }
        Assert.Empty(wrong);
    }

    /// <summary>What a release refuses that it does not refuse in the original already.</summary>
    private static string Cell(Graph original, Graph result, string version)
    {
        TensorFlowRelease release = TensorFlowRelease.Find(version)!;
        var known = ReleaseVerifier.Verify(original, release).Select(problem => problem.Entry).ToHashSet(StringComparer.Ordinal);
        var problems = ReleaseVerifier.Verify(result, release);
        string[] entries = [.. problems.Select(problem => problem.Entry.Length > 0 ? problem.Entry : problem.Message).Distinct(StringComparer.Ordinal)];
        return problems.IsEmpty ? "loads" : $"{(problems.All(problem => known.Contains(problem.Entry)) ? "as the original: " : "")}{string.Join(", ", entries.Take(4))}{(entries.Length > 4 ? ", …" : "")}";
    }

    /// <summary>The static 8-bit graph, calibrated on the stored input; null where the float graph does not run here.</summary>
    private static PipelineResult? Quantized(ModelRecord record, Graph original)
    {
        if (record.Golden("feeds.npz") is null)
            return null;
        string path = Path.GetTempFileName();
        try
        {
            Graph prepared = ModelRuns.Transform(original, Preparation, record.Inputs, record.Outputs, TransformMode.Safe).Graph!;
            using (FileStream stream = File.Create(path))
                CalibrationRun.Run(ModelRuns.Backend, prepared, record.Outputs, [ModelFeeds.Read(record, original, 1)], _ => { }, CancellationToken.None).Write(stream);
            return ModelRuns.Transform(prepared, $"quantize(ranges=\"{path}\")", record.Inputs, record.Outputs, TransformMode.Safe);
        }
        catch (ExecutionException)
        {
            return null;
        }
        finally
        {
            File.Delete(path);
        }
    }
}
