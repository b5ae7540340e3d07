using TransformFramework.Cpu.Kernels.Gathering;
using TransformFramework.Cpu.Kernels.Movement;
using TransformFramework.Graphs;

namespace TransformFramework.Cpu.Kernels.Sparse;

/// <summary>A sparse tensor out of three inputs: index vectors [n, rank], values [n], shape [rank].</summary>
/// <param name="Vectors">The index vectors, one after the other.</param>
/// <param name="Values">The values.</param>
/// <param name="Shape">The dense shape.</param>
internal sealed record SparseTensor(long[] Vectors, Tensor Values, TensorShape Shape)
{
    public int Count => (int)Values.ElementCount;

    public int Rank => Shape.Rank;

    public static SparseTensor Of(Tensor indices, Tensor values, Tensor shape)
    {
        TensorShape dense = Tensors.ShapeOf(Integers.Read(shape));
        bool fits = indices.Shape.Rank == 2 && values.Shape.Rank == 1 && shape.Shape.Rank == 1 && indices.Shape[0] == values.ElementCount && indices.Shape[1] == dense.Rank;
        if (!fits)
            throw Refuse.Invalid($"indices {indices.Shape}, values {values.Shape} and shape {shape.Shape} do not make a sparse tensor");
        var tensor = new SparseTensor(Integers.Read(indices), values, dense);
        for (int i = 0; i < tensor.Count; i++)
        {
            if (IndexVectors.Place(tensor.Vector(i), dense) < 0)
                throw Refuse.Invalid($"indices[{i}] = [{string.Join(',', tensor.Vector(i).ToArray())}] is out of bounds: need 0 <= index < {dense}");
        }
        return tensor;
    }

    public ReadOnlySpan<long> Vector(int i) => Vectors.AsSpan(i * Rank, Rank);

    /// <summary>The three outputs of a sparse tensor.</summary>
    public static Tensor[] Outputs(List<long> vectors, Tensor values, ReadOnlySpan<long> shape) =>
    [
        Integers.Write(DataType.Int64, TensorShape.Of(values.ElementCount, shape.Length), [.. vectors]), values, Integers.Write(DataType.Int64, TensorShape.Of(shape.Length), shape),
    ];
}
