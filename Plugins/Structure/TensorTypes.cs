using TransformFramework.Graphs;
using TransformFramework.Toolkit.Functions;
using TransformFramework.Toolkit.Ops;
using TransformFramework.Transforms;

namespace TransformFramework.Structure;

/// <summary>Types of tensors by the op table.</summary>
internal static class TensorTypes
{
    /// <summary>The type that a consumer reads a tensor as; null for a control input, and when it is not known.</summary>
    public static DataType? Wanted(Graph graph, Consumer consumer)
    {
        if (consumer.Node.Inputs[consumer.Input].IsControl || new FunctionIndex(graph.Functions).Definition(consumer.Node.Op) is not { } definition)
            return null;
        try
        {
            var types = OpTypes.InputTypes(OpDefaults.Complete(consumer.Node), definition);
            return consumer.Input < types.Length ? types[consumer.Input].Base() : null;
        }
        catch (TransformException)
        {
            return null;
        }
    }

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
