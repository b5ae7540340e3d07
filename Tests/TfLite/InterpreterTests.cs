using TransformFramework.Graphs;
using TransformFramework.ModelFiles;
using Xunit.Abstractions;

namespace TransformFramework.TfLite;

/// <summary>What is written runs in real interpreters and computes what our run computes.</summary>
public sealed class InterpreterTests(ITestOutputHelper output)
{
    [SkippableTheory]
    [InlineData("tfjs")]
    [InlineData("litert")]
    public void Written_models_run_in_interpreters(string runtime)
    {
        string? folder = SharedFiles.Find("oracle-tflite");
        Skip.If(folder is null, "oracle-tflite is missing");
        Skip.If(Interpreter.Folder is null, "Node or the packages of tflite-node are missing");
        string filter = Environment.GetEnvironmentVariable("TFLITE_CASES") ?? "tf";
        var names = new List<string>();
        var models = new List<(byte[], Tensor[])>();
        var wants = new List<Tensor?[]>();
        foreach (var (name, hasOutputs) in OracleCase.Index(folder!).Where(entry => entry.HasOutputs && entry.Name.Contains(filter, StringComparison.Ordinal)))
        {
            var test = new OracleCase(name, folder!);
            if (test.NodeFails(runtime) || name.Contains("int16x8", StringComparison.Ordinal))
                continue;
            try
            {
                ModelContent content = ModelRun.Read(test.Model);
                byte[] bytes = TfLiteFormat.Encode(content, new ModelWriteOptions(), CancellationToken.None);
                if (test.StackedFeeds() is not { } feeds)
                    continue;
                names.Add(name);
                models.Add((bytes, feeds));
                wants.Add(test.StackedOutputs());
            }
            catch (ModelFormatException)
            {
            }
        }
        var results = Interpreter.Run(runtime, models);
        var lines = new List<string>();
        int good = 0;
        for (int i = 0; i < names.Count; i++)
        {
            string? wrong = results[i].Outputs is null ? results[i].Failure : wants[i].Zip(results[i].Outputs!, (want, got) => want is null ? null : new OracleCase(names[i], folder!).Difference(want, got)).FirstOrDefault(difference => difference is not null);
            if (wrong is null)
                good++;
            else
                lines.Add($"{names[i]}\t{wrong}");
        }
        File.WriteAllLines($"/tmp/tflite_{runtime}.txt", lines);
        output.WriteLine($"{good} of {names.Count}");
    }
}
