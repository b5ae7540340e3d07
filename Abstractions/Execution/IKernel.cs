using TransformFramework.Graphs;

namespace TransformFramework.Execution;

/// <summary>Registers a class with a parameterless constructor as the kernel of one or more op types.</summary>
[AttributeUsage(AttributeTargets.Class, Inherited = false)]
public sealed class KernelAttribute(params string[] ops) : Attribute
{
    public string[] Ops { get; } = ops;
}

/// <summary>Computes one op. Stateless and thread-safe. The nodes it is given carry every attribute that the op table has a default for.</summary>
public interface IKernel
{
    /// <summary>Output shapes as far as attributes, input shapes and constant inputs tell; <see cref="TensorShape.Unknown"/> otherwise.</summary>
    /// <exception cref="ExecutionException">The input shapes do not fit the op.</exception>
    IReadOnlyList<TensorShape> InferShapes(ShapeInference node);

    /// <summary>Computes all outputs of one node.</summary>
    /// <exception cref="ExecutionException">The inputs' types, shapes or values do not fit the op.</exception>
    Tensor[] Compute(KernelCall call);
}

/// <summary>What shape inference knows of a node.</summary>
/// <param name="Node">The node.</param>
/// <param name="Shapes">Shapes of the data inputs.</param>
/// <param name="Constants">Values of the data inputs, null where not constant.</param>
public readonly record struct ShapeInference(Node Node, IReadOnlyList<TensorShape> Shapes, IReadOnlyList<Tensor?> Constants);

/// <summary>One evaluation of a node.</summary>
/// <param name="Node">The node.</param>
/// <param name="Inputs">Its data inputs.</param>
/// <param name="State">What lasts from node to node within the run.</param>
/// <param name="Cancellation">Ends long kernels.</param>
public readonly record struct KernelCall(Node Node, IReadOnlyList<Tensor> Inputs, RunState State, CancellationToken Cancellation);

/// <summary>What the nodes of one run share: resources by handle (tensor arrays, tables) and the place for printed lines. Used by one thread at a time.</summary>
public sealed class RunState(Action<string>? print = null)
{
    private readonly Dictionary<string, object> resources = new(StringComparer.Ordinal);

    /// <summary>Where Print nodes write, a line a call.</summary>
    public Action<string> Print { get; } = print ?? (_ => { });

    /// <summary>The resource of a handle, made on first use.</summary>
    public T GetOrAdd<T>(string handle, Func<T> create)
        where T : class
    {
        if (resources.TryGetValue(handle, out object? found))
            return (T)found;
        T created = create();
        resources.Add(handle, created);
        return created;
    }

    /// <summary>The resource of a handle, or null.</summary>
    public T? Find<T>(string handle)
        where T : class => resources.GetValueOrDefault(handle) as T;

    /// <summary>Puts a resource under a handle, over an existing one.</summary>
    public void Set(string handle, object resource) => resources[handle] = resource;

    /// <summary>A handle that no other resource of the run has.</summary>
    public string NewHandle(string name) => $"{name}_{resources.Count}";
}
