using TransformFramework.Graphs;
using TransformFramework.Onnx.Inference;
using TransformFramework.Onnx.Writing;

namespace TransformFramework.Onnx.Operators;

/// <summary>Writes random tensors: other numbers than TensorFlow's, of the same distribution.</summary>
internal static partial class Generators
{
    [Writes("RandomUniform", "RandomStandardNormal")]
    public static void WriteRandom(NodeWriter node)
    {
        string op = node.Op == "RandomUniform" ? "RandomUniform" : "RandomNormal";
        DataType type = node.Type("dtype");
        (string, object) named = ("dtype", (long)Model.ElementTypes.Of(type));
        if (node.Known(0) is { } shape)
        {
            node.Set(node.Emit(op, [], named, ("shape", shape)));
            return;
        }
        Operand like = node.Emit("ConstantOfShape", [node.Cast(node[0], DataType.Int64)], ("value", Tensors.Reshape(Tensors.Scalar(type, 0), 1)));
        node.Set(node.Emit($"{op}Like", [like], named));
    }
}
