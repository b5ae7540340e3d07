using TransformFramework.Diagnostics;
using TransformFramework.Execution;
using TransformFramework.Graphs;

namespace TransformFramework.Engine.PluginLoading;

/// <summary>A plugin's kernel whose unexpected exceptions name plugin, op and node.</summary>
internal sealed class GuardedKernel(IKernel inner, PluginIdentity plugin) : IKernel
{
    public IReadOnlyList<TensorShape> InferShapes(ShapeInference node)
    {
        IReadOnlyList<TensorShape>? shapes = Guard(node.Node, () => inner.InferShapes(node));
        return shapes is not null && shapes.All(shape => shape is not null) ? shapes : throw Flawed(node.Node, "no shapes, or one that is null");
    }

    public Tensor[] Compute(KernelCall call)
    {
        Tensor[]? results = Guard(call.Node, () => inner.Compute(call));
        if (results is null || !Array.TrueForAll(results, result => result is not null))
            throw Flawed(call.Node, "no tensors, or one that is null");
        return Array.TrueForAll(results, result => result.Shape.IsFullyKnown && result.IsDecodable) ? results : throw Flawed(call.Node, "a tensor whose elements do not fill its shape");
    }

    private PluginException Flawed(Node node, string flaw) => PluginFault.Of(plugin, EngineDiagnostics.KernelThrew, $"kernel of op '{node.Op}' at node '{node.Name}'", flaw);

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
