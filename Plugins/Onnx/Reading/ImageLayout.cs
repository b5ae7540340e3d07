using System.Collections.Frozen;
using TransformFramework.Graphs;
using TransformFramework.Onnx.Inference;
using TransformFramework.Onnx.Model;

namespace TransformFramework.Onnx.Reading;

/// <summary>Keeps images that are computed with channels last so through nodes that work on each element: the node is read as if its inputs had their channels last.</summary>
internal static class ImageLayout
{
    private const int Rank = 4;

    private static readonly FrozenSet<string> Elementwise = new[]
    {
        "Abs", "Add", "And", "Ceil", "Celu", "Clip", "Cos", "DequantizeLinear", "Div", "Elu", "Equal", "Erf", "Exp", "Floor", "Gelu", "Greater", "GreaterOrEqual", "HardSigmoid", "HardSwish", "LeakyRelu", "Less",
        "LessOrEqual", "Log", "Max", "Mean", "Min", "Mish", "Mod", "Mul", "Neg", "Not", "Or", "PRelu", "Pow", "QuantizeLinear", "Reciprocal", "Relu", "Round", "Selu", "Shrink", "Sigmoid", "Sign", "Sin", "Softplus",
        "Softsign", "Sqrt", "Sub", "Sum", "Swish", "Tanh", "ThresholdedRelu", "Where", "Xor", "Cast",
    }.ToFrozenSet(StringComparer.Ordinal);

    /// <summary>The inputs with channels last, when the node can be read so and an input is an image that is computed so; else null.</summary>
    public static ReadValue?[]? TryView(OnnxNode node, ReadValue?[] inputs, NodeEmitter emitter)
    {
        bool isPossible = node.Domain.Length == 0 && Elementwise.Contains(node.Op) && inputs.Any(input => input is { IsLast: true });
        bool isOfChannels = node.Op is "QuantizeLinear" or "DequantizeLinear" && inputs.Length > 1 && inputs[1]!.Info.Shape is not ({ Rank: 0 } or { Dimensions: [1] });
        if (!isPossible || isOfChannels || !Array.TrueForAll(inputs, input => input is null || Fits(input.Info)))
            return null;
        return Array.ConvertAll(inputs, input => input is null ? null : View(input, emitter));
    }

    /// <summary>An image that is computed with channels last, as the value that it is in ONNX.</summary>
    public static ReadValue Restored(NodeEmitter emitter, string name, ValueInfo info, ReadValue image) => new(emitter, name, info) { LastValue = image };

    /// <summary>What is known of an image with its channels moved last.</summary>
    public static ValueInfo Moved(ValueInfo info) => new(info.Type, TensorShape.Of(info.Shape[0], info.Shape[2], info.Shape[3], info.Shape[1]));

    private static bool Fits(ValueInfo info) => info.Rank is 0 or Rank || (info.Constant is { IsDecodable: true } constant && (constant.ElementCount == 1 || constant.Shape.Rank <= Rank));

    private static ReadValue View(ReadValue input, NodeEmitter emitter)
    {
        if (input.LastValue is { } image)
            return image;
        if (input.Info.Rank == 0 || input.Info.Constant is { ElementCount: 1 } && input.Info.Rank < Rank)
            return input;
        if (input.IsConstant)
        {
            Tensor constant = input.Info.Constant!;
            long[] padded = [.. Enumerable.Repeat(1L, Rank - constant.Shape.Rank), .. constant.Shape.Dimensions];
            return new(emitter, input.Name, ValueInfo.Of(Tensors.Transpose(Tensors.Reshape(constant, padded), 0, 2, 3, 1)));
        }
        return new(emitter, input.Name, Moved(input.Info), input.Last);
    }
}
