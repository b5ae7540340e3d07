using System.Numerics;
using TransformFramework.Cpu.Kernels.Movement;
using TransformFramework.Execution;
using TransformFramework.Graphs;

namespace TransformFramework.Cpu.Kernels.Gathering;

/// <summary>The k largest elements of each row and their places: largest first, of equal ones the first first; unsorted, in the real kernel's heap order.</summary>
[Kernel("TopK", "TopKV2")]
internal sealed class TopK : IKernel
{
    public IReadOnlyList<TensorShape> InferShapes(ShapeInference node)
    {
        TensorShape input = node.Shapes[0];
        if (!input.IsFullyKnown || (node.Node.Op == "TopKV2" && node.Constants[1] is null))
            return [TensorShape.Unknown, TensorShape.Unknown];
        TensorShape shape = Target(input, node.Node.Op == "TopK" ? node.Node.Int("k") : Integers.Scalar(node.Constants[1]!, "k"));
        return [shape, shape];
    }

    public Tensor[] Compute(KernelCall call)
    {
        Tensor input = call.Inputs[0];
        if (call.Node.Op == "TopKV2" && call.Inputs[1].Shape.Rank != 0)
            throw Refuse.Invalid($"k must be scalar, got shape {call.Inputs[1].Shape}");
        TensorShape shape = Target(input.Shape, call.Node.Op == "TopK" ? call.Node.Int("k") : Integers.Scalar(call.Inputs[1], "k"));
        bool isSorted = call.Node.Bool("sorted");
        Tensor[] found = Found(input, shape, isSorted);
        int[] places = found[1].AsSpan<int>().ToArray();
        return (call.Node.TypeAttribute("index_type") ?? DataType.Int32) switch
        {
            DataType.Int32 => found,
            DataType.Int64 => [found[0], Tensor.Create<long>(DataType.Int64, shape, [.. places.Select(place => (long)place)])],
            DataType.Int16 => [found[0], Tensor.Create<short>(DataType.Int16, shape, [.. places.Select(place => (short)place)])],
            var other => throw Refuse.Type(other, "int16, int32 and int64"),
        };
    }

    private static Tensor[] Found(Tensor input, TensorShape shape, bool isSorted)
    {
        return input.Type switch
        {
            DataType.Float => Select<float>(input, shape, isSorted),
            DataType.Double => Select<double>(input, shape, isSorted),
            DataType.Half => Select<Half>(input, shape, isSorted),
            DataType.Int32 => Select<int>(input, shape, isSorted),
            DataType.Int64 => Select<long>(input, shape, isSorted),
            DataType.UInt8 => Select<byte>(input, shape, isSorted),
            DataType.Int8 => Select<sbyte>(input, shape, isSorted),
            DataType.Int16 => Select<short>(input, shape, isSorted),
            DataType.UInt16 => Select<ushort>(input, shape, isSorted),
            DataType.UInt32 => Select<uint>(input, shape, isSorted),
            DataType.UInt64 => Select<ulong>(input, shape, isSorted),
            DataType.BFloat16 => SelectBrain(input, shape, isSorted),
            _ => throw Refuse.Type(input.Type, "the real number types"),
        };
    }

    private static TensorShape Target(TensorShape input, long k)
    {
        if (k < 0)
            throw Refuse.Invalid($"Need k >= 0, got {k}");
        if (input.Rank < 1)
            throw Refuse.Invalid($"input must be >= 1-D, got shape {input}");
        if (input[input.Rank - 1] < k)
            throw Refuse.Invalid($"input must have at least k columns. Had {input[input.Rank - 1]}, needed {k}");
        return TensorShape.Of(input.Dimensions.SetItem(input.Rank - 1, k));
    }

    private static Tensor[] SelectBrain(Tensor input, TensorShape shape, bool isSorted)
    {
        Tensor[] wide = Select<double>(Tensor.Create<double>(DataType.Double, input.Shape, RealValues.ToDoubles(input)), shape, isSorted);
        return [RealValues.FromDoubles(input.Type, shape, wide[0].AsSpan<double>()), wide[1]];
    }

    private static Tensor[] Select<T>(Tensor input, TensorShape shape, bool isSorted)
        where T : unmanaged, INumber<T>
    {
        int columns = (int)input.Shape[input.Shape.Rank - 1];
        int k = (int)shape[shape.Rank - 1];
        int rows = (int)Tensors.Product(shape.Dimensions.AsSpan()[..^1]);
        Tensor values = Tensor.Allocate<T>(input.Type, shape, out var largest);
        Tensor places = Tensor.Allocate<int>(DataType.Int32, shape, out var indices);
        for (int row = 0; row < rows && k > 0; row++)
        {
            T[] candidates = input.AsSpan<T>().Slice(row * columns, columns).ToArray();
            int[] order = Best(candidates, k, isSorted);
            for (int i = 0; i < k; i++)
            {
                largest[(row * k) + i] = candidates[order[i]];
                indices[(row * k) + i] = order[i];
            }
        }
        return [values, places];
    }

    private static int[] Best<T>(T[] candidates, int k, bool isSorted)
        where T : INumber<T>
    {
        int Order(int a, int b) => candidates[a] > candidates[b] ? -1 : candidates[a] < candidates[b] ? 1 : a.CompareTo(b);
        var best = new BestFew(k, Order);
        for (int i = 0; i < candidates.Length; i++)
            best.Add(i);
        int[] order = best.Kept.ToArray();
        if (isSorted || k == candidates.Length)
            Array.Sort(order, Order);
        return order;
    }
}
