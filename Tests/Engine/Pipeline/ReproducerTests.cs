using TransformFramework.Diagnostics;
using TransformFramework.Engine.Models;
using TransformFramework.Engine.Pipeline;
using TransformFramework.Graphs;
using TransformFramework.Transforms;

namespace TransformFramework.Engine.Tests.Pipeline;

public sealed class ReproducerTests : IDisposable
{
    private readonly DirectoryInfo folder = Directory.CreateTempSubdirectory("reproducer");

    [Theory]
    [InlineData(TransformMode.Safe)]
    [InlineData(TransformMode.Verbatim)]
    public void It_fails_as_the_run_did(TransformMode mode)
    {
        PipelineRun run = new PipelineRun()
            .With("grow", graph => graph.Apply(new GraphEdit().Add(new Node("more", "NoOp"))))
            .With("fail", (graph, _) => throw new TransformException(StatusKind.Internal, $"{graph.Nodes.Length} nodes are too many"));
        const string Script = "grow # once\n fail(number=2, ignore_errors=\"false\") # the last\ngrow";
        var options = new PipelineOptions { InputNames = ["x"], OutputNames = ["more", "it's"], Mode = mode };
        StepFailure failure = run.Failure("x = NoOp()", Script, options);
        string path = Path.Combine(folder.FullName, "made", "here");
        ReproducerWriter.Write(path, failure, PipelineRun.Parse(Script), options, further: " --check", CancellationToken.None);

        Assert.Equal(["before.pb", "command.txt", "rest.gtt"], Directory.EnumerateFiles(path).Select(file => Path.GetFileName(file)).Order(StringComparer.Ordinal));
        using LoadedModel before = ModelFile.Open(Path.Combine(path, "before.pb"), CancellationToken.None);
        string rest = File.ReadAllText(Path.Combine(path, "rest.gtt"));
        StepFailure again = run.Failure(GraphText.Print(before.Graph), rest, options);
        Assert.Equal((0, failure.Diagnostic.Message), (again.Step, again.Diagnostic.Message));
        Assert.Equal(2, PipelineRun.Parse(rest).Calls.Length);
        string command = File.ReadAllText(Path.Combine(path, "command.txt"));
        Assert.Equal(mode == TransformMode.Verbatim, command.Contains("--verbatim", StringComparison.Ordinal));
        Assert.EndsWith(" --check\n", command, StringComparison.Ordinal);
        Assert.Contains("""--outputs='more,it'\''s'""", command, StringComparison.Ordinal);
    }

    public void Dispose() => folder.Delete(recursive: true);
}
