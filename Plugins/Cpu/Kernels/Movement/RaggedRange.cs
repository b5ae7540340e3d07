using System.Numerics;
using TransformFramework.Execution;
using TransformFramework.Graphs;

namespace TransformFramework.Cpu.Kernels.Movement;

/// <summary>Ranges one after the other, and where each begins; scalars count for all ranges.</summary>
[Kernel("RaggedRange")]
internal sealed class RaggedRange : IKernel
{
    public IReadOnlyList<TensorShape> InferShapes(ShapeInference node) => [TensorShape.Of(-1), TensorShape.Of(-1)];

    public Tensor[] Compute(KernelCall call) => call.Inputs[0].Type switch
    {
        DataType.Int32 => Ranges<int>(call),
        DataType.Int64 => Ranges<long>(call),
        DataType.Float => Ranges<float>(call),
        DataType.Double => Ranges<double>(call),
        _ => throw Refuse.Type(call.Inputs[0].Type, "int32, int64, float and double"),
    };

    private static Tensor[] Ranges<T>(KernelCall call)
        where T : unmanaged, INumber<T>
    {
        long[] counts = [.. call.Inputs.Where(input => input.Shape.Rank == 1).Select(input => input.ElementCount).Distinct()];
        if (call.Inputs.Any(input => input.Shape.Rank > 1))
            throw Refuse.Invalid("starts, limits, and deltas must be scalars or vectors");
        if (counts.Length > 1)
            throw Refuse.Invalid("starts, limits, and deltas must have the same shape");
        int rows = counts.Length == 0 ? 1 : (int)counts[0];
        long[] splits = new long[rows + 1];
        var values = new List<T>();
        for (int row = 0; row < rows; row++)
        {
            T value = At<T>(call.Inputs[0], row);
            T limit = At<T>(call.Inputs[1], row);
            T delta = At<T>(call.Inputs[2], row);
            if (delta == T.Zero)
                throw Refuse.Invalid("Requires delta != 0");
            for (long left = Count(value, limit, delta); left > 0; left--, value += delta)
                values.Add(value);
            splits[row + 1] = values.Count;
        }
        return [Integers.Write(call.Node.Type("Tsplits"), TensorShape.Of(rows + 1), splits), Tensor.Create<T>(call.Inputs[0].Type, TensorShape.Of(values.Count), values.ToArray())];
    }

    private static long Count<T>(T start, T limit, T delta)
        where T : unmanaged, INumber<T>
    {
        if (delta > T.Zero ? start >= limit : start <= limit)
            return 0;
        if (typeof(T) == typeof(float) || typeof(T) == typeof(double))
            return (long)Math.Ceiling(double.CreateChecked(T.Abs((limit - start) / delta)));
        T distance = T.Abs(limit - start);
        T step = T.Abs(delta);
        return long.CreateChecked((distance + step - T.One) / step);
    }

    private static T At<T>(Tensor tensor, int row)
        where T : unmanaged => tensor.AsSpan<T>()[tensor.Shape.Rank == 0 ? 0 : row];
}
