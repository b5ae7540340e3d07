using TransformFramework.Graphs;
using TransformFramework.ModelFiles;
using TransformFramework.TfLite.Schema;
using Xunit.Abstractions;

namespace TransformFramework.TfLite;

/// <summary>Single ops with every kind of attribute, written, read again, and run in real interpreters.</summary>
public sealed class OperatorGraphTests(ITestOutputHelper output)
{
    /// <summary>Graphs that each interpreter must run at least; it refuses others: int64, free dimensions, newer operators.</summary>
    private const int LeastRun = 380;

    /// <summary>What an interpreter computes otherwise, or gives out from the wrong place: the maximum of nothing, shapes with free dimensions, slices whose bounds are computed.</summary>
    private static readonly string[] Other = ["tfjs emptymax", "litert shape64", "litert size", "litert size_free", "litert slice_by_index"];

    [Fact]
    public void Ops_compute_the_same_after_reading_or_are_refused()
    {
        var wrong = new List<string>();
        foreach (OperatorGraph each in OperatorGraph.All)
        {
            byte[]? file = Written(each);
            if ((file is not null) != each.HasTfLite)
                wrong.Add($"{each.Name}: is {(file is null ? "" : "not ")}refused");
            if (file is not null && ReadAndRun(each, file) is { } difference)
                wrong.Add($"{each.Name}: {difference}");
        }
        Assert.Empty(wrong);
    }

    [SkippableTheory]
    [InlineData("tfjs")]
    [InlineData("litert")]
    public void Interpreters_compute_the_same(string runtime)
    {
        Skip.If(Interpreter.Folder is null, "Node or the packages of tflite-node are missing");
        var graphs = OperatorGraph.All.Where(each => each.HasTfLite).Select(each => (Graph: each, File: Written(each)!, Feeds: each.Feeds())).ToArray();
        var results = Interpreter.Run(runtime, [.. graphs.Select(each => (each.File, Stacked(each.File, each.Feeds)))]);
        var wrong = new List<string>();
        int run = 0;
        foreach (var (each, result) in graphs.Zip(results))
        {
            if (result.Outputs is not [var found])
            {
                output.WriteLine($"{each.Graph.Name}: {result.Failure}");
                continue;
            }
            run++;
            Tensor expected = each.Graph.Expected(each.Feeds);
            if (!Other.Contains($"{runtime} {each.Graph.Name}") && OperatorGraph.Difference(Stacked(expected), found) is { } difference)
                wrong.Add($"{each.Graph.Name}: {difference}");
        }
        output.WriteLine($"{run} graphs run");
        Assert.Empty(wrong);
        Assert.True(run >= LeastRun, $"only {run} graphs run");
    }

    private static byte[]? Written(OperatorGraph each)
    {
        try
        {
            return TfLiteFormat.Encode(new ModelContent(each.Graph), new ModelWriteOptions { Inputs = [.. each.Inputs], Outputs = ["y"] }, CancellationToken.None);
        }
        catch (ModelFormatException)
        {
            return null;
        }
    }

    private static string? ReadAndRun(OperatorGraph each, byte[] file)
    {
        Dictionary<string, Tensor> feeds = each.Feeds();
        ModelContent content = ModelRun.Read(file);
        Tensor found = ModelRun.Run(content, content.Signature!.Inputs.ToDictionary(input => input.Tensor, input => feeds[input.Name])).Values.Single();
        return OperatorGraph.Difference(each.Expected(feeds), found);
    }

    /// <summary>Feeds of one run, in the order of the file's inputs.</summary>
    private static Tensor[] Stacked(byte[] file, Dictionary<string, Tensor> feeds)
    {
        TfLiteSubgraph main = ModelDecoder.Decode(file, CancellationToken.None).Subgraphs[0];
        return [.. main.Inputs.Select(input => Stacked(feeds[main.Tensors[input].Name]))];
    }

    private static Tensor Stacked(Tensor tensor) => Tensor.FromContent(tensor.Type, TensorShape.Of([1, .. tensor.Shape.Dimensions]), tensor.Bytes);
}
