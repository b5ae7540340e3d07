using System.Collections.Immutable;
using TransformFramework.Engine.Models;
using TransformFramework.Execution;
using TransformFramework.Graphs;
using TransformFramework.Toolkit.Ops;
using TransformFramework.Transforms;

namespace TransformFramework.Models;

/// <summary>Real models beside the repository: what they compute, what the recipes make of them, and what the results compute.</summary>
public sealed class ModelTests
{
    private static readonly string[] FoldingRecipes = ["deploy", "mobile", "tidy", "obfuscate", "defaults", "rename"];

    public static TheoryData<string> Models() => OrNone([.. ModelRecord.All.Where(record => record.Golden("original.npz") is not null).Select(record => record.Model).Distinct(StringComparer.Ordinal)]);

    public static TheoryData<string, string> Recipes() => OrNone(ModelRecord.All);

    public static TheoryData<string, string> RunningRecipes() => OrNone(ModelRecord.All.Where(record => record.Runs && record.Golden($"{record.Recipe}.npz") is not null));

    public static TheoryData<string, string> Foldings() => OrNone(ModelRecord.All.Where(record => FoldingRecipes.Contains(record.Recipe) && record.Golden("original.npz") is not null));

    public static TheoryData<string, string> Quantizations() => OrNone(ModelRecord.All.Where(record => record.Transforms.Contains("quantize_nodes", StringComparison.Ordinal) && record.Golden("original.npz") is not null));

    [SkippableTheory]
    [MemberData(nameof(Models))]
    public void A_model_computes_what_it_computes_in_TensorFlow(string model)
    {
        Skip.If(model.Length == 0, ModelRuns.Missing);
        var record = ModelRecord.Find(model);
        using LoadedModel file = ModelRuns.Open(record);
        KnownExceptions.AssertAgrees($"run {model}", Computation(record, file.Graph, file.Graph, "original"));
    }

    [SkippableTheory]
    [MemberData(nameof(Recipes))]
    public void A_recipe_writes_what_the_original_tool_wrote(string model, string recipe)
    {
        Skip.If(model.Length == 0, ModelRuns.Missing);
        var record = ModelRecord.Find(model, recipe);
        using LoadedModel file = ModelRuns.Open(record);
        Graph golden = CondensedGraph.Read(record.Golden($"{recipe}.condensed.pb.gz")!);
        KnownExceptions.AssertAgrees($"write {model}/{recipe}", CondensedGraph.Difference(golden, ModelRuns.Transform(record, file.Graph, TransformMode.Verbatim)));
    }

    [SkippableTheory]
    [MemberData(nameof(RunningRecipes))]
    public void A_result_computes_what_it_computes_in_TensorFlow(string model, string recipe)
    {
        Skip.If(model.Length == 0, ModelRuns.Missing);
        var record = ModelRecord.Find(model, recipe);
        using LoadedModel file = ModelRuns.Open(record);
        KnownExceptions.AssertAgrees($"result {model}/{recipe}", Computation(record, file.Graph, ModelRuns.Transform(record, file.Graph, TransformMode.Verbatim), recipe));
    }

    [SkippableTheory]
    [MemberData(nameof(Foldings))]
    public void A_folding_recipe_leaves_the_outputs_as_they_were(string model, string recipe)
    {
        Skip.If(model.Length == 0, ModelRuns.Missing);
        var record = ModelRecord.Find(model, recipe);
        using LoadedModel file = ModelRuns.Open(record);
        Graph result = ModelRuns.Transform(record, file.Graph, TransformMode.Safe);
        Graph known = recipe == "rename" ? result.Select(node => node.Op == "MyRelu6" ? node with { Op = "Relu6" } : node) : result;
        KnownExceptions.AssertAgrees($"safe {model}/{recipe}", Computation(record, file.Graph, known, "original"));
    }

    [SkippableTheory]
    [MemberData(nameof(Quantizations))]
    public void A_quantizing_recipe_leaves_a_graph_that_runs(string model, string recipe)
    {
        Skip.If(model.Length == 0, ModelRuns.Missing);
        var record = ModelRecord.Find(model, recipe);
        using LoadedModel file = ModelRuns.Open(record);
        KnownExceptions.AssertAgrees($"quantized {model}/{recipe}", Running(record, file.Graph, ModelRuns.Transform(record, file.Graph, TransformMode.Safe)));
    }

    private static string? Running(ModelRecord record, Graph original, Graph graph)
    {
        try
        {
            ModelRuns.Backend.Compile(graph, record.Outputs, new CompileOptions { Feeds = record.Inputs }).Run(Fitting(ModelFeeds.Read(record, original, 1), graph));
            return null;
        }
        catch (ExecutionException error)
        {
            return error.Message;
        }
    }

    /// <summary>Runs a graph on all three feeds; the first difference from what is stored, or null.</summary>
    private static string? Computation(ModelRecord record, Graph original, Graph graph, string goldens)
    {
        try
        {
            return Difference(record, original, graph, goldens);
        }
        catch (ExecutionException error)
        {
            return error.Message;
        }
    }

    private static string? Difference(ModelRecord record, Graph original, Graph graph, string goldens)
    {
        ImmutableArray<string> outputs = record.Outputs;
        IExecutable executable = ModelRuns.Backend.Compile(Seeded(graph), outputs, new CompileOptions { Feeds = record.Inputs });
        for (int feed = 1; feed <= 3; feed++)
        {
            if (Goldens.Read(record, goldens, feed) is not { } expected)
                continue;
            var actual = executable.Run(Fitting(ModelFeeds.Read(record, original, feed), graph));
            for (int i = 0; i < outputs.Length; i++)
            {
                if (expected.TryGetValue(outputs[i], out var golden) && Goldens.Difference(golden, actual[i]) is { } difference)
                    return $"feed {feed}, {outputs[i]}: {difference}";
            }
        }
        return null;
    }

    /// <summary>The graph with a seed for each random op that has none: whether a rounded random number crosses the next integer must not differ from run to run.</summary>
    private static Graph Seeded(Graph graph) => graph.Select(node =>
        OpTable.Find(node.Op)?.Attribute("seed2") is not null && node.Long("seed", 0) == 0 && node.Long("seed2", 0) == 0 ? node.With("seed", new IntValue(1)) : node);

    /// <summary>The feeds as the graph's placeholders take them; for an 8-bit input the goldens were made with the floats cut to bytes.</summary>
    private static Dictionary<string, Tensor> Fitting(Dictionary<string, Tensor> feeds, Graph graph) => feeds.ToDictionary(
        feed => feed.Key,
        feed => graph.Find(feed.Key)?.TypeAttribute("dtype") == DataType.QUInt8 && feed.Value.Type == DataType.Float ? QuantizedValues(feed.Value) : feed.Value,
        StringComparer.Ordinal);

    private static Tensor QuantizedValues(Tensor values) =>
        Tensor.Create<byte>(DataType.QUInt8, values.Shape, [.. values.AsSpan<float>().ToArray().Select(value => unchecked((byte)(int)value))]);

    private static TheoryData<string> OrNone(ImmutableArray<string> models) => models.IsEmpty ? [""] : new(models);

    private static TheoryData<string, string> OrNone(IEnumerable<ModelRecord> records)
    {
        var data = new TheoryData<string, string>();
        foreach (ModelRecord record in records.DefaultIfEmpty(new("", "", "", [], [], "", false)))
            data.Add(record.Model, record.Recipe);
        return data;
    }
}
