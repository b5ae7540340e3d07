using TransformFramework.Diagnostics;
using TransformFramework.Execution;
using TransformFramework.Graphs;
using TransformFramework.ModelFiles;
using TransformFramework.Plugins;
using TransformFramework.Transforms;

[assembly: TransformApi(1, 0)]

namespace Faulty;

[Transform("throws_in_constructor")]
public sealed class ThrowsInConstructor : Transform
{
    public ThrowsInConstructor() => throw new InvalidOperationException("no licence");

    protected override Graph Apply(Graph graph, TransformContext context) => graph;
}

[Transform("throws_in_apply")]
public sealed class ThrowsInApply : Transform
{
    protected override Graph Apply(Graph graph, TransformContext context) => throw new InvalidOperationException("a table is empty");
}

[Transform("lacks_memory")]
public sealed class LacksMemory : Transform
{
    protected override Graph Apply(Graph graph, TransformContext context) => throw new OutOfMemoryException("a table is too large");
}

[Transform("is_none")]
public sealed class IsNone;

/// <summary>Makes a file, then waits for the run's cancellation.</summary>
[Transform("waits")]
public sealed class Waits : Transform<Waits.Options>
{
    public sealed record Options
    {
        [Option("started", "File that says that the step runs.")]
        public required string Started { get; init; }
    }

    protected override Graph Apply(Graph graph, Options options, TransformContext context)
    {
        File.WriteAllText(options.Started, "");
        context.Cancellation.WaitHandle.WaitOne(TimeSpan.FromMinutes(1));
        context.Cancellation.ThrowIfCancellationRequested();
        return graph;
    }
}

[Kernel("ThrowingOp")]
public sealed class ThrowingKernel : IKernel
{
    public IReadOnlyList<TensorShape> InferShapes(ShapeInference node) => [TensorShape.Unknown];

    public Tensor[] Compute(KernelCall call) => throw new InvalidOperationException("a table is empty");
}

/// <summary>Reports its setting through the log, and copies a file.</summary>
[Transform("asks_for_services")]
public sealed class AsksForServices(IDiagnosticLog log, IFiles files, IPluginSettings settings) : Transform
{
    protected override Graph Apply(Graph graph, TransformContext context)
    {
        log.Report(new("FAULTY1", Severity.Info, $"limit is {settings.Find("limit")} of {settings.Names.Count}"));
        using ModelSourceFile file = files.Open(settings.Find("from")!);
        files.Write(settings.Find("to")!, stream => stream.Write(file.Slice(0, (int)file.Length).Span));
        return graph;
    }
}
