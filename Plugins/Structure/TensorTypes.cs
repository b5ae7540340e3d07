using TransformFramework.Graphs;
using TransformFramework.Toolkit.Functions;
using TransformFramework.Toolkit.Ops;
using TransformFramework.Transforms;

namespace TransformFramework.Structure;

/// <summary>Types of tensors by the op table.</summary>
internal static class TensorTypes
{
    /// <summary>The type of a tensor, or null when it is not known.</summary>
    public static DataType? Of(Graph graph, NodeInput tensor)
    {
        if (graph.Find(tensor.Node) is not { } node || tensor.Port < 0 || new FunctionIndex(graph.Functions).Definition(node.Op) is not { } definition)
            return null;
        try
        {
            var types = OpTypes.OutputTypes(OpDefaults.Complete(node), definition);
            return tensor.Port < types.Length ? types[tensor.Port].Base() : null;
        }
        catch (TransformException)
        {
            return null;
        }
    }
}
