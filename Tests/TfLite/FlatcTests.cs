using System.Diagnostics;
using System.Text.Json;
using TransformFramework.ModelFiles;
using TransformFramework.TfLite.Schema;
using Xunit.Abstractions;

namespace TransformFramework.TfLite;

/// <summary>flatc, a reader that is not ours, verifies what is written and finds in it what was meant.</summary>
public sealed class FlatcTests(ITestOutputHelper output)
{
    [SkippableFact]
    public void Flatc_reads_what_is_written()
    {
        Skip.IfNot(HasFlatc(), "flatc is missing (Debian: flatbuffers-compiler)");
        DirectoryInfo folder = Directory.CreateTempSubdirectory("flatc");
        try
        {
            byte[][] files = [.. OperatorGraph.All.Where(each => each.HasTfLite).Select(each => TfLiteFormat.Encode(new ModelContent(each.Graph), new ModelWriteOptions { Inputs = [.. each.Inputs], Outputs = ["y"] }, CancellationToken.None))];
            for (int i = 0; i < files.Length; i++)
                File.WriteAllBytes(Path.Combine(folder.FullName, $"{i}.tflite"), files[i]);
            File.WriteAllText(Path.Combine(folder.FullName, "model.fbs"), FlatcSchema.Text());
            string said = Execute(folder.FullName, ["--json", "--strict-json", "--defaults-json", "model.fbs", "--", .. Enumerable.Range(0, files.Length).Select(i => $"{i}.tflite")]);
            output.WriteLine($"{files.Length} files");
            Assert.All(Enumerable.Range(0, files.Length), i =>
            {
                string path = Path.Combine(folder.FullName, $"{i}.json");
                Assert.True(File.Exists(path), said);
                using JsonDocument json = JsonDocument.Parse(File.ReadAllText(path));
                Compare(ModelDecoder.Decode(files[i], CancellationToken.None), json.RootElement);
            });
        }
        finally
        {
            folder.Delete(recursive: true);
        }
    }

    private static void Compare(TfLiteModel model, JsonElement json)
    {
        Assert.Equal(3, json.GetProperty("version").GetInt32());
        Assert.Equal(model.Buffers.Select(buffer => buffer.Length), Items(json, "buffers").Select(buffer => Items(buffer, "data").Count()));
        Assert.Equal(model.Subgraphs.Length, Items(json, "subgraphs").Count());
        JsonElement[] codes = [.. Items(json, "operator_codes")];
        foreach (var (graph, found) in model.Subgraphs.Zip(Items(json, "subgraphs")))
        {
            Assert.Equal(graph.Tensors.Select(tensor => tensor.Name), Items(found, "tensors").Select(tensor => tensor.GetProperty("name").GetString()));
            Assert.Equal(graph.Tensors.Select(tensor => (int)tensor.Type), Items(found, "tensors").Select(tensor => tensor.GetProperty("type").GetInt32()));
            Assert.Equal(graph.Tensors.SelectMany(tensor => tensor.Shape), Items(found, "tensors").SelectMany(tensor => Integers(tensor, "shape")));
            Assert.Equal(graph.Inputs, Integers(found, "inputs"));
            Assert.Equal(graph.Outputs, Integers(found, "outputs"));
            JsonElement[] operators = [.. Items(found, "operators")];
            Assert.Equal(graph.Operators.Select(op => (op.Schema.Number, op.Version)), operators.Select(op => codes[op.GetProperty("opcode_index").GetInt32()]).Select(code => (code.GetProperty("builtin_code").GetInt32(), code.GetProperty("version").GetInt32())));
            Assert.Equal(graph.Operators.SelectMany(op => op.Inputs), operators.SelectMany(op => Integers(op, "inputs")));
            Assert.Equal(graph.Operators.SelectMany(op => op.Outputs), operators.SelectMany(op => Integers(op, "outputs")));
        }
    }

    private static IEnumerable<JsonElement> Items(JsonElement json, string name) => json.TryGetProperty(name, out JsonElement items) ? items.EnumerateArray() : [];

    private static IEnumerable<int> Integers(JsonElement json, string name) => Items(json, name).Select(item => item.GetInt32());

    private static bool HasFlatc()
    {
        try
        {
            return Execute(".", ["--version"]).Length > 0;
        }
        catch (System.ComponentModel.Win32Exception)
        {
            return false;
        }
    }

    private static string Execute(string folder, string[] arguments)
    {
        var start = new ProcessStartInfo("flatc") { WorkingDirectory = folder, RedirectStandardOutput = true, RedirectStandardError = true, UseShellExecute = false };
        foreach (string argument in arguments)
            start.ArgumentList.Add(argument);
        using Process process = Process.Start(start)!;
        Task<string> errors = process.StandardError.ReadToEndAsync();
        string said = process.StandardOutput.ReadToEnd();
        process.WaitForExit();
        return said + errors.GetAwaiter().GetResult();
    }
}
