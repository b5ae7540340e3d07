using TransformFramework.Engine.Models;
using TransformFramework.Graphs;

namespace TransformFramework.Models;

/// <summary>Every tensor of a model and of its 8-bit versions, one by one and bit for bit, against what TensorFlow computed: the last bit of a float may decide over a quantized value.</summary>
public sealed class TraceTests
{
    private const string Ending = ".trace.tsv.gz";

    public static TheoryData<string, string> Traces()
    {
        var data = new TheoryData<string, string>();
        foreach (string model in ModelRecord.All.Select(record => record.Model).Distinct(StringComparer.Ordinal))
        {
            foreach (string recipe in new[] { "original", "eight_bit", "eight_bit_fallback" })
            {
                bool isRecorded = recipe == "original" || ModelRecord.All.Any(record => record.Model == model && record.Recipe == recipe);
                if (isRecorded && ModelRecord.Find(model).Golden(recipe + Ending) is not null)
                    data.Add(model, recipe);
            }
        }
        if (!data.Any())
            data.Add("", "");
        return data;
    }

    [SkippableTheory]
    [MemberData(nameof(Traces))]
    public void Every_tensor_is_the_one_that_TensorFlow_computed(string model, string recipe)
    {
        Skip.If(model.Length == 0, ModelRuns.Missing);
        var record = ModelRecord.Find(model, recipe == "original" ? null : recipe);
        using LoadedModel file = ModelRuns.Open(record);
        Graph graph = recipe == "original" ? file.Graph : ModelRuns.Transform(record, file.Graph, Transforms.TransformMode.Verbatim);
        string? difference = TensorTrace.Difference(record.Golden(recipe + Ending)!, graph, record.Inputs, ModelFeeds.Read(record, file.Graph, 1));
        KnownExceptions.AssertAgrees($"trace {model}/{recipe}", difference);
    }
}
