using TransformFramework.Graphs;
using TransformFramework.Onnx.Inference;
using TransformFramework.Onnx.Reading;

namespace TransformFramework.Onnx.Operators;

/// <summary>Fourier transforms and mel filters. Complex numbers are a last dimension of 2.</summary>
internal static class Signals
{
    [Infers("DFT")]
    public static void InferDft(NodeInference node)
    {
        TensorShape shape = node[0].Shape;
        if (shape.IsUnknownRank || AxisOf(node) is not { } axis)
        {
            node.Set(node[0].Type, TensorShape.Unknown);
            return;
        }
        long length = node.Has(1) ? node.Known(1) is [var known] ? known : -1 : shape[axis];
        bool isOneSided = node.Flag("onesided");
        TensorShape result = Movement.With(shape, axis, isOneSided && length >= 0 ? (length / 2) + 1 : length);
        bool givesReal = isOneSided && node.Flag("inverse");
        node.Set(node[0].Type, Movement.With(result, shape.Rank - 1, givesReal ? 1 : 2));
    }

    private static int? AxisOf(NodeInference node)
    {
        int rank = node[0].Rank;
        if (node.Opset < 20)
            return node.Axis(node.Integer("axis", 1), rank);
        return node.Has(2) ? node.Known(2) is [var axis] ? node.Axis(axis, rank) : null : rank - 2;
    }

    [Infers("STFT")]
    public static void InferStft(NodeInference node)
    {
        TensorShape signal = node[0].Shape;
        long length = FrameLength(node.Known(3), node.Optional(2)?.Shape);
        bool isKnown = length > 0 && node.Known(1) is [> 0] && signal.Rank >= 2 && signal[1] >= 0;
        long frames = isKnown ? ((signal[1] - length) / node.Known(1)![0]) + 1 : -1;
        node.Set(node[0].Type, TensorShape.Of(signal.Rank < 2 ? -1 : signal[0], frames, length < 0 ? -1 : node.Flag("onesided", otherwise: true) ? (length / 2) + 1 : length, 2));
    }

    private static long FrameLength(long[]? given, TensorShape? window) => given is [var length] ? length : window is { Rank: 1 } ? window[0] : -1;

    [Infers("MelWeightMatrix")]
    public static void InferMel(NodeInference node)
    {
        DataType type = node.TypeOf("output_datatype") ?? DataType.Float;
        bool isKnown = node.Known(0) is [> 0 and < 100_000] && node.Known(1) is [> 0 and < 10_000_000] && node.Known(2) is [> 0] && node[3].Constant is not null && node[4].Constant is not null && type == DataType.Float;
        if (isKnown)
            node.Set(ValueInfo.Of(Mel(node.Known(0)![0], node.Known(1)![0], node.Known(2)![0], node[3].Constant!.ToSingles()[0], node[4].Constant!.ToSingles()[0])));
        else
            node.Set(type, TensorShape.Of(-1, -1));
    }

    /// <summary>Triangles between centres that are evenly spaced on the mel scale, [bins, filters].</summary>
    private static Tensor Mel(long filters, long length, long rate, float lowest, float highest)
    {
        long bins = (length / 2) + 1;
        double ToMel(double frequency) => 2595 * Math.Log10(1 + (frequency / 700));
        double low = ToMel(lowest);
        double step = (ToMel(highest) - low) / (filters + 2);
        long[] centres = [.. Enumerable.Range(0, (int)filters + 2).Select(i => (long)Math.Floor((length + 1) * (700 * (Math.Pow(10, ((i * step) + low) / 2595) - 1)) / rate))];
        float[] matrix = new float[bins * filters];
        for (int i = 0; i < filters; i++)
        {
            var (left, centre, right) = (centres[i], centres[i + 1], centres[i + 2]);
            if (left == centre && centre < bins)
                matrix[(centre * filters) + i] = 1;
            for (long bin = left; left < centre && bin <= centre && bin < bins; bin++)
                matrix[(bin * filters) + i] = (float)((double)(bin - left) / (centre - left));
            for (long bin = centre; centre < right && bin < right && bin < bins; bin++)
                matrix[(bin * filters) + i] = (float)((double)(right - bin) / (right - centre));
        }
        return Tensor.Create<float>(DataType.Float, TensorShape.Of(bins, filters), matrix);
    }

    [Reads("MelWeightMatrix", Declines = "sizes or frequencies that are computed")]
    public static void ReadMel(NodeReader node) => throw OnnxDiagnostics.Decline("sizes and frequencies must be constants, the type float");

    [Reads("DFT")]
    public static void ReadDft(NodeReader node)
    {
        int rank = node.Rank(0);
        TensorShape shape = node.Info(0).Shape;
        int axis = NodeReader.Axis(node.Opset < 20 ? node.Integer("axis", 1) : node.Has(2) ? node.InputOr(2, "axis")![0] : -2, rank);
        bool isOneSided = node.Flag("onesided");
        bool isInverse = node.Flag("inverse");
        if (shape[rank - 1] is not (1 or 2))
            throw OnnxDiagnostics.Decline("the last dimension must be known, 1 or 2");
        if (isInverse && isOneSided)
            throw OnnxDiagnostics.Decline("an inverse transform of one side");
        int[] order = [.. Enumerable.Range(0, rank - 1).Where(i => i != axis), axis];
        NodeInput data = Complex(node, node[0], shape[rank - 1]);
        NodeInput moved = node.Transpose(data, order);
        if (node.Has(1))
            moved = WithLength(node, moved, node.InputOr(1, "dft_length")![0], rank - 1, shape[axis]);
        NodeInput transformed = node.Emit(isInverse ? "IFFT" : "FFT", [moved]);
        long length = node.Has(1) ? node.Known(1)![0] : shape[axis];
        if (isOneSided)
            transformed = FirstHalf(node, transformed, length, rank - 1);
        int[] back = new int[order.Length];
        for (int i = 0; i < order.Length; i++)
            back[order[i]] = i;
        node.Set(0, Parts(node, node.Transpose(transformed, back)));
    }

    /// <summary>Cut off or filled up with zeros at the end of the last dimension.</summary>
    private static NodeInput WithLength(NodeReader node, NodeInput data, long length, int rank, long own)
    {
        if (own < 0)
            throw OnnxDiagnostics.Decline("a length for a signal of unknown length");
        if (length == own)
            return data;
        if (length < own)
            return node.Emit("StridedSlice", [data, node.Ints(0, 0), node.Ints(0, length), node.Ints(1, 1)], ("ellipsis_mask", 1));
        long[] pads = new long[2 * rank];
        pads[^1] = length - own;
        return node.Emit("Pad", [data, node.Const(Tensors.Integers(DataType.Int32, TensorShape.Of(rank, 2), pads))]);
    }

    private static NodeInput FirstHalf(NodeReader node, NodeInput spectrum, long length, int rank) => length < 0 || rank < 1
        ? throw OnnxDiagnostics.Decline("one side of a signal of unknown length")
        : node.Emit("StridedSlice", [spectrum, node.Ints(0, 0), node.Ints(0, (length / 2) + 1), node.Ints(1, 1)], ("ellipsis_mask", 1));

    private static NodeInput Complex(NodeReader node, NodeInput tensor, long parts)
    {
        NodeInput Part(int i) => node.Emit("StridedSlice", [tensor, node.Ints(0, i), node.Ints(0, i + 1), node.Ints(1, 1)], ("ellipsis_mask", 1), ("shrink_axis_mask", 2));
        NodeInput real = Part(0);
        NodeInput imaginary = parts == 2 ? Part(1) : node.Emit("ZerosLike", [real]);
        return node.Emit("Complex", [real, imaginary], ("Tout", node.TypeOf(0) == DataType.Double ? DataType.Complex128 : DataType.Complex64));
    }

    private static NodeInput Parts(NodeReader node, NodeInput complex)
    {
        DataType type = node.TypeOf(0);
        return node.Emit("Pack", [node.Emit("Real", [complex], ("Tout", type)), node.Emit("Imag", [complex], ("Tout", type))], ("axis", -1));
    }

    /// <summary>Frames are gathered by constant places, windowed and transformed.</summary>
    [Reads("STFT", Declines = "frames of unknown length or step")]
    public static void ReadStft(NodeReader node)
    {
        TensorShape signal = node.Info(0).Shape;
        long length = FrameLength(node.Known(3), node.Optional(2)?.Info.Shape);
        long step = node.Known(1) is [var known] ? known : -1;
        if (length <= 0 || step <= 0 || signal.Rank < 2 || signal[1] < length)
            throw OnnxDiagnostics.Decline("signal, frames and their step must be of known length");
        long frames = ((signal[1] - length) / step) + 1;
        long[] places = [.. Enumerable.Range(0, (int)frames).SelectMany(frame => Enumerable.Range(0, (int)length).Select(i => (frame * step) + i))];
        NodeInput indices = node.Const(Tensors.Integers(DataType.Int32, TensorShape.Of(frames, length), places));
        long parts = signal.Rank == 3 ? signal[2] : 1;
        NodeInput data = signal.Rank == 3 ? node[0] : node.Emit("ExpandDims", [node[0], node.Int(-1)]);
        NodeInput gathered = node.Emit("GatherV2", [data, indices, node.Int(1)]);
        if (node.Has(2))
            gathered = node.Emit("Mul", [gathered, node.Reshape(node[2], -1, 1)]);
        NodeInput spectrum = node.Emit("FFT", [Complex(node, gathered, parts)]);
        node.Set(0, Parts(node, node.Flag("onesided", otherwise: true) ? FirstHalf(node, spectrum, length, 3) : spectrum));
    }
}
