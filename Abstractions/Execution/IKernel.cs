using TransformFramework.Diagnostics;
using TransformFramework.Graphs;

namespace TransformFramework.Execution;

/// <summary>Registers a class with a parameterless constructor as the kernel of one or more op types.</summary>
[AttributeUsage(AttributeTargets.Class, Inherited = false)]
public sealed class KernelAttribute(params string[] ops) : Attribute
{
    public string[] Ops { get; } = ops;
}

/// <summary>Computes one op. Stateless and thread-safe.</summary>
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
/// <param name="Cancellation">Ends long kernels.</param>
public readonly record struct KernelCall(Node Node, IReadOnlyList<Tensor> Inputs, CancellationToken Cancellation);

/// <summary>A graph cannot be compiled or run; the message names node and op.</summary>
public sealed class ExecutionException(StatusKind kind, string message, string? node = null, Exception? inner = null) : Exception(message, inner)
{
    public StatusKind Kind { get; } = kind;

    /// <summary>Name of the node concerned, if any.</summary>
    public string? Node { get; } = node;
}
