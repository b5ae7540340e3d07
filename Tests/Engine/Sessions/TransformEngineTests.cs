using System.Diagnostics.Metrics;
using TransformFramework.Engine.Pipeline;
using TransformFramework.Execution;
using TransformFramework.Graphs;
using TransformFramework.ModelFiles;
using TransformFramework.Transforms;

namespace TransformFramework.Engine.Tests.Sessions;

/// <summary>The library as programs use it, with the first-party plugins of the built program.</summary>
public sealed class TransformEngineTests
{
    private const string Scaled = """
        x = Placeholder() {dtype=float, shape=(?,2)}
        two = Const() {dtype=float, value=float[]{2}}
        y = Mul(x, two) {T=float}
        unused = Const() {dtype=float, value=float[]{3}}
        """;

    private static readonly string ProgramFolder = RepositoryFiles.OutputOf("Host/Cli");

    private readonly TransformEngine engine = new(new() { ProgramFolder = ProgramFolder });

    [Fact]
    public void A_pipeline_of_plugins_and_own_transforms_gives_a_new_model()
    {
        using Model model = Scale();
        TransformPipeline pipeline = engine.CreatePipeline()
            .Add("strip_unused_nodes")
            .Add("renames_y", new Renaming())
            .AddScript("set_device(device=\"/cpu:0\")")
            .Configure(options => options with { InputNames = ["x"], OutputNames = ["y"] })
            .Build();
        Model after = pipeline.Run(model).EnsureSuccess();
        Assert.Equal(["x", "two", "y"], after.Graph.Nodes.Select(node => node.Name).OrderBy(name => name is "y" ? 2 : name is "two" ? 1 : 0));
        Assert.All(after.Graph.Nodes, node => Assert.Equal("/cpu:0", node.Device));
        Assert.True(after.Graph.Nodes.Single(node => node.Name == "y").Bool("seen"));
    }

    [Fact]
    public void Every_mistake_of_a_pipeline_is_told_at_once()
    {
        var error = Assert.Throws<ScriptException>(() => engine.CreatePipeline().AddScript("fold_constants(").Add("no_such_transform").Build());
        Assert.Equal(2, error.Diagnostics.Length);
        Assert.Contains("no_such_transform", error.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void A_failed_step_is_thrown_only_when_asked_for()
    {
        using Model model = Scale();
        TransformResult result = engine.CreatePipeline().Add("rename_op", ("old_op_name", "Mul")).Build().Run(model);
        Assert.False(result.Succeeded);
        Assert.Contains("new_op_name", Assert.Throws<PipelineException>(result.EnsureSuccess).Message, StringComparison.Ordinal);
    }

    [Fact]
    public void A_session_runs_by_public_names_from_many_threads()
    {
        using var model = new Model(GraphText.Parse(Scaled));
        using Model named = Named(model);
        Session session = engine.CreateSession(named, new() { Threads = 1 });
        Assert.Equal(("image", "x", DataType.Float), (session.Inputs[0].Name, session.Inputs[0].Tensor, session.Inputs[0].Type));
        Parallel.For(0, 64, i =>
        {
            var feeds = new Dictionary<string, Tensor> { ["image"] = Tensor.Create<float>(DataType.Float, TensorShape.Of(1, 2), [i, -i]) };
            Assert.Equal([2f * i, -2f * i], session.Run(feeds)[0].AsSpan<float>().ToArray());
        });
    }

    [Fact]
    public void A_session_writes_into_the_callers_buffers()
    {
        using Model named = Named(new Model(GraphText.Parse(Scaled)));
        Session session = engine.CreateSession(named, new() { Threads = 1 });
        byte[] result = new byte[2 * sizeof(float)];
        session.Run(new Dictionary<string, Tensor> { ["image"] = Tensor.Create<float>(DataType.Float, TensorShape.Of(1, 2), [1, 2]) }, [result]);
        Assert.Equal([2f, 4f], [BitConverter.ToSingle(result, 0), BitConverter.ToSingle(result, 4)]);
    }

    [Fact]
    public void A_name_that_the_model_lacks_is_refused()
    {
        using Model model = Scale();
        var error = Assert.Throws<ExecutionException>(() => engine.CreateSession(model, new() { Outputs = ["z"] }));
        Assert.Contains("'z'", error.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Runs_are_measured_for_listeners()
    {
        var failures = new List<object?>();
        using var listener = new MeterListener();
        listener.InstrumentPublished = (instrument, self) =>
        {
            if (instrument.Name == "transformframework.session.run.duration")
                self.EnableMeasurementEvents(instrument);
        };
        listener.SetMeasurementEventCallback<double>((_, _, tags, _) => failures.Add(tags.Length == 0 ? null : tags[0].Value));
        listener.Start();
        using Model model = Scale();
        Session session = engine.CreateSession(model, new() { Threads = 1 });
        session.Run(new Dictionary<string, Tensor> { ["x"] = Tensor.Create<float>(DataType.Float, TensorShape.Of(1, 2), [1, 2]) });
        Assert.Throws<ExecutionException>(() => session.Run(new Dictionary<string, Tensor>()));
        Assert.Contains(null, failures);
        Assert.Contains(typeof(ExecutionException).FullName, failures);
    }

    [Fact]
    public void Models_are_saved_and_loaded()
    {
        string path = Path.Combine(Directory.CreateTempSubdirectory("engine").FullName, "scaled.pb");
        using Model model = Scale();
        var written = engine.Save(model, path);
        Assert.Equal((path, "graphdef", new FileInfo(path).Length), (written.Path, written.Format, written.Bytes));
        using Model read = engine.Load(path);
        Assert.Equal(model.Graph.Nodes.Length, read.Graph.Nodes.Length);
        Assert.Equal("graphdef", read.Format);
    }

    [Fact]
    public void Mistakes_in_the_options_are_told_together()
    {
        var error = Assert.Throws<ArgumentException>(() => new TransformEngine(new() { PluginPaths = { "/no/such.dll", " " }, ProgramFolder = "/no/folder" }));
        Assert.Contains("/no/such.dll", error.Message, StringComparison.Ordinal);
        Assert.Contains("empty path", error.Message, StringComparison.Ordinal);
        Assert.Contains("/no/folder", error.Message, StringComparison.Ordinal);
    }

    private static Model Scale() => new(GraphText.Parse(Scaled));

    /// <summary>The model as a reader gives it that knows public names.</summary>
    private static Model Named(Model model) => model.WithSignature(new ModelSignature(
        "serving_default",
        "",
        [new("image", "x:0", DataType.Float, TensorShape.Of(-1, 2))],
        [new("scaled", "y:0", DataType.Float, TensorShape.Of(-1, 2))]));

    private sealed class Renaming : Transform
    {
        protected override Graph Apply(Graph graph, TransformContext context) =>
            graph.WithNodes([.. graph.Nodes.Select(node => node.Name == "y" ? node.With("seen", new BoolValue(true)) : node)]);
    }
}
