using System.Collections.Immutable;
using TransformFramework.Cpu;
using TransformFramework.Execution;
using TransformFramework.Graphs;
using TransformFramework.ModelFiles;
using TransformFramework.Onnx.Conformance;

namespace TransformFramework.Onnx;

/// <summary>Single ops with every kind of attribute, written as ONNX, run in ONNX Runtime, and read again.</summary>
public sealed class OperatorGraphTests
{
    [Theory]
    [InlineData(13)]
    [InlineData(17)]
    [InlineData(25)]
    public void Ops_compute_the_same_in_ONNX_Runtime_and_after_reading(int opset)
    {
        var wrong = new List<string>();
        foreach (OperatorGraph each in OperatorGraph.All)
        {
            if (Fault(each, opset) is { } fault)
                wrong.Add($"{each.Name}: {fault}");
        }
        Assert.Empty(wrong);
    }

    private static string? Fault(OperatorGraph each, int opset)
    {
        var sink = new MemorySink();
        bool isRefused = false;
        try
        {
            new OnnxFormat().Write(new ModelContent(each.Graph), new ModelWriteOptions { Inputs = [.. each.Inputs], Outputs = ["y"], Settings = ImmutableDictionary<string, string>.Empty.Add("opset", FormattableString.Invariant($"{opset}")) }, sink, CancellationToken.None);
        }
        catch (ModelFormatException error) when (error.DiagnosticId == OnnxDiagnostics.NotWritten.Id)
        {
            isRefused = true;
        }
        if (isRefused != (each.LeastOpset is not { } least || opset < least))
            return isRefused ? "is refused" : "is not refused";
        if (isRefused)
            return null;
        Dictionary<string, Tensor> feeds = each.Feeds();
        Tensor expected = each.Expected(feeds);
        string[] taken = OnnxRun.InputsOf(sink.Content);
        Tensor found = OnnxRun.Run(sink.Content, feeds.Where(feed => taken.Contains(feed.Key, StringComparer.Ordinal)).ToDictionary(StringComparer.Ordinal))["y"];
        return OperatorGraph.Difference(expected, found) is { } difference ? "ONNX Runtime: " + difference : OperatorGraph.Difference(expected, ReadAndRun(sink.Content, feeds)) is { } again ? "read again: " + again : null;
    }

    private static Tensor ReadAndRun(byte[] file, Dictionary<string, Tensor> feeds)
    {
        string path = Path.GetTempFileName();
        try
        {
            File.WriteAllBytes(path, file);
            ModelContent content = ConformanceCase.Read(path);
            ModelSignature signature = content.Signature!;
            var options = new CompileOptions { Threads = 1, Feeds = [.. signature.Inputs.Select(input => input.Tensor)] };
            return new CpuBackend().Compile(content.Graph, [signature.Outputs[0].Tensor], options).Run(signature.Inputs.ToDictionary(input => input.Tensor, input => feeds[input.Name]))[0];
        }
        finally
        {
            File.Delete(path);
        }
    }
}
