using System.Collections.Concurrent;
using System.Collections.Immutable;
using TransformFramework.Diagnostics;
using TransformFramework.Dsl.Binding;
using TransformFramework.Engine.Models;
using TransformFramework.Execution;
using TransformFramework.Graphs;

namespace TransformFramework.Engine;

/// <summary>A compiled model. Thread-safe: every run has its own memory. The model it was made from must stay open.</summary>
public sealed class Session
{
    private readonly IExecutable executable;
    private readonly HashSet<string> publicNames;
    private readonly ConcurrentBag<TensorFeeds> feedsPool = [];
    private readonly bool renames;

    private Session(IExecutable executable, ImmutableArray<TensorInfo> inputs, ImmutableArray<TensorInfo> outputs)
    {
        this.executable = executable;
        Inputs = inputs;
        Outputs = outputs;
        renames = inputs.Any(input => input.Name != input.Tensor);
        publicNames = inputs.Select(input => input.Name).ToHashSet(StringComparer.Ordinal);
    }

    /// <summary>What a run is fed, by public name.</summary>
    public ImmutableArray<TensorInfo> Inputs { get; }

    /// <summary>What a run gives, in order.</summary>
    public ImmutableArray<TensorInfo> Outputs { get; }

    /// <summary>Runs the graph.</summary>
    /// <param name="feeds">Tensors by public name or tensor name; inputs with a default may be left out.</param>
    /// <param name="cancellation">Ends the run.</param>
    /// <returns>One tensor for each of <see cref="Outputs"/>.</returns>
    /// <exception cref="ExecutionException">A feed is missing or misshapen, or a kernel refuses its inputs.</exception>
    public ImmutableArray<Tensor> Run(IReadOnlyDictionary<string, Tensor> feeds, CancellationToken cancellation = default)
    {
        ArgumentNullException.ThrowIfNull(feeds);
        using MeasuredRun? run = MeasuredRun.Start();
        TensorFeeds? rented = renames ? Rent(feeds) : null;
        try
        {
            return executable.Run(rented ?? feeds, cancellation);
        }
        catch (Exception error)
        {
            run?.Fail(error);
            throw;
        }
        finally
        {
            Return(rented);
        }
    }

    /// <summary>Runs the graph into the caller's buffers, without allocation once every shape was seen.</summary>
    /// <param name="feeds">Tensors by public name or tensor name.</param>
    /// <param name="outputs">A buffer for each of <see cref="Outputs"/>, as long as the output's little-endian elements.</param>
    /// <param name="cancellation">Ends the run.</param>
    /// <exception cref="ExecutionException">A feed is missing or misshapen, a kernel refuses its inputs, or a buffer has not its output's size.</exception>
    public void Run(IReadOnlyDictionary<string, Tensor> feeds, ReadOnlySpan<Memory<byte>> outputs, CancellationToken cancellation = default)
    {
        ArgumentNullException.ThrowIfNull(feeds);
        using MeasuredRun? run = MeasuredRun.Start();
        TensorFeeds? rented = renames ? Rent(feeds) : null;
        try
        {
            executable.Run(rented ?? feeds, outputs, cancellation);
        }
        catch (Exception error)
        {
            run?.Fail(error);
            throw;
        }
        finally
        {
            Return(rented);
        }
    }

    /// <summary>Memory for runs of fixed shapes: inputs to write to, outputs to read from.</summary>
    /// <param name="batch">What an unknown first dimension of the inputs becomes.</param>
    /// <param name="shapes">Shapes of inputs by public name, where more than that is unknown or another one is wanted.</param>
    /// <exception cref="ExecutionException">An input has no known shape or type, or the graph refuses it.</exception>
    public SessionBuffers CreateBuffers(int batch = 1, IReadOnlyDictionary<string, TensorShape>? shapes = null) => new(this, batch, shapes);

    internal static Session Create(Model model, SessionOptions options, IBackend backend)
    {
        ImmutableArray<ModelEndpoint> outputs = options.Outputs.IsDefaultOrEmpty ? model.Outputs : [.. options.Outputs.Select(name => Named(name, model, model.FindOutput, "output"))];
        ImmutableArray<ModelEndpoint> inputs = options.Inputs.IsDefaultOrEmpty ? model.Inputs : [.. options.Inputs.Select(name => Named(name, model, model.FindInput, "input"))];
        var compile = new CompileOptions { Feeds = [.. inputs.Select(input => input.Tensor)], Threads = options.Threads, MaxLoopIterations = options.MaxLoopIterations, Precision = options.Precision, DirectConvolution = options.DirectConvolution };
        IExecutable compiled = backend.Compile(model.Graph, [.. outputs.Select(output => output.Tensor)], compile);
        var shapes = backend.InferShapes(model.Graph, compile);
        return new(compiled, Describe(inputs, model, shapes), Describe(outputs, model, shapes));
    }

    private TensorFeeds Rent(IReadOnlyDictionary<string, Tensor> feeds)
    {
        TensorFeeds rented = feedsPool.TryTake(out TensorFeeds? used) ? used : new();
        foreach (TensorInfo input in Inputs)
        {
            if (feeds.TryGetValue(input.Name, out var tensor))
                rented[input.Tensor] = tensor;
        }
        if (rented.Count == feeds.Count)
            return rented;
        foreach (var (name, tensor) in feeds)
        {
            if (!publicNames.Contains(name))
                rented[name] = tensor;
        }
        return rented;
    }

    private void Return(TensorFeeds? rented)
    {
        if (rented is null)
            return;
        rented.Clear();
        feedsPool.Add(rented);
    }

    private static ModelEndpoint Named(string name, Model model, Func<string, ModelEndpoint?> find, string what)
    {
        if (find(name) is { } found)
            return found;
        string? nearest = Suggestions.Nearest(name, model.Inputs.Concat(model.Outputs).Select(endpoint => endpoint.Name).Concat(model.Graph.Nodes.Select(node => node.Name)));
        throw new ExecutionException(StatusKind.NotFound, $"the model has no {what} '{name}'{(nearest is null ? "" : $"; did you mean '{nearest}'?")}");
    }

    private static ImmutableArray<TensorInfo> Describe(ImmutableArray<ModelEndpoint> endpoints, Model model, IReadOnlyDictionary<string, TensorShape[]> shapes)
    {
        var signature = model.Content.Signature;
        var described = ImmutableArray.CreateBuilder<TensorInfo>(endpoints.Length);
        foreach (ModelEndpoint endpoint in endpoints)
        {
            var declared = signature?.Inputs.Concat(signature.Outputs).FirstOrDefault(tensor => tensor.Name == endpoint.Name);
            var input = new NodeInput(endpoint.Tensor);
            Node? node = model.Graph.TryFind(input.Node, out var found) ? found : null;
            TensorShape shape = shapes.TryGetValue(input.Node, out var known) && input.Port < known.Length ? known[input.Port] : declared?.Shape ?? TensorShape.Unknown;
            DataType type = declared?.Type ?? node?.TypeAttribute("dtype") ?? node?.TypeAttribute("T") ?? DataType.Invalid;
            described.Add(new(endpoint.Name, endpoint.Tensor, type, shape));
        }
        return described.MoveToImmutable();
    }

    /// <summary>Feeds by tensor name, used again from run to run.</summary>
    private sealed class TensorFeeds() : Dictionary<string, Tensor>(StringComparer.Ordinal);
}

/// <summary>Choices of a session.</summary>
public sealed record SessionOptions
{
    /// <summary>Public or tensor names of the inputs; empty for the model's.</summary>
    public ImmutableArray<string> Inputs { get; init; } = [];

    /// <summary>Public or tensor names of the outputs; empty for the model's.</summary>
    public ImmutableArray<string> Outputs { get; init; } = [];

    /// <summary>Worker threads; 0 for one per processor.</summary>
    public int Threads { get; init; }

    /// <summary>Numbers that products of floats take.</summary>
    public FloatPrecision Precision { get; init; }

    /// <summary>Computes every float convolution as the sum of its products, see <see cref="CompileOptions.DirectConvolution"/>.</summary>
    public bool DirectConvolution { get; init; }

    /// <summary>Iterations after which a loop is given up as endless.</summary>
    public long MaxLoopIterations { get; init; } = CompileOptions.Default.MaxLoopIterations;
}

/// <summary>An input or output of a session.</summary>
/// <param name="Name">Public name.</param>
/// <param name="Tensor">The graph's tensor, <c>node</c> or <c>node:port</c>.</param>
/// <param name="Type">Element type; <see cref="DataType.Invalid"/> when the graph does not say.</param>
/// <param name="Shape">Shape as far as it is known.</param>
public sealed record TensorInfo(string Name, string Tensor, DataType Type, TensorShape Shape);
