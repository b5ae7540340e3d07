using System.Collections.Immutable;
using System.Text;
using TransformFramework.Cpu.Kernels.Movement;
using TransformFramework.Diagnostics;
using TransformFramework.Execution;
using TransformFramework.Graphs;

namespace TransformFramework.Cpu.Kernels.TensorArrays;

/// <summary>A list of tensors as a value: a change makes a list of its own. Its variant tensor is the handle under which the run keeps it.</summary>
internal sealed record TensorList(DataType Type, TensorShape ElementShape, ImmutableList<Tensor?> Elements)
{
    public static TensorList Of(KernelCall call) =>
        call.State.Find<TensorList>(Resources.Handle.Name(call.Inputs[0])) ?? throw new ExecutionException(StatusKind.InvalidArgument, "Input handle is not a list.");

    /// <summary>The shape that an input says; a scalar -1 says nothing.</summary>
    public static TensorShape ShapeOf(Tensor input)
    {
        long[] dimensions = Integers.Read(input);
        return input.Shape.Rank == 0 ? TensorShape.Unknown : TensorShape.Of(dimensions);
    }

    public Tensor Handle(RunState state)
    {
        string handle = state.NewHandle("TensorList");
        state.Set(handle, this);
        return Tensor.FromStrings(TensorShape.Scalar, [Encoding.UTF8.GetBytes(handle)]);
    }

    public Tensor Item(long index, TensorShape hint)
    {
        if (index < 0 || index >= Elements.Count)
            throw Refuse.Invalid($"Trying to access element {index} in a list with {Elements.Count} elements.");
        if (Elements[(int)index] is { } element)
            return element;
        TensorShape shape = Narrow(hint);
        return shape.IsFullyKnown
            ? TensorBuilder.Of(Type, shape).Build()
            : throw Refuse.Invalid($"Trying to read an uninitialized tensor but element_shape is not fully defined: {shape}");
    }

    /// <summary>The shape of the elements as far as the list, a hint and the written elements tell.</summary>
    public TensorShape Narrow(TensorShape hint)
    {
        TensorShape shape = hint;
        foreach (TensorShape other in Elements.Where(element => element is not null).Select(element => element!.Shape).Prepend(ElementShape))
        {
            if (shape.IsUnknownRank)
                shape = other;
            else if (!other.IsUnknownRank && other.Rank == shape.Rank)
                shape = TensorShape.Of(shape.Dimensions.Select((dimension, i) => dimension < 0 ? other[i] : dimension).ToArray());
        }
        return shape;
    }

    /// <summary>Elements as the rows of one tensor; those never written are zeros.</summary>
    public Tensor Stack(IEnumerable<long> indices, TensorShape hint)
    {
        Tensor[] rows = [.. indices.Select(index => Item(index, hint))];
        if (rows.Length == 0)
        {
            TensorShape shape = Narrow(hint);
            return shape.IsFullyKnown
                ? TensorBuilder.Of(Type, TensorShape.Of(shape.Dimensions.Insert(0, 0))).Build()
                : throw Refuse.Invalid($"Tried to stack elements of an empty list with non-fully-defined element_shape: {shape}");
        }
        return Array.TrueForAll(rows, row => row.Shape.Equals(rows[0].Shape))
            ? TensorStack.Of(rows)
            : throw Refuse.Invalid("Tried to stack list elements of different shapes");
    }
}
