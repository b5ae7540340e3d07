using TransformFramework.Cpu.Planning;
using TransformFramework.Diagnostics;
using TransformFramework.Execution;
using TransformFramework.Graphs;

namespace TransformFramework.Cpu.Running;

/// <summary>Calls a node's kernel; what it throws gets the node's name.</summary>
internal static class KernelRun
{
    /// <exception cref="ExecutionException">The kernel refuses its inputs or fails.</exception>
    public static Tensor[] Compute(ProgramNode node, IReadOnlyList<Tensor> inputs, RunState state, CancellationToken cancellation)
    {
        try
        {
            return node.Kernel!.Compute(new(node.Node, inputs, state, cancellation));
        }
        catch (ExecutionException error) when (error.Node is null)
        {
            throw new ExecutionException(error.Kind, $"node '{node.Node.Name}' ({node.Node.Op}): {error.Message}", node.Node.Name, error);
        }
        catch (Exception error) when (error is OverflowException or OutOfMemoryException or IndexOutOfRangeException or InvalidOperationException or ArgumentException)
        {
            throw new ExecutionException(StatusKind.Internal, $"node '{node.Node.Name}' ({node.Node.Op}): {error.Message}", node.Node.Name, error);
        }
    }

    public static ExecutionException MissingOutput(ProgramNode node, int outputs, int port) =>
        new(StatusKind.InvalidArgument, $"node '{node.Node.Name}' ({node.Node.Op}) has {outputs} outputs, number {port} is read", node.Node.Name);
}
