using TransformFramework.Diagnostics;
using TransformFramework.Engine.Pipeline;
using TransformFramework.Graphs;
using TransformFramework.Transforms;

namespace TransformFramework.Engine.Tests.Pipeline;

/// <summary>How steps follow each other, fail, are ignored, cancelled and recorded.</summary>
public sealed class StepTests
{
    private const string Graph = "x = Placeholder()\ny = Relu(x)";

    private readonly PipelineRun run = new PipelineRun()
        .With("add_one", (graph, context) =>
        {
            context.Count("nodes added");
            return graph.Apply(new GraphEdit().Add(new Node($"n{graph.Nodes.Length}", "NoOp")));
        })
        .With("fail", (_, _) => throw new TransformException(StatusKind.FailedPrecondition, "it cannot be done", "y") { Suggestion = "Do something else." })
        .With("fail_at_unknown", (_, _) => throw new TransformException(StatusKind.NotFound, "no such node", "yy"))
        .With("warn", (graph, context) =>
        {
            context.Report(Diagnostic.Warning("TFX2999", "take care"));
            context.Explain("x", "it is an input");
            return graph;
        });

    [Fact]
    public void Each_step_gets_the_graph_of_the_step_before() =>
        Assert.Equal($"{Graph}\nn2 = NoOp()\nn3 = NoOp()\nn4 = NoOp()", run.Text(Graph, "add_one add_one add_one").Replace(" {}", "", StringComparison.Ordinal));

    [Fact]
    public void Functions_that_a_transform_adds_or_leaves_out_are_there_afterwards()
    {
        const string function = "function f {\n  input a {type=float}\n  output z {type=float}\n  return z = a\n}";
        run.Giving("add_function", $"{Graph}\n{function}").With("nodes_alone", graph => new Graph(graph.Nodes)).With("classic", graph => new Graph(graph.Nodes)).Additional.Add("nodes_alone");
        Assert.Contains("function f", run.Text(Graph, "add_function add_one"), StringComparison.Ordinal);
        Assert.Contains("function f", run.Text($"{Graph}\nc = f(x)\n{function}", "nodes_alone"), StringComparison.Ordinal);
        Assert.Contains("function f", run.Text($"{Graph}\n{function}", "classic"), StringComparison.Ordinal);
        Assert.DoesNotContain("function f", run.Text($"{Graph}\n{function}", "nodes_alone"), StringComparison.Ordinal);
    }

    [Fact]
    public void A_failure_names_transform_place_node_and_what_to_do()
    {
        StepFailure failure = run.Failure(Graph, "add_one\n  fail(number=3)\nadd_one");
        Assert.Equal((1, "fail", StatusKind.FailedPrecondition), (failure.Step, failure.Call?.Name, failure.Kind));
        Assert.Equal((2, 3, "y", "Do something else."), (failure.Diagnostic.Span?.Line, failure.Diagnostic.Span?.Column, failure.Diagnostic.Node, failure.Diagnostic.Suggestion));
        Assert.Equal(3, failure.Before.Nodes.Length);
        Assert.Equal(["add_one", "fail"], run.Applied);
    }

    [Fact]
    public void An_unknown_transform_stops_a_verbatim_run_when_its_turn_comes()
    {
        var options = new PipelineOptions { Mode = TransformMode.Verbatim };
        Assert.Equal((0, StatusKind.FailedPrecondition), (run.Failure(Graph, "fail unknown", options).Step, run.Failure(Graph, "fail unknown", options).Kind));
        Assert.Equal((1, StatusKind.InvalidArgument), (run.Failure(Graph, "fail(ignore_errors=true) unknown", options).Step, run.Failure(Graph, "fail(ignore_errors=true) unknown", options).Kind));
    }

    [Fact]
    public void The_steps_before_a_failure_are_recorded() => Assert.Equal(["add_one"], run.Run(Graph, "add_one fail add_one").Steps.Select(step => step.Call.Name));

    [Fact]
    public void A_failure_at_a_node_that_is_not_there_suggests_the_nearest() =>
        Assert.Equal("The graph has no node 'yy'; did you mean 'y'?", run.Failure(Graph, "fail_at_unknown").Diagnostic.Suggestion);

    [Theory]
    [InlineData("add_one ad_one", "TFX1010", "Did you mean 'add_one'?")]
    [InlineData("add_one entirely_different", "TFX1010", "'transform_graph list' shows every transform.")]
    [InlineData("add_one o::add_one", "TFX1010", "Plugin 'Tests' offers it: write Tests::add_one, or add_one alone.")]
    [InlineData("add_one fuse_remote_graph", "TFX1011", null)]
    [InlineData("add_one place_remote_graph_arguments", "TFX1011", null)]
    [InlineData("add_one rewrite_quantized_stripped_model_for_hexagon", "TFX1011", null)]
    public void An_unknown_or_refused_transform_stops_before_the_first_step(string script, string id, string? suggestion)
    {
        StepFailure failure = run.Failure(Graph, script);
        Assert.Equal((-1, id), (failure.Step, failure.Diagnostic.Id));
        Assert.Equal(script.LastIndexOfAny([' ', ':']) + 2, failure.Diagnostic.Span?.Column);
        Assert.Empty(run.Applied);
        if (suggestion is not null)
            Assert.Equal(suggestion, failure.Diagnostic.Suggestion);
    }

    [Fact]
    public void A_bad_argument_stops_a_run_before_its_first_step()
    {
        StepFailure failure = run.Failure(Graph, "add_one add_one(number=many)");
        Assert.Equal((-1, StatusKind.InvalidArgument), (failure.Step, failure.Kind));
        Assert.Equal(24, failure.Diagnostic.Span?.Column);
        Assert.Empty(run.Applied);
    }

    [Fact]
    public void A_bad_argument_belongs_to_its_step_under_verbatim()
    {
        StepFailure failure = run.Failure(Graph, "add_one add_one(number=many)", new PipelineOptions { Mode = TransformMode.Verbatim });
        Assert.Equal((1, StatusKind.InvalidArgument), (failure.Step, failure.Kind));
        Assert.Equal(["add_one"], run.Applied);
    }

    [Fact]
    public void An_unknown_argument_suggests_the_nearest() =>
        Assert.Contains("'number'", run.Failure(Graph, "add_one(numbr=1)").Diagnostic.Suggestion, StringComparison.Ordinal);

    [Fact]
    public void An_unknown_argument_of_an_original_transform_is_a_warning_under_verbatim()
    {
        PipelineResult result = run.Run(Graph, "add_one(numbr=1)", new PipelineOptions { Mode = TransformMode.Verbatim });
        Assert.Null(result.Failure);
        Assert.Equal(Severity.Warning, Assert.Single(result.Steps[0].Diagnostics).Severity);
    }

    [Theory]
    [InlineData("fail(ignore_errors=true)")]
    [InlineData("fail(ignore_errors=TRUE)")]
    [InlineData("fail(ignore_errors=true, number=many)")]
    [InlineData("fail(ignore_errors=true, ignore_errors=false)")]
    public void An_ignored_failure_drops_the_steps_graph_with_a_warning(string call)
    {
        PipelineResult result = run.Run(Graph, $"add_one {call} add_one");
        Assert.Equal(4, result.Graph?.Nodes.Length);
        StepRecord step = result.Steps[1];
        Assert.True(step.IsIgnored);
        Assert.Equal(step.NodesBefore, step.NodesAfter);
        Assert.Contains("ignoring the error", Assert.Single(step.Diagnostics, diagnostic => diagnostic.Severity == Severity.Warning).Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Ignore_errors_is_true_or_false() =>
        Assert.Contains("true or false", run.Failure(Graph, "fail(ignore_errors=maybe)").Diagnostic.Message, StringComparison.Ordinal);

    [Fact]
    public void A_cancelled_run_does_nothing() => Assert.Throws<OperationCanceledException>(() => run.Run(Graph, "add_one", cancellation: new(canceled: true)));

    [Fact]
    public void Cancellation_ends_a_run_between_steps()
    {
        using var source = new CancellationTokenSource();
        run.With("cancel", graph =>
        {
            source.Cancel();
            return graph;
        });
        Assert.Throws<OperationCanceledException>(() => run.Run(Graph, "cancel add_one", cancellation: source.Token));
        Assert.DoesNotContain("add_one", run.Applied);
    }

    [Fact]
    public void Cancellation_ends_a_step_even_where_errors_are_ignored()
    {
        using var source = new CancellationTokenSource();
        run.With("cancel", (_, context) =>
        {
            source.Cancel();
            context.Cancellation.ThrowIfCancellationRequested();
            return context.InputNames.IsEmpty ? TransformFramework.Graphs.Graph.Empty : throw new InvalidOperationException();
        });
        Assert.Throws<OperationCanceledException>(() => run.Run(Graph, "cancel(ignore_errors=true)", cancellation: source.Token));
    }

    [Fact]
    public void A_transform_that_says_cancelled_without_reason_is_at_fault()
    {
        run.With("lie", (_, _) => throw new OperationCanceledException("a timer of its own"));
        Assert.Equal("TFX3010", run.Failure(Graph, "lie").Diagnostic.Id);
    }

    [Fact]
    public void A_step_is_recorded_with_nodes_bytes_time_statistics_and_what_was_said()
    {
        PipelineResult result = run.Run(Graph, "add_one warn", new PipelineOptions { Explain = ["warn"] });
        StepRecord added = result.Steps[0];
        Assert.Equal((2, 3, "nodes added", 1), (added.NodesBefore, added.NodesAfter, added.Statistics[0].Name, added.Statistics[0].Count));
        Assert.InRange(added.BytesAfter, added.BytesBefore + 1, added.BytesBefore + 30);
        Assert.True(added.Duration > TimeSpan.Zero);
        StepRecord warned = result.Steps[1];
        Assert.Equal("TFX2999", Assert.Single(warned.Diagnostics).Id);
        Assert.Equal(new("x", "it is an input"), Assert.Single(warned.Explanations));
    }

    [Fact]
    public void Nothing_is_explained_that_was_not_asked_for() =>
        Assert.Empty(run.Run(Graph, "warn", new PipelineOptions { Explain = ["add_one"] }).Steps[0].Explanations);

    [Fact]
    public void A_transform_keeps_the_function_library() => Assert.Contains(
        "function f",
        new PipelineRun().Giving("replace", "z = NoOp()").Text("x = NoOp()\nfunction f {\n  signature {}\n}", "replace"),
        StringComparison.Ordinal);
}
