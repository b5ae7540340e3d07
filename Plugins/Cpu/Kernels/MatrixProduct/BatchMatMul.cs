using System.Numerics;
using TransformFramework.Execution;
using TransformFramework.Graphs;

namespace TransformFramework.Cpu.Kernels.MatrixProduct;

/// <summary>Products of the matrices in the last two dimensions; V2 broadcasts the dimensions before, the first form wants them equal, V3 converts its inputs to the type of the result first.</summary>
[Kernel("BatchMatMul", "BatchMatMulV2", "BatchMatMulV3")]
internal sealed class BatchMatMul : IKernel
{
    public IReadOnlyList<TensorShape> InferShapes(ShapeInference node)
    {
        if (!node.Shapes[0].IsFullyKnown || !node.Shapes[1].IsFullyKnown)
            return [TensorShape.Unknown];
        return [Geometry.Of(node.Node, node.Shapes[0], node.Shapes[1]).Result];
    }

    public Tensor[] Compute(KernelCall call)
    {
        Tensor x = Operand(call, 0);
        Tensor y = Operand(call, 1);
        var geometry = Geometry.Of(call.Node, x.Shape, y.Shape);
        return [x.Type switch
        {
            DataType.Int16 => Integers<short>(x, y, geometry),
            DataType.Int32 => Integers<int>(x, y, geometry),
            DataType.Int64 => Integers<long>(x, y, geometry),
            _ => Floating(x, y, geometry),
        }];
    }

    private static Tensor Operand(KernelCall call, int input)
    {
        Tensor given = call.Inputs[input];
        DataType type = call.Node.Op == "BatchMatMulV3" ? call.Node.Type("Tout") : given.Type;
        return given.Type == type ? given : RealValues.FromDoubles(type, given.Shape, RealValues.ToDoubles(given));
    }

    private static Tensor Integers<T>(Tensor x, Tensor y, Geometry geometry)
        where T : unmanaged, INumber<T>
    {
        Tensor result = Tensor.Allocate<T>(x.Type, geometry.Result, out var z);
        geometry.Multiply(x.AsSpan<T>(), y.AsSpan<T>(), z);
        return result;
    }

    private static Tensor Floating(Tensor x, Tensor y, Geometry geometry)
    {
        double[] z = new double[checked((int)geometry.Result.ElementCount)];
        geometry.Multiply<double>(Floats.ToDoubles(x), Floats.ToDoubles(y), z);
        return Floats.FromDoubles(x.Type, geometry.Result, z);
    }

    private sealed record Geometry(TensorShape Result, Broadcast Batch, int Rows, int Inner, int Columns, bool TransposesX, bool TransposesY)
    {
        public static Geometry Of(Node node, TensorShape x, TensorShape y)
        {
            if (x.Rank < 2 || y.Rank < 2)
                throw Refuse.Invalid($"In[0] and In[1] must have ndims >= 2: {Math.Min(x.Rank, y.Rank)}");
            TensorShape batchX = TensorShape.Of(x.Dimensions.AsSpan()[..^2]);
            TensorShape batchY = TensorShape.Of(y.Dimensions.AsSpan()[..^2]);
            if (node.Op == "BatchMatMul" && !batchX.Equals(batchY))
                throw Refuse.Invalid($"In[0] and In[1] must have compatible batch dimensions: {x} vs. {y}");
            bool transposesX = node.Bool("adj_x");
            bool transposesY = node.Bool("adj_y");
            long rows = x[x.Rank - (transposesX ? 1 : 2)];
            long inner = x[x.Rank - (transposesX ? 2 : 1)];
            long innerY = y[y.Rank - (transposesY ? 1 : 2)];
            long columns = y[y.Rank - (transposesY ? 2 : 1)];
            if (inner != innerY)
                throw Refuse.Invalid($"Matrix size-incompatible: In[0]: {x}, In[1]: {y}");
            var batch = Broadcast.Of(batchX, batchY);
            return new(TensorShape.Of([.. batch.Shape.Dimensions.AsSpan(), rows, columns]), batch, (int)rows, (int)inner, (int)columns, transposesX, transposesY);
        }

        public void Multiply<T>(ReadOnlySpan<T> x, ReadOnlySpan<T> y, Span<T> z)
            where T : unmanaged, INumber<T>
        {
            IndexPairs pair = Batch.Pairs;
            int size = Rows * Columns;
            for (int i = 0; i < (size == 0 ? 0 : z.Length / size); i++, pair.Next())
            {
                ReadOnlySpan<T> a = x.Slice(pair.Left * Rows * Inner, Rows * Inner);
                ReadOnlySpan<T> b = y.Slice(pair.Right * Inner * Columns, Inner * Columns);
                if (TransposesX)
                    a = ReferenceGemm.Transpose(a, Inner, Rows);
                if (TransposesY)
                    b = ReferenceGemm.Transpose(b, Columns, Inner);
                ReferenceGemm.Add(a, b, z.Slice(i * size, size), Rows, Inner, Columns);
            }
        }
    }
}
