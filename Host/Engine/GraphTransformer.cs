using TransformFramework.Engine.Pipeline;
using TransformFramework.Graphs;

namespace TransformFramework.Engine;

/// <summary>The original's library function (<c>TransformGraph</c> of C++ and Python): one call from graph to graph.</summary>
public static class GraphTransformer
{
    private static readonly Lazy<TransformEngine> Engine = new(() => new TransformEngine());

    /// <summary>Runs a script of transforms over a graph.</summary>
    /// <param name="graph">The graph.</param>
    /// <param name="inputs">Names of the inputs, as the original's <c>--inputs</c>.</param>
    /// <param name="outputs">Names of the outputs, as the original's <c>--outputs</c>.</param>
    /// <param name="transforms">The script, such as <c>strip_unused_nodes fold_constants</c>.</param>
    /// <param name="cancellation">Ends the run.</param>
    /// <exception cref="ScriptException">The script does not parse, or a transform does not exist.</exception>
    /// <exception cref="PipelineException">A step failed.</exception>
    public static Graph Transform(Graph graph, IEnumerable<string> inputs, IEnumerable<string> outputs, string transforms, CancellationToken cancellation = default)
    {
        ArgumentNullException.ThrowIfNull(graph);
        using var model = new Model(graph);
        return Engine.Value.CreatePipeline()
            .AddScript(transforms)
            .Configure(options => options with { InputNames = [.. inputs], OutputNames = [.. outputs] })
            .Build()
            .Run(model, progress: null, cancellation)
            .EnsureSuccess()
            .Graph;
    }
}
