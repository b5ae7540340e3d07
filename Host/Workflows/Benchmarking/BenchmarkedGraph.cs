using System.Diagnostics;
using TransformFramework.Execution;
using TransformFramework.Graphs;

namespace TransformFramework.Workflows.Benchmarking;

/// <summary>A graph that is measured on the same inputs again and again.</summary>
/// <param name="graph">The graph.</param>
/// <param name="backend">What runs it.</param>
/// <param name="outputs">What is asked for.</param>
/// <param name="feeds">The inputs.</param>
/// <param name="threads">Threads of a run; 0 for one per processor.</param>
public sealed class BenchmarkedGraph(Graph graph, IBackend backend, IReadOnlyList<string> outputs, IReadOnlyDictionary<string, Tensor> feeds, int threads)
{
    private readonly CompileOptions options = new() { Feeds = [.. feeds.Keys], Threads = threads, Print = _ => { } };
    private IExecutable? plain;
    private IExecutable? profiled;
    private bool isRecording;

    public Graph Graph { get; } = graph;

    public IReadOnlyList<string> Outputs { get; } = outputs;

    public IReadOnlyDictionary<string, Tensor> Feeds { get; } = feeds;

    /// <summary>The steps of the profiled runs.</summary>
    public StepRecorder Steps { get; } = new();

    /// <summary>Compiles the graph; milliseconds.</summary>
    /// <exception cref="ExecutionException">The graph cannot be compiled.</exception>
    public double Compile()
    {
        long start = Stopwatch.GetTimestamp();
        plain = backend.Compile(Graph, Outputs, options);
        return Stopwatch.GetElapsedTime(start).TotalMilliseconds;
    }

    /// <summary>Runs the graph, compiled before; milliseconds.</summary>
    /// <exception cref="ExecutionException">A run fails.</exception>
    public double Run(CancellationToken cancellation) => Timed(plain!, cancellation);

    /// <summary>Runs the graph and records its steps; milliseconds. Before the first such run it runs once unrecorded.</summary>
    /// <exception cref="ExecutionException">A run fails.</exception>
    public double RunRecorded(CancellationToken cancellation)
    {
        if (profiled is null)
        {
            profiled = backend.Compile(Graph, Outputs, options with { Profile = Record });
            profiled.Run(Feeds, cancellation);
        }
        isRecording = true;
        double milliseconds = Timed(profiled, cancellation);
        isRecording = false;
        Steps.EndRun();
        return milliseconds;
    }

    /// <summary>Output shapes by node, with the inputs' shapes put in; without those that cannot be told beforehand.</summary>
    public IReadOnlyDictionary<string, TensorShape[]> Shapes()
    {
        var fed = Feeds.ToDictionary(feed => new NodeInput(feed.Key).Node, feed => feed.Value, StringComparer.Ordinal);
        Graph known = Graph.Select(node => fed.TryGetValue(node.Name, out var tensor)
            ? new Node(node.Name, "Placeholder").With("dtype", tensor.Type).With("shape", new ShapeValue(tensor.Shape))
            : node);
        try
        {
            return backend.InferShapes(known, options);
        }
        catch (ExecutionException)
        {
            return new Dictionary<string, TensorShape[]>();
        }
    }

    private void Record(StepTiming timing)
    {
        if (isRecording)
            Steps.Add(timing with { Node = Graph.Find(timing.Node.Name) ?? timing.Node });
    }

    private double Timed(IExecutable executable, CancellationToken cancellation)
    {
        long start = Stopwatch.GetTimestamp();
        executable.Run(Feeds, cancellation);
        return Stopwatch.GetElapsedTime(start).TotalMilliseconds;
    }
}
