using TransformFramework.Graphs;
using TransformFramework.TfLite.Schema;
using TransformFramework.TfLite.Writing;

namespace TransformFramework.TfLite.Operators;

/// <summary>
/// Nodes between real values, quantized values and the elements of int8 ends. quint8 values are int8 elements plus 128, so <c>Bitcast(BitwiseXor(Bitcast(x), 128))</c> is the tensor itself.
/// </summary>
internal static class QuantizedConversions
{
    private const byte SignBit = 0x80;

    /// <summary>The tensor of a Const node; quantized values become int8.</summary>
    public static TensorDraft Constant(NodeWriter node)
    {
        Tensor value = node.Node.TensorAttribute("value") ?? throw node.Decline("it has no value");
        if (!value.IsDecodable)
            throw node.Decline("its elements cannot be read");
        TfLiteQuantization? quantization = node.Subgraph.Ranges.Find(NodeInput.Data(node.Node.Name), value.Type);
        switch (value.Type)
        {
            case DataType.QInt8:
                return TensorDraft.Of(node.Node.Name, Tensor.FromContent(DataType.Int8, value.Shape, value.Bytes), quantization);
            case DataType.QUInt8:
                byte[] bytes = value.Bytes.ToArray();
                for (int i = 0; i < bytes.Length; i++)
                    bytes[i] ^= SignBit;
                return TensorDraft.Of(node.Node.Name, Tensor.FromContent(DataType.Int8, value.Shape, bytes), quantization);
            case DataType.QInt32:
                return TensorDraft.Of(node.Node.Name, Tensor.FromContent(DataType.Int32, value.Shape, value.Bytes));
            default:
                return node.Constant(value, name: node.Node.Name);
        }
    }

    /// <summary>Scale and zero point of a quantized tensor.</summary>
    public static TfLiteQuantization Range(NodeWriter node, NodeInput reference, DataType type) =>
        node.Subgraph.Ranges.Find(reference, type) ?? throw node.Decline("its range is not a constant that int8 can have", "Freeze the ranges first (freeze_requantization_ranges, fold_constants).");

    /// <summary>Elements of real values: int8, or int16 for qint16.</summary>
    public static TensorDraft Quantize(NodeWriter node, TensorDraft real, TfLiteQuantization quantization, DataType type = DataType.QInt8)
    {
        bool isWide = type == DataType.QInt16;
        if (real.Constant is { Type: DataType.Float } && !isWide)
            return IntegerFusion.Quantized(real, quantization);
        TensorDraft result = node.Emit("QUANTIZE", [real], isWide ? TensorType.Int16 : TensorType.Int8);
        result.Quantization = quantization;
        return result;
    }

    /// <summary>Real values of a Dequantize node.</summary>
    public static void WriteDequantize(NodeWriter node)
    {
        TensorDraft quantized = node.In(0);
        DataType type = node.Node.Type("T");
        if (quantized.Type != (type == DataType.QInt16 ? TensorType.Int16 : TensorType.Int8) || node.Node.TypeAttribute("dtype") is not (null or DataType.Float))
            throw node.Decline($"quantized values of {type.Name()} have no counterpart");
        if (quantized.Constant is { } constant && type != DataType.QInt16)
        {
            float[] ends = node.Subgraph.Ranges.Ends(node.Reference(1), node.Reference(2)) ?? throw node.Decline("its range must be constant");
            int axis = node.Int("axis", -1);
            if (type == DataType.QUInt8 && quantized.Quantization is null && ends.Length == 1)
            {
                node.Out(node.Constant(RealConstant(node, constant), name: node.Node.Name));
                return;
            }
            bool isPlain = type == DataType.QInt8 && node.Node.String("mode", "") == "SCALED";
            if (axis >= 0 && !isPlain)
                throw node.Decline("ranges by channel have a counterpart for qint8 in mode SCALED only");
            TfLiteQuantization quantization = isPlain
                ? new([.. ends.Select(end => WeightsWriter.ScaleOf(end))], [.. ends.Select(_ => 0L)], Math.Max(axis, 0))
                : quantized.Quantization ?? Range(node, node.Reference(0), type);
            quantized = TensorDraft.Of(quantized.Name, constant, quantization);
        }
        else
        {
            quantized.Quantization ??= Range(node, node.Reference(0), type);
        }
        node.Out(node.Emit("DEQUANTIZE", [quantized], TensorType.Float32));
    }

    /// <summary>Real values of a constant whose range int8 cannot have: zero is not among its values.</summary>
    private static Tensor RealConstant(NodeWriter node, Tensor quantized)
    {
        double min = node.Subgraph.Ranges.Values(node.Reference(1))![0];
        double scale = (node.Subgraph.Ranges.Values(node.Reference(2))![0] - min) / byte.MaxValue;
        double start = node.Node.String("mode", "") == "MIN_FIRST" ? Math.Round(min / scale) * scale : min;
        Tensor real = Tensor.Allocate<float>(DataType.Float, quantized.Shape, out var elements);
        ReadOnlySpan<sbyte> values = quantized.AsSpan<sbyte>();
        for (int i = 0; i < elements.Length; i++)
            elements[i] = (float)(start + ((values[i] + 128) * scale));
        return real;
    }

    /// <summary>Bit casts between int8, uint8 and quantized values; others as they are.</summary>
    public static void WriteBitcast(NodeWriter node)
    {
        DataType from = node.Node.Type("T");
        DataType to = node.Node.Type("type");
        TensorDraft x = node.In(0);
        switch (from, to)
        {
            case (DataType.QInt32, DataType.Int32):
                node.Out(x);
                break;
            case (DataType.Int8, DataType.UInt8):
                node.Out(x);
                break;
            case (DataType.UInt8, DataType.QUInt8) when x.Type == TensorType.UInt8:
                TfLiteQuantization own = Range(node, NodeInput.Data(node.Node.Name), to);
                x.Quantization ??= own with { ZeroPoints = [own.ZeroPoint + 128L] };
                node.Out(Quantize(node, x, own));
                break;
            case (DataType.UInt8, DataType.QUInt8) or (DataType.UInt8, DataType.Int8) or (DataType.Int8, DataType.QInt8) or (DataType.QInt8, DataType.Int8):
                x.Quantization ??= node.Subgraph.Ranges.Find(NodeInput.Data(node.Node.Name), to);
                node.Out(x);
                break;
            case (DataType.QUInt8, DataType.UInt8):
                bool isFlipped = node.Subgraph.Graph.ConsumersOf(node.Node) is { Length: > 0 } consumers && consumers.All(consumer => consumer.Node.Op == "BitwiseXor");
                x.Quantization ??= Range(node, node.Reference(0), from);
                node.Out(isFlipped ? x : ToUnsigned(node, x));
                break;
            default:
                TensorType type = TensorTypes.FromGraph(to) ?? throw node.Decline($"type {to.Name()} has no counterpart");
                node.Out(node.Emit("BITCAST", [x], type));
                break;
        }
    }

    /// <summary>Writes the flip of sign bits between int8 and quantized values: the tensor itself.</summary>
    public static bool TryWriteFlip(NodeWriter node)
    {
        if (node.In(0).Type != TensorType.Int8 || node.Constant(1) is not { Type: DataType.UInt8, ElementCount: 1 } mask || mask.AsSpan<byte>()[0] != SignBit)
            return false;
        node.Out(node.In(0));
        return true;
    }

    /// <summary>Writes the cast of 32-bit accumulators that are real values already.</summary>
    public static bool TryWriteAccumulators(NodeWriter node)
    {
        if (!node.Subgraph.Scaled.Contains(node.In(0)))
            return false;
        node.Out(node.In(0));
        return true;
    }

    /// <summary>Writes the product that makes accumulators real values: they are, and what reads them from here on reads real values.</summary>
    public static bool TryWriteUnits(NodeWriter node, TensorDraft left, TensorDraft right)
    {
        TensorDraft accumulators = node.Subgraph.Scaled.Contains(left) ? left : right;
        if (!node.Subgraph.Scaled.Remove(accumulators))
            return false;
        node.Out(accumulators);
        return true;
    }

    private static TensorDraft ToUnsigned(NodeWriter node, TensorDraft x)
    {
        TensorDraft result = node.Emit("QUANTIZE", [x], TensorType.UInt8);
        result.Quantization = x.Quantization! with { ZeroPoints = [x.Quantization.ZeroPoint + 128L] };
        return result;
    }
}
