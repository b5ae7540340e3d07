using System.Runtime.CompilerServices;
using TransformFramework.Cpu.Analysis;
using TransformFramework.Diagnostics;
using TransformFramework.Execution;
using TransformFramework.Graphs;
using TransformFramework.Toolkit.Functions;
using TransformFramework.Transforms;

namespace TransformFramework.Cpu.Execution;

/// <summary>A function compiled when it is first called, so that functions may call themselves.</summary>
internal sealed class CompiledFunction
{
    private readonly FunctionDefinition function;
    private readonly Lazy<GraphAnalysis> analysis;
    private readonly Lazy<Executable> executable;

    public CompiledFunction(Graph graph, FunctionDefinition function, AttributeMap attributes, CompileOptions options)
    {
        this.function = function;
        Arguments = [.. function.Signature.Inputs.Select(input => "argument/" + input.Name)];
        analysis = new(() => Analyze(graph, attributes, options));
        executable = new(() => new(analysis.Value, options with { Feeds = [] }));
    }

    /// <summary>Names under which the graph is fed the arguments.</summary>
    public IReadOnlyList<string> Arguments { get; }

    /// <summary>The function's graph.</summary>
    /// <exception cref="ExecutionException">A node of the function cannot be run.</exception>
    public GraphAnalysis Analysis => analysis.Value;

    public Tensor[] Run(IReadOnlyList<Tensor> arguments, RunState state, CancellationToken cancellation)
    {
        if (!RuntimeHelpers.TryEnsureSufficientExecutionStack())
            throw new ExecutionException(StatusKind.OutOfRange, $"the function '{function.Signature.Name}' is called within itself too deeply; it may never end");
        var feeds = new Dictionary<string, Tensor>(StringComparer.Ordinal);
        for (int i = 0; i < Arguments.Count; i++)
            feeds.Add(Arguments[i], arguments[i]);
        return [.. executable.Value.RunWithin(state, null, feeds, cancellation)];
    }

    private GraphAnalysis Analyze(Graph graph, AttributeMap attributes, CompileOptions options)
    {
        try
        {
            var body = new FunctionBody(graph.Functions, function, attributes, [.. Arguments.Select(name => new NodeInput(name))], name => name);
            var placeholders = Arguments.Select(name => new Node(name, "Placeholder"));
            string[] outputs = [.. body.Results.Select(result => result.Text)];
            var inner = graph.WithNodes([.. placeholders, .. body.Nodes]);
            return Executable.Analyze(inner, outputs, options with { Feeds = [] }, body.ControlReturns);
        }
        catch (TransformException error)
        {
            throw new ExecutionException(error.Kind, $"function '{function.Signature.Name}': {error.Message}", null, error);
        }
    }
}
