using TransformFramework.Diagnostics;
using TransformFramework.Graphs;
using TransformFramework.Transforms;

namespace TransformFramework.Quantization.Classic;

/// <summary>Constants as the original's weight transforms read them.</summary>
internal static class ClassicConstants
{
    /// <summary>Value and declared type of a constant.</summary>
    /// <exception cref="TransformException">InvalidArgument: type or value is absent or unreadable. Aborted: the value has another type than declared.</exception>
    public static Tensor Value(Node node, out DataType type)
    {
        type = node.TypeAttribute("dtype") ?? throw new TransformException(StatusKind.InvalidArgument, $"No 'dtype' attribute for Const node {node.Name}", node.Name);
        Tensor value = node.TensorAttribute("value") ?? throw new TransformException(StatusKind.InvalidArgument, $"No 'value' attribute for Const node {node.Name}", node.Name);
        if (!value.IsDecodable)
            throw new TransformException(StatusKind.InvalidArgument, $"Decoding Tensor failed for node{node.Name}", node.Name);
        return type != DataType.Float || value.Type == DataType.Float
            ? value
            : throw new TransformException(StatusKind.Aborted, $"constant '{node.Name}' is declared float but holds {value.Type.Name()} elements", node.Name);
    }
}
