using TransformFramework.Graphs;
using TransformFramework.Onnx.Inference;
using TransformFramework.Onnx.Model;
using TransformFramework.Onnx.Reading;

namespace TransformFramework.Onnx.Operators;

/// <summary>Conversions between real and quantized values.</summary>
internal static partial class Quantization
{
    [Infers("QuantizeLinear")]
    [Infers("QuantizeLinear", Domain = "com.microsoft")]
    public static void InferQuantize(NodeInference node) => node.Set(node.Has(2) ? node[2].Type : node.TypeOf("output_dtype") ?? DataType.UInt8, node[0].Shape);

    [Infers("DequantizeLinear")]
    [Infers("DequantizeLinear", Domain = "com.microsoft")]
    public static void InferDequantize(NodeInference node) => node.Set(node.TypeOf("output_dtype") ?? node[1].Type, node[0].Shape);

    [Infers("DynamicQuantizeLinear")]
    public static void InferDynamic(NodeInference node)
    {
        node.Set(0, DataType.UInt8, node[0].Shape);
        node.Set(1, DataType.Float, TensorShape.Scalar);
        node.Set(2, DataType.UInt8, TensorShape.Scalar);
    }

    /// <summary>Values that are symmetric around zero become TensorFlow's quantized types; others are computed by their formula.</summary>
    [Reads("QuantizeLinear", Declines = "4 bits")]
    [Reads("QuantizeLinear", Domain = "com.microsoft")]
    public static void ReadQuantize(NodeReader node)
    {
        DataType type = node.Output(0)!.Type;
        if ((node.Has(2) ? node.Info(2).Narrow : Float8.Of(node.Integer("output_dtype", 0))) is { } narrow)
        {
            NodeInput ratio = node.Emit("RealDiv", [Single(node, node[0]), Single(node, Along(node, 1, node[1]))]);
            node.Set(0, Narrowed(node, ratio, narrow), node.Output(0)! with { Narrow = narrow });
            return;
        }
        if (SymmetricRange.TryFind(node, type) is { } range)
        {
            (string, AttributeValue)[] attributes = [("T", range.Type), ("mode", "SCALED"), ("round_mode", "HALF_TO_EVEN"), .. range.Attributes];
            NodeInput quantized = node.EmitAll("QuantizeV2", [node[0], node.Const(Tensor.Scalar(range.Low)), node.Const(Tensor.Scalar(range.High))], attributes)[0];
            node.Set(0, new ReadValue(node.Scope.Emitter, node.Node.Outputs[0], node.Output(0)!) { Quantized = quantized });
            return;
        }
        NodeInput scale = Along(node, 1, node[1]);
        NodeInput scaled = node.Emit("Round", [node.Emit("RealDiv", [Single(node, node[0]), Single(node, scale)])]);
        node.Set(0, Saturated(node, scaled, node.Has(2) ? Single(node, Along(node, 2, node[2])) : (NodeInput?)null, type));
    }

    /// <summary>Reals rounded to those of 8 bits, halves to even, and held in their range: the bits behind the mantissa are rounded away, below the normal values a sum with a large number does that.</summary>
    public static NodeInput Narrowed(NodeReader node, NodeInput real, Float8 type)
    {
        const int SingleMantissa = 23;
        if (!node.Flag("saturate", otherwise: true))
            throw OnnxDiagnostics.Decline("8-bit reals that do not saturate");
        int dropped = SingleMantissa - type.Mantissa;
        NodeInput x = node.Emit("ClipByValue", [Single(node, real), Number(-type.Largest), Number(type.Largest)]);
        NodeInput bits = node.Emit("Bitcast", [x], ("type", DataType.Int32));
        NodeInput odd = node.Emit("BitwiseAnd", [node.Emit("RightShift", [bits, node.Int(dropped)]), node.Int(1)]);
        NodeInput raised = node.Emit("AddV2", [bits, node.Emit("AddV2", [odd, node.Int((1 << (dropped - 1)) - 1)])]);
        NodeInput normal = node.Emit("Bitcast", [node.Emit("BitwiseAnd", [raised, node.Int(-1 << dropped)])], ("type", DataType.Float));
        float large = MathF.ScaleB(1.5f, SingleMantissa) * type.LeastStep;
        NodeInput small = node.Emit("Sub", [node.Emit("AddV2", [x, Number(large)]), Number(large)]);
        return node.Emit("SelectV2", [node.Emit("Less", [node.Emit("Abs", [x]), Number(MathF.ScaleB(1, type.LeastExponent))]), small, normal]);

        NodeInput Number(float value) => node.Scalar(DataType.Float, value);
    }

    /// <summary>Rounded reals with a zero point added, held in the range of an integer type.</summary>
    public static NodeInput Saturated(NodeReader node, NodeInput rounded, NodeInput? zeroPoint, DataType type)
    {
        if (!Tensors.IsInteger(type))
            throw OnnxDiagnostics.Decline($"quantized values of type {type.Name()}");
        NodeInput moved = zeroPoint is { } offset ? node.Emit("AddV2", [rounded, offset]) : rounded;
        NodeInput least = node.Scalar(DataType.Float, Tensors.Limit(type, isLargest: false));
        NodeInput most = node.Scalar(DataType.Float, Tensors.Limit(type, isLargest: true));
        return node.Cast(node.Emit("Minimum", [node.Emit("Maximum", [moved, least]), most]), type);
    }

    [Reads("DequantizeLinear")]
    [Reads("DequantizeLinear", Domain = "com.microsoft")]
    public static void ReadDequantize(NodeReader node)
    {
        DataType type = node.Output(0)!.Type;
        if (TryDequantizeConstant(node))
            return;
        if (node.Value(0).Quantized is { } quantized && type == DataType.Float && SymmetricRange.TryFind(node, node.TypeOf(0)) is { } range)
        {
            node.Result("Dequantize", [quantized, node.Const(Tensor.Scalar(range.Low)), node.Const(Tensor.Scalar(range.High))], ("mode", "SCALED"));
            return;
        }
        node.Set(0, Dequantized(node, 0, 1, 2, type));
    }

    /// <summary>Weights that are stored quantized are constants of their real values, so that kernels know them before the model runs.</summary>
    private static bool TryDequantizeConstant(NodeReader node)
    {
        bool isFolded = node.Value(0).IsConstant && node.Constant(0) is { IsDecodable: true, Type: DataType.Int8 or DataType.UInt8 or DataType.Int32 or DataType.Int16 or DataType.UInt16 } && node.Constant(1) is { Type: DataType.Float, IsDecodable: true, Shape.Rank: <= 1 }
            && (!node.Has(2) || node.Constant(2) is { IsDecodable: true }) && node.Output(0)!.Type == DataType.Float;
        if (!isFolded)
            return false;
        Tensor values = node.Constant(0)!;
        float[] scales = node.Constant(1)!.AsSpan<float>().ToArray();
        long[] zeros = node.Has(2) ? Tensors.ToLongs(node.Constant(2)!) : new long[scales.Length];
        int axis = scales.Length == 1 || values.Shape.Rank == 0 ? -1 : NodeReader.Axis(node.Integer("axis", 1), Math.Max(values.Shape.Rank, 2));
        if (axis >= values.Shape.Rank)
            axis = 0;
        if (zeros.Length != scales.Length || (axis >= 0 && values.Shape[axis] != scales.Length))
            throw OnnxDiagnostics.Broken($"{scales.Length} scales and {zeros.Length} zero points are given for the shape {values.Shape}");
        var stored = new QuantizedConstant(values, scales, zeros, axis);
        node.Set(0, new ReadValue(node.Scope.Emitter, node.Node.Outputs[0], ValueInfo.Of(stored.Dequantized())) { Stored = stored });
        return true;
    }

    /// <summary>(x - zero point) · scale of inputs of a node; by integers while they are.</summary>
    public static NodeInput Dequantized(NodeReader node, int values, int scale, int zeroPoint, DataType type)
    {
        DataType own = node.TypeOf(values);
        bool isWide = own is DataType.Int32 or DataType.Int64 or DataType.UInt32;
        NodeInput centred = isWide ? node[values] : node.Cast(node[values], DataType.Float);
        bool isZero = !node.Has(zeroPoint) || (node.Constant(zeroPoint) is { IsDecodable: true } constant && !constant.Bytes.Span.ContainsAnyExcept((byte)0));
        if (!isZero)
        {
            NodeInput offset = Along(node, zeroPoint, node[zeroPoint], values);
            centred = node.Emit("Sub", [centred, isWide ? offset : node.Cast(offset, DataType.Float)]);
        }
        return node.Cast(node.Emit("Mul", [node.Cast(centred, DataType.Float), Single(node, Along(node, scale, node[scale], values))]), type);
    }

    private static NodeInput Single(NodeReader node, NodeInput tensor) => node.Cast(tensor, DataType.Float);

    /// <summary>Scales or zero points stretched over the values: one, one for each index of an axis, or one for each block of it.</summary>
    private static NodeInput Along(NodeReader node, int input, NodeInput tensor, int values = 0)
    {
        TensorShape shape = node.Info(input).Shape;
        if (shape.Rank == 0)
            return tensor;
        int rank = node.Rank(values);
        int axis = rank == 0 ? 0 : NodeReader.Axis(node.Integer("axis", 1), Math.Max(rank, 2));
        if (shape.Rank == 1)
        {
            if (shape[0] == 1 || rank <= 1)
                return shape[0] == 1 ? node.Reshape(tensor) : tensor;
            long[] target = [.. Enumerable.Repeat(1L, rank)];
            target[axis] = -1;
            return node.Reshape(tensor, target);
        }
        long block = node.Integer("block_size", 0);
        long dimension = node.Info(values).Shape[axis];
        if (block <= 0 || dimension < 0)
            throw OnnxDiagnostics.Decline("blocks of unknown size");
        return node.Emit("GatherV2", [tensor, node.Ints([.. Enumerable.Range(0, (int)dimension).Select(i => i / block)]), node.Int(axis)]);
    }

    /// <summary>The range of the values, widened to hold zero, in 255 steps.</summary>
    [Reads("DynamicQuantizeLinear")]
    public static void ReadDynamic(NodeReader node)
    {
        var (levels, scale, zero) = Dynamic(node, node[0]);
        node.Set(0, node.Cast(levels, DataType.UInt8));
        node.Set(1, scale);
        node.Set(2, node.Cast(zero, DataType.UInt8));
    }

    /// <summary>Reals rounded to 255 steps of their own range.</summary>
    public static NodeInput RoundedDynamically(NodeReader node, NodeInput real)
    {
        var (levels, scale, zero) = Dynamic(node, real);
        return node.Emit("Mul", [node.Emit("Sub", [levels, zero]), scale]);
    }

    /// <summary>Levels from 0 to 255 as float, the distance of two, and the level of zero.</summary>
    private static (NodeInput Levels, NodeInput Scale, NodeInput Zero) Dynamic(NodeReader node, NodeInput real)
    {
        NodeInput Number(double value) => node.Scalar(DataType.Float, value);
        NodeInput flat = node.Reshape(real, -1);
        NodeInput least = node.Emit("Minimum", [node.Emit("Min", [flat, node.Ints(0)]), Number(0)]);
        NodeInput most = node.Emit("Maximum", [node.Emit("Max", [flat, node.Ints(0)]), Number(0)]);
        NodeInput scale = node.Emit("RealDiv", [node.Emit("Sub", [most, least]), Number(255)]);
        NodeInput safe = node.Emit("SelectV2", [node.Emit("Equal", [scale, Number(0)]), Number(1), scale]);
        NodeInput zero = node.Emit("Round", [node.Emit("RealDiv", [node.Emit("Neg", [least]), safe])]);
        NodeInput clipped = node.Emit("Minimum", [node.Emit("Maximum", [zero, Number(0)]), Number(255)]);
        NodeInput moved = node.Emit("AddV2", [node.Emit("Round", [node.Emit("RealDiv", [real, safe])]), clipped]);
        return (node.Emit("Minimum", [node.Emit("Maximum", [moved, Number(0)]), Number(255)]), scale, clipped);
    }
}
