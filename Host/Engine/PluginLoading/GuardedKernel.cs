using TransformFramework.Diagnostics;
using TransformFramework.Execution;
using TransformFramework.Graphs;

namespace TransformFramework.Engine.PluginLoading;

/// <summary>A plugin's kernel whose unexpected exceptions name plugin, op and node.</summary>
internal sealed class GuardedKernel(IKernel inner, PluginIdentity plugin) : IKernel
{
    public IReadOnlyList<TensorShape> InferShapes(ShapeInference node) => Guard(node.Node, () => inner.InferShapes(node));

    public Tensor[] Compute(KernelCall call) => Guard(call.Node, () => inner.Compute(call));

    private T Guard<T>(Node node, Func<T> work)
    {
        try
        {
            return work();
        }
        catch (AttributeException error)
        {
            throw new ExecutionException(StatusKind.InvalidArgument, error.Message, node.Name, error);
        }
        catch (Exception error) when (error is not (ExecutionException or OperationCanceledException))
        {
            throw PluginFault.Of(plugin, EngineDiagnostics.KernelThrew, $"kernel of op '{node.Op}'", error, $" at node '{node.Name}'");
        }
    }
}
