using TransformFramework.ModelFiles;
using Xunit.Abstractions;

namespace TransformFramework.TfLite;

/// <summary>Reads every model of the oracle and compares with what interpreters compute.</summary>
public sealed class ConformanceTests(ITestOutputHelper output)
{
    [SkippableFact]
    public void Survey()
    {
        string? folder = SharedFiles.Find("oracle-tflite");
        Skip.If(folder is null, "oracle-tflite is missing");
        string filter = Environment.GetEnvironmentVariable("TFLITE_CASES") ?? "";
        var lines = new List<string>();
        int good = 0, total = 0;
        foreach (var (name, hasOutputs) in OracleCase.Index(folder!).Where(entry => entry.Name.Contains(filter, StringComparison.Ordinal)))
        {
            total++;
            var test = new OracleCase(name, folder!);
            try
            {
                string? difference = hasOutputs ? test.Compare(allFeeds: true) : ModelRun.Read(test.Model).Graph.Nodes.IsEmpty ? "empty" : null;
                if (difference is null)
                    good++;
                else
                    lines.Add($"{name}\tdiffers\t{difference}");
            }
            catch (ModelFormatException error)
            {
                lines.Add($"{name}\trefused\t{error.Message.Replace(folder!, "", StringComparison.Ordinal)}");
            }
            catch (Exception error)
            {
                lines.Add($"{name}\tfailed\t{error.GetType().Name} {error.Message.Split('\n')[0]} {error.StackTrace?.Split('\n')[0]}");
            }
        }
        File.WriteAllLines("/tmp/tflite_survey.txt", lines);
        output.WriteLine($"{good} of {total}");
    }
}
