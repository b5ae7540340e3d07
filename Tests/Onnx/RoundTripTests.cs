using System.Collections.Immutable;
using System.IO.Compression;
using TransformFramework.Cpu;
using TransformFramework.Execution;
using TransformFramework.Graphs;
using TransformFramework.ModelFiles;
using TransformFramework.Onnx.Conformance;
using TransformFramework.Toolkit.ModelFiles;
using Xunit.Abstractions;

namespace TransformFramework.Onnx;

/// <summary>Models that are read, written again in other opsets, and read once more compute the same. What cannot be written is refused by name.</summary>
public sealed class RoundTripTests(ITestOutputHelper output)
{
    private const double Tolerance = 1e-4;

    [Theory]
    [InlineData(13)]
    [InlineData(18)]
    [InlineData(25)]
    public void Packed_models_compute_the_same_after_writing(int opset)
    {
        DirectoryInfo folder = Directory.CreateTempSubdirectory("onnx");
        try
        {
            ZipFile.ExtractToDirectory(Path.Combine(AppContext.BaseDirectory, "Files", "oracle.zip"), folder.FullName);
            Check(OracleCases.Of(folder.FullName), opset, least: 20);
        }
        finally
        {
            folder.Delete(recursive: true);
        }
    }

    [SkippableTheory]
    [InlineData(17)]
    public void Models_of_the_oracle_compute_the_same_after_writing(int opset)
    {
        string? folder = SharedFiles.Find("oracle-onnx");
        Skip.If(folder is null, "oracle-onnx is missing");
        Check(OracleCases.Of(folder!), opset, least: 35);
    }

    private void Check(IEnumerable<ConformanceCase> cases, int opset, int least)
    {
        int equal = 0;
        var wrong = new List<string>();
        foreach (ConformanceCase each in cases.Where(each => !each.Name.StartsWith("refuse", StringComparison.Ordinal)))
        {
            ModelContent content;
            try
            {
                content = ConformanceCase.Read(each.Model);
            }
            catch (ModelFormatException)
            {
                continue;
            }
            try
            {
                if (Difference(content, each, opset) is { } difference)
                    wrong.Add($"{each.Name}: {difference}");
                else
                    equal++;
            }
            catch (ModelFormatException error) when (error.DiagnosticId == OnnxDiagnostics.NotWritten.Id)
            {
                output.WriteLine($"{each.Name} refused: {error.Message}");
            }
        }
        output.WriteLine($"{equal} equal");
        Assert.Empty(wrong);
        Assert.True(equal >= least, $"only {equal} models were written");
    }

    private static string? Difference(ModelContent content, ConformanceCase each, int opset)
    {
        ModelSignature signature = content.Signature!;
        var sink = new MemorySink();
        var options = new ModelWriteOptions
        {
            Inputs = [.. signature.Inputs.Select(input => input.Tensor)],
            Outputs = [.. signature.Outputs.Select(tensor => tensor.Tensor)],
            Settings = ImmutableDictionary<string, string>.Empty.Add("opset", FormattableString.Invariant($"{opset}")),
        };
        new OnnxFormat().Write(content, options, sink, CancellationToken.None);
        ModelContent again = ReadBack(sink.Content);
        foreach (ConformanceFeed run in each.Runs(signature))
        {
            Tensor[] first = Run(content, run);
            Tensor[] second = Run(again, run);
            for (int i = 0; i < first.Length; i++)
            {
                if (Compare(first[i], second[i]) is { } difference)
                    return $"{signature.Outputs[i].Name} {difference}";
            }
        }
        return null;
    }

    private static ModelContent ReadBack(byte[] file)
    {
        string path = Path.GetTempFileName();
        try
        {
            File.WriteAllBytes(path, file);
            return ConformanceCase.Read(path);
        }
        finally
        {
            File.Delete(path);
        }
    }

    private static Tensor[] Run(ModelContent content, ConformanceFeed run)
    {
        ModelSignature signature = content.Signature!;
        IExecutable executable = new CpuBackend().Compile(content.Graph, [.. signature.Outputs.Select(tensor => tensor.Tensor).Distinct(StringComparer.Ordinal)], new CompileOptions { Threads = 1 });
        var results = executable.Outputs.Zip(executable.Run(signature.Inputs.ToDictionary(input => input.Tensor, input => run.Feeds[input.Name]))).ToDictionary(pair => pair.First, pair => pair.Second);
        return [.. signature.Outputs.Select(tensor => results[tensor.Tensor])];
    }

    private static string? Compare(Tensor wanted, Tensor found)
    {
        if (wanted.Type != found.Type || !wanted.Shape.Dimensions.SequenceEqual(found.Shape.Dimensions))
            return $"{found} for {wanted}";
        if (wanted.Type is DataType.Double or DataType.Complex64)
            return null;
        float[] left = wanted.ToSingles();
        float[] right = found.ToSingles();
        double largest = Math.Max(1e-20, left.Where(float.IsFinite).Select(Math.Abs).DefaultIfEmpty(1).Max());
        bool isReal = wanted.Type is DataType.Float or DataType.Half or DataType.BFloat16;
        double limit = isReal ? (wanted.Type == DataType.Float ? Tolerance : 0.01) * largest : 1;
        int at = Array.FindIndex([.. left.Zip(right, (a, b) => a.Equals(b) || Math.Abs(a - b) <= limit)], isSame => !isSame);
        return at < 0 ? null : FormattableString.Invariant($"element {at} is {right[at]} for {left[at]}");
    }
}

/// <summary>A file in memory that a writer writes.</summary>
internal sealed class MemorySink : ModelSink
{
    public override string Name => "model.onnx";

    public override Stream Main { get; } = new MemoryStream();

    public byte[] Content => ((MemoryStream)Main).ToArray();

    public override Stream Create(string name) => throw new InvalidOperationException("one file is enough");
}
