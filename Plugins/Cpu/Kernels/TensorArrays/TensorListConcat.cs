using TransformFramework.Cpu.Kernels.Movement;
using TransformFramework.Execution;
using TransformFramework.Graphs;
using TransformFramework.Toolkit.Graphs;

namespace TransformFramework.Cpu.Kernels.TensorArrays;

/// <summary>
/// Joins the elements of a list along their first dimension; the second output is their lengths. Elements never written are zeros, of the length that the shape of the elements says or, in V2, the
/// input leading_dims.
/// </summary>
[Kernel("TensorListConcat", "TensorListConcatV2")]
internal sealed class TensorListConcat : IKernel
{
    public IReadOnlyList<TensorShape> InferShapes(ShapeInference node) => [TensorShape.Unknown, TensorShape.Of(-1)];

    public Tensor[] Compute(KernelCall call)
    {
        var list = TensorList.Of(call);
        bool hasInputs = call.Inputs.Count > 1;
        DataType type = call.Node.Type("element_dtype");
        if (type != list.Type)
            throw Refuse.Invalid($"Invalid data types; list elements {list.Type.Name()} but tried to concat {type.Name()}");
        TensorShape given = Merge(hasInputs ? TensorList.ShapeOf(call.Inputs[1]) : call.Node.Shape("element_shape"), list.ElementShape);
        long[] leading = hasInputs ? Integers.Read(call.Inputs[2]) : [];
        TensorShape rest = list.Elements.OfType<Tensor>().Select(element => Rest(element.Shape)).Aggregate(Rest(given), Merge);
        if (!rest.IsFullyKnown)
            throw Refuse.Invalid($"All except the first dimension must be fully defined when concating a list without elements. element_shape: {given}");
        var elements = list.Elements.Select((element, i) => element ?? Zeros(type, given, rest, leading, i)).ToList();
        long[] lengths = [.. elements.Select(element => element.Shape[0])];
        if (given.Rank > 0 && given[0] >= 0 && Array.Exists(lengths, length => length != given[0]))
            throw Refuse.Invalid($"Elements have lengths {string.Join(", ", lengths)} where the shape of the elements is {given}");
        TensorShape shape = TensorShape.Of(rest.Dimensions.Insert(0, lengths.Sum()));
        Tensor joined = elements.Count == 0 ? TensorBuilder.Of(type, shape).Build() : Concat.Join(elements, shape, 0);
        return [joined, Integers.Write(DataType.Int64, TensorShape.Of(lengths.Length), lengths)];
    }

    private static Tensor Zeros(DataType type, TensorShape given, TensorShape rest, long[] leading, int index)
    {
        long length = given.Rank > 0 && given[0] >= 0 ? given[0] : index < leading.Length ? leading[index] : -1;
        return length >= 0
            ? TensorBuilder.Of(type, TensorShape.Of(rest.Dimensions.Insert(0, length))).Build()
            : throw Refuse.Invalid($"List contains uninitialized tensor at index {index} but leading_dims has only {leading.Length} elements.");
    }

    private static TensorShape Rest(TensorShape element)
    {
        if (element.IsUnknownRank)
            return element;
        return element.Rank > 0 ? element.WithoutAxis(0) : throw Refuse.Invalid("Concat requires elements to be at least vectors, found scalars instead.");
    }

    private static TensorShape Merge(TensorShape first, TensorShape second) =>
        first.Merge(second) ?? throw Refuse.Invalid($"Tried to concat tensors with incompatible shapes: {first} and {second}");
}
