using TransformFramework.Diagnostics;
using TransformFramework.Execution;
using TransformFramework.Graphs;

namespace TransformFramework.Cpu.Analysis;

/// <summary>
/// The one way to kernels. Inputs that are not of the types that the op declares never reach them; what they throw gets the node's name, and what they do not refuse themselves is reported with
/// the inputs that led to it.
/// </summary>
internal static class KernelRun
{
    /// <exception cref="ExecutionException">The inputs are not of the op's types, or the kernel refuses them or fails.</exception>
    public static Tensor[] Compute(AnalyzedNode node, IReadOnlyList<Tensor> inputs, RunState state, CancellationToken cancellation) =>
        Compute(node.Kernel!, node.Node, node.Declared, inputs, state, cancellation);

    /// <exception cref="ExecutionException">The inputs are not of the op's types, or the kernel refuses them or fails.</exception>
    public static Tensor[] Compute(IKernel kernel, Node node, DeclaredInputs declared, IReadOnlyList<Tensor> inputs, RunState state, CancellationToken cancellation)
    {
        declared.CheckCount(node, inputs.Count);
        for (int i = 0; i < inputs.Count; i++)
            declared.CheckType(node, i, inputs[i].Type);
        try
        {
            return kernel.Compute(new(node, inputs, state, cancellation));
        }
        catch (ExecutionException error) when (error.Node is null)
        {
            throw Named(node, error);
        }
        catch (AttributeException error)
        {
            throw Refusal(node, error);
        }
        catch (Exception error) when (IsFault(error))
        {
            throw Fault(node, string.Join(", ", inputs), error);
        }
    }

    /// <summary>The shapes that the kernel's rule tells; constants that are not of the op's types are kept from it.</summary>
    /// <exception cref="ExecutionException">The shapes do not fit the op, or the rule fails.</exception>
    public static TensorShape[] InferShapes(IKernel kernel, DeclaredInputs declared, ShapeInference node)
    {
        declared.CheckCount(node.Node, node.Shapes.Count);
        if (node.Constants.Where((constant, i) => constant is not null && !declared.Fits(i, constant.Type)).Any())
            node = node with { Constants = [.. node.Constants.Select((constant, i) => constant is not null && declared.Fits(i, constant.Type) ? constant : null)] };
        try
        {
            return [.. kernel.InferShapes(node)];
        }
        catch (AttributeException error)
        {
            throw Refusal(node.Node, error);
        }
        catch (Exception error) when (IsFault(error))
        {
            throw Fault(node.Node, string.Join(", ", node.Shapes), error);
        }
    }

    public static ExecutionException MissingOutput(AnalyzedNode node, int outputs, int port) =>
        new(StatusKind.InvalidArgument, $"node '{node.Node.Name}' ({node.Node.Op}) has {outputs} outputs, number {port} is read", node.Node.Name);

    private static ExecutionException Named(Node node, ExecutionException error) => new(error.Kind, $"node '{node.Name}' ({node.Op}): {error.Message}", node.Name, error);

    private static ExecutionException Refusal(Node node, AttributeException error) => new(StatusKind.InvalidArgument, error.Message, node.Name, error);

    private static ExecutionException Fault(Node node, string inputs, Exception error) => error is OutOfMemoryException && !IsBeyondArrays(error)
        ? new(StatusKind.Internal, $"node '{node.Name}' ({node.Op}): there is not enough memory to compute it from {inputs}", node.Name, error)
        : new(StatusKind.Internal, $"node '{node.Name}' ({node.Op}): cannot be computed from {inputs}, which its op or its attributes may not allow: {error.Message}", node.Name, error);

    /// <summary>Tells an array of more elements than the runtime has arrays for, whatever memory there is.</summary>
    private static bool IsBeyondArrays(Exception error) => error.Message.Contains("dimensions", StringComparison.Ordinal);

    /// <summary>True for what code throws that meets sizes, ranks or values it does not reckon with.</summary>
    private static bool IsFault(Exception error) =>
        error is ArithmeticException or OutOfMemoryException or IndexOutOfRangeException or InvalidOperationException or ArgumentException or InvalidCastException or NotSupportedException or FormatException
            or KeyNotFoundException or NullReferenceException or TimeoutException
        && error is not OperationCanceledException;
}
