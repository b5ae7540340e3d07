using System.Numerics;
using System.Runtime.InteropServices;
using TransformFramework.Graphs;

namespace TransformFramework.Onnx.Inference;

/// <summary>Computes nodes of which every input is constant: movement of any elements, arithmetic of floats and integers. Dequantization stays, as weights are stored quantized.</summary>
internal static class ConstantFolding
{
    /// <summary>Elements of a constant that is computed, whatever it is made of; larger ones may be as large as all that they are made of.</summary>
    private const long AlwaysFolded = 1 << 20;

    /// <summary>Gives the first output its constant, when it can be computed.</summary>
    public static void Fold(NodeInference call)
    {
        if (call.Outputs.Count == 0 || call.Outputs[0] is not { Constant: null, Shape.IsFullyKnown: true } output || call.Count == 0)
            return;
        bool isFolded = output.Shape.TryCount(out long count) && (count <= AlwaysFolded || count <= Given(call)) && call.Node.Domain.Length == 0
            && Enumerable.Range(0, call.Count).All(i => !call.Has(i) || call[i].Constant is { IsDecodable: true, Type: not DataType.String });
        if (isFolded && Compute(call, output) is { } constant)
            call.Set(ValueInfo.Of(constant));
    }

    private static long Given(NodeInference call) => Enumerable.Range(0, call.Count).Where(call.Has).Sum(i => call[i].Constant?.ElementCount ?? 0);

    private static Tensor? Compute(NodeInference call, ValueInfo output)
    {
        Tensor first = call[0].Constant!;
        switch (call.Op)
        {
            case "Identity":
                return first;
            case "Reshape" or "Squeeze" or "Unsqueeze" or "Flatten":
                return Tensor.FromContent(first.Type, output.Shape, first.Bytes);
            case "Transpose":
                long[] order = call.Integers("perm") ?? [.. Enumerable.Range(0, first.Shape.Rank).Select(axis => (long)(first.Shape.Rank - 1 - axis))];
                return Tensors.Transpose(first, [.. order.Select(axis => (int)axis)]);
            case "Concat":
                return Concat(call, output);
            case "Expand":
                return Broadcast(first, output.Shape);
            case "Cast":
                return ConvertTo(first, output.Type, output.Shape);
            case "Gather" when call[1].Constant is { Type: DataType.Int64 or DataType.Int32 } indices:
                return Gather(first, Tensors.ToLongs(indices), call.Axis(call.Integer("axis", 0), first.Shape.Rank), output.Shape);
            case "Neg" or "Abs" or "Sqrt" or "Reciprocal" or "Exp" or "Log" or "Floor" or "Ceil" or "Relu" or "Tanh" or "Sigmoid":
                return first.Type == DataType.Float ? Unary(call.Op, first) : null;
            case "Add" or "Sub" or "Mul" or "Div" or "Max" or "Min" or "Pow":
                return call.Count == 2 ? Binary(call.Op, first, call[1].Constant!, output) : null;
            default:
                return null;
        }
    }

    private static Tensor Concat(NodeInference call, ValueInfo output)
    {
        int axis = call.Axis(call.Integer("axis", 0), output.Rank);
        int size = output.Type.Size();
        long outer = 1;
        for (int i = 0; i < axis; i++)
            outer *= output.Shape[i];
        byte[] bytes = new byte[output.Shape.ElementCount * size];
        int at = 0;
        for (long row = 0; row < outer; row++)
        {
            for (int i = 0; i < call.Count; i++)
            {
                ReadOnlySpan<byte> part = call[i].Constant!.Bytes.Span;
                int run = (int)(part.Length / outer);
                part.Slice((int)(row * run), run).CopyTo(bytes.AsSpan(at));
                at += run;
            }
        }
        return Tensor.FromContent(output.Type, output.Shape, bytes);
    }

    private static Tensor? Gather(Tensor data, long[] indices, int axis, TensorShape shape)
    {
        long dimension = data.Shape[axis];
        long inner = data.Type.Size();
        for (int i = axis + 1; i < data.Shape.Rank; i++)
            inner *= data.Shape[i];
        long outer = data.Bytes.Length / Math.Max(1, inner * dimension);
        byte[] bytes = new byte[outer * indices.Length * inner];
        int at = 0;
        for (long row = 0; row < outer; row++)
        {
            foreach (long index in indices)
            {
                long from = index < 0 ? index + dimension : index;
                if ((ulong)from >= (ulong)dimension)
                    return null;
                data.Bytes.Span.Slice((int)(((row * dimension) + from) * inner), (int)inner).CopyTo(bytes.AsSpan(at));
                at += (int)inner;
            }
        }
        return Tensor.FromContent(data.Type, shape, bytes);
    }

    /// <summary>The tensor repeated along dimensions of 1 and new ones before them.</summary>
    public static Tensor? Broadcast(Tensor tensor, TensorShape shape)
    {
        if (tensor.Shape.Equals(shape))
            return tensor;
        int size = tensor.Type.Size();
        long[] strides = BroadcastStrides(tensor.Shape, shape);
        byte[] bytes = new byte[shape.ElementCount * size];
        ReadOnlySpan<byte> source = tensor.Bytes.Span;
        long[] index = new long[shape.Rank];
        long from = 0;
        for (int at = 0; at < bytes.Length; at += size)
        {
            source.Slice((int)from * size, size).CopyTo(bytes.AsSpan(at));
            from = Advance(index, shape, strides, from);
        }
        return Tensor.FromContent(tensor.Type, shape, bytes);
    }

    private static long[] BroadcastStrides(TensorShape shape, TensorShape target)
    {
        long[] own = Tensors.Strides(shape);
        long[] strides = new long[target.Rank];
        for (int i = 1; i <= shape.Rank; i++)
            strides[^i] = shape[shape.Rank - i] == 1 ? 0 : own[^i];
        return strides;
    }

    private static long Advance(long[] index, TensorShape shape, long[] strides, long from)
    {
        for (int i = index.Length - 1; i >= 0; i--)
        {
            from += strides[i];
            if (++index[i] < shape[i])
                return from;
            from -= strides[i] * shape[i];
            index[i] = 0;
        }
        return from;
    }

    private static Tensor? ConvertTo(Tensor tensor, DataType type, TensorShape shape)
    {
        if (tensor.Type == type)
            return tensor;
        if (Tensors.IsInteger(tensor.Type) || tensor.Type == DataType.Bool)
        {
            long[] values = Tensors.ToLongs(tensor);
            if (type == DataType.Float && tensor.Type != DataType.UInt64)
                return Tensor.Create<float>(type, shape, [.. values.Select(value => (float)value)]);
            return type is DataType.Int64 or DataType.Int32 && tensor.Type != DataType.UInt64 ? Tensors.Integers(type, shape, values) : null;
        }
        return tensor.Type == DataType.Half && type == DataType.Float ? Tensor.Create<float>(type, shape, tensor.ToSingles()) : null;
    }

    private static Tensor Unary(string op, Tensor tensor)
    {
        Func<float, float> function = op switch
        {
            "Neg" => value => -value,
            "Abs" => MathF.Abs,
            "Sqrt" => MathF.Sqrt,
            "Reciprocal" => value => 1 / value,
            "Exp" => MathF.Exp,
            "Log" => MathF.Log,
            "Floor" => MathF.Floor,
            "Ceil" => MathF.Ceiling,
            "Tanh" => MathF.Tanh,
            "Sigmoid" => value => 1 / (1 + MathF.Exp(-value)),
            _ => value => MathF.Max(value, 0),
        };
        return Tensor.Create<float>(DataType.Float, tensor.Shape, Array.ConvertAll(tensor.AsSpan<float>().ToArray(), value => function(value)));
    }

    private static Tensor? Binary(string op, Tensor left, Tensor right, ValueInfo output) => output.Type switch
    {
        DataType.Float when right.Type == DataType.Float => Binary<float>(op, left, right, output, MathF.Pow),
        DataType.Int64 when right.Type == DataType.Int64 => Binary<long>(op, left, right, output, power: null),
        DataType.Int32 when right.Type == DataType.Int32 => Binary<int>(op, left, right, output, power: null),
        _ => null,
    };

    private static Tensor? Binary<T>(string op, Tensor left, Tensor right, ValueInfo output, Func<T, T, T>? power)
        where T : unmanaged, INumber<T>
    {
        Func<T, T, T>? function = op switch
        {
            "Add" => (a, b) => a + b,
            "Sub" => (a, b) => a - b,
            "Mul" => (a, b) => a * b,
            "Max" => T.Max,
            "Min" => T.Min,
            "Pow" => power,
            _ => (a, b) => a / b,
        };
        bool dividesByZero = op == "Div" && power is null && right.AsSpan<T>().Contains(T.Zero);
        if (function is null || dividesByZero || Broadcast(left, output.Shape) is not { } a || Broadcast(right, output.Shape) is not { } b)
            return null;
        ReadOnlySpan<T> first = a.AsSpan<T>();
        ReadOnlySpan<T> second = b.AsSpan<T>();
        T[] values = new T[first.Length];
        for (int i = 0; i < values.Length; i++)
            values[i] = function(first[i], second[i]);
        return Tensor.Create<T>(output.Type, output.Shape, values);
    }
}
