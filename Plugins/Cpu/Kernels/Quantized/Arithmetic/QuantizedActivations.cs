using System.Numerics;
using TransformFramework.Cpu.Kernels.Quantized.Conversions;
using TransformFramework.Execution;
using TransformFramework.Graphs;

namespace TransformFramework.Cpu.Kernels.Quantized.Arithmetic;

/// <summary>Quantized values held between those of 0 and, but for QuantizedRelu, of 6 or of an input. The range stays.</summary>
[Kernel("QuantizedRelu", "QuantizedRelu6", "QuantizedReluX")]
internal sealed class QuantizedActivations : IKernel
{
    /// <summary>The upper end of Relu6.</summary>
    public const float Six = 6;

    public IReadOnlyList<TensorShape> InferShapes(ShapeInference node) => QuantizedTypes.Shapes(node.Shapes[0]);

    public Tensor[] Compute(KernelCall call)
    {
        Tensor features = call.Inputs[0];
        QuantizedTypes.Require(features, "features", DataType.QUInt8, DataType.QInt32);
        QuantizedTypes.Require(call.Node, "out_type", features.Type);
        var range = QuantizationRange.Read(call.Inputs, call.Inputs.Count - 2);
        float? highest = call.Node.Op switch
        {
            "QuantizedRelu" => null,
            "QuantizedRelu6" => Six,
            _ => Limit(call.Inputs[1]),
        };
        return range.With(features.Type == DataType.QUInt8 ? Clamp<byte>(features, range, highest) : Clamp<int>(features, range, highest));
    }

    private static float Limit(Tensor limit) => limit is { Type: DataType.Float, ElementCount: 1 }
        ? limit.AsSpan<float>()[0]
        : throw Refuse.Invalid($"max_value must be a float scalar, but is {limit}");

    private static Tensor Clamp<TQuantized>(Tensor features, QuantizationRange range, float? highest)
        where TQuantized : unmanaged, IBinaryInteger<TQuantized>, IMinMaxValue<TQuantized>
    {
        var scalar = new AffineQuantizer<TQuantized>(range);
        TQuantized lower = scalar.Quantize(0);
        TQuantized upper = highest is { } limit ? scalar.Quantize(limit) : TQuantized.MaxValue;
        Tensor result = Tensor.Allocate<TQuantized>(features.Type, features.Shape, out var y);
        ReadOnlySpan<TQuantized> x = features.AsSpan<TQuantized>();
        for (int i = 0; i < y.Length; i++)
            y[i] = TQuantized.Min(TQuantized.Max(x[i], lower), upper);
        return result;
    }
}
