using System.Collections.Immutable;
using TransformFramework.Cpu;
using TransformFramework.Execution;
using TransformFramework.Graphs;
using TransformFramework.ModelFiles;
using TransformFramework.Toolkit;
using TransformFramework.Toolkit.GraphDefs;
using TransformFramework.Toolkit.ModelFiles;
using TransformFramework.Toolkit.Ops;

namespace TransformFramework.Runtime;

/// <summary>
/// A frozen graph, compiled for the CPU. Thread-safe: every run has its own memory.
/// <code>
/// using CpuGraph graph = CpuGraph.Load("model.pb");
/// Tensor scores = graph.Run(new Dictionary&lt;string, Tensor&gt; { [graph.Inputs[0]] = image })[0];
/// </code>
/// </summary>
public sealed class CpuGraph : IDisposable
{
    private readonly IExecutable executable;
    private readonly ModelSourceFile? file;

    private CpuGraph(Graph graph, IReadOnlyList<string> outputs, CompileOptions options, ModelSourceFile? file)
    {
        Graph = graph;
        this.file = file;
        Inputs = [.. graph.Nodes.Where(node => node.Op is "Placeholder" or "PlaceholderV2").Select(node => node.Name)];
        executable = new CpuBackend().Compile(graph, outputs.Count > 0 ? outputs : [.. LikelyOutputs.Of(graph).Select(node => node.Name)], options);
    }

    /// <summary>The graph as it was read. Large tensors are views of the file until this is disposed.</summary>
    public Graph Graph { get; }

    /// <summary>Names of the placeholders, in file order.</summary>
    public ImmutableArray<string> Inputs { get; }

    /// <summary>Names of the outputs: those asked for, else the nodes without a consumer.</summary>
    public ImmutableArray<string> Outputs => executable.Outputs;

    /// <summary>Loads a binary GraphDef (<c>.pb</c>) and compiles it. Other formats: <c>transform_graph convert</c>, or the package TransformFramework.Engine.</summary>
    /// <param name="path">The file.</param>
    /// <param name="outputs">Outputs as <c>node</c> or <c>node:port</c>; null for the nodes without a consumer.</param>
    /// <param name="options">Threads, limits, kernels of the program's own.</param>
    /// <param name="cancellation">Ends the reading.</param>
    /// <exception cref="ModelFormatException">There is no such file, or it is not a GraphDef.</exception>
    /// <exception cref="ExecutionException">An output does not exist, or a node has an op, type or attribute without a kernel.</exception>
    public static CpuGraph Load(string path, IReadOnlyList<string>? outputs = null, CompileOptions? options = null, CancellationToken cancellation = default)
    {
        ArgumentException.ThrowIfNullOrWhiteSpace(path);
        ModelSourceFile opened = FileOpener.Open(path, cancellation);
        try
        {
            return new(Read(opened, path, cancellation), outputs ?? [], options ?? CompileOptions.Default, opened);
        }
        catch
        {
            opened.Dispose();
            throw;
        }
    }

    /// <summary>Compiles a graph that the program has.</summary>
    /// <param name="graph">The graph.</param>
    /// <param name="outputs">Outputs as <c>node</c> or <c>node:port</c>; null for the nodes without a consumer.</param>
    /// <param name="options">Threads, limits, kernels of the program's own.</param>
    /// <exception cref="ExecutionException">An output does not exist, or a node has an op, type or attribute without a kernel.</exception>
    public static CpuGraph Compile(Graph graph, IReadOnlyList<string>? outputs = null, CompileOptions? options = null)
    {
        ArgumentNullException.ThrowIfNull(graph);
        return new(graph, outputs ?? [], options ?? CompileOptions.Default, file: null);
    }

    /// <summary>Runs the graph.</summary>
    /// <param name="feeds">Tensors by name.</param>
    /// <param name="cancellation">Ends the run.</param>
    /// <returns>One tensor for each of <see cref="Outputs"/>.</returns>
    /// <exception cref="ExecutionException">A feed is missing or misshapen, or a kernel refuses its inputs.</exception>
    public ImmutableArray<Tensor> Run(IReadOnlyDictionary<string, Tensor> feeds, CancellationToken cancellation = default)
    {
        ArgumentNullException.ThrowIfNull(feeds);
        return executable.Run(feeds, cancellation);
    }

    /// <summary>Runs the graph into the caller's buffers, without allocation once every shape was seen.</summary>
    /// <param name="feeds">Tensors by name.</param>
    /// <param name="outputs">A buffer for each of <see cref="Outputs"/>, as long as the output's little-endian elements.</param>
    /// <param name="cancellation">Ends the run.</param>
    /// <exception cref="ExecutionException">A feed is missing or misshapen, a kernel refuses its inputs, or a buffer has not its output's size.</exception>
    public void Run(IReadOnlyDictionary<string, Tensor> feeds, ReadOnlySpan<Memory<byte>> outputs, CancellationToken cancellation = default)
    {
        ArgumentNullException.ThrowIfNull(feeds);
        executable.Run(feeds, outputs, cancellation);
    }

    /// <summary>Closes the file.</summary>
    public void Dispose() => file?.Dispose();

    private static Graph Read(ModelSourceFile file, string path, CancellationToken cancellation)
    {
        try
        {
            Graph graph = GraphDefReader.Read(file, cancellation);
            return graph.Nodes.IsEmpty ? throw new ModelFormatException("it holds no nodes") : graph;
        }
        catch (ModelFormatException error)
        {
            throw new ModelFormatException($"'{path}' is not a GraphDef: {error.Message}", error) { DiagnosticId = ToolkitDiagnostics.NotAGraphDef.Id, Suggestion = "Make a frozen graph of it: transform_graph convert --in_graph=MODEL --out_graph=model.pb." };
        }
    }
}
