using System.Numerics;
using TransformFramework.Cpu.Kernels.Movement;
using TransformFramework.Graphs;

namespace TransformFramework.Cpu.Kernels.Gathering;

/// <summary>How a slice is combined with what is at its place.</summary>
internal enum ScatterFunction
{
    Update,
    Add,
    Sub,
    Mul,
    Div,
    Min,
    Max,
}

/// <summary>Writes slices to numbered places of a tensor, one after the other.</summary>
internal static class Scatter
{
    /// <param name="target">The tensor to change; it stays as it is, the result is a copy.</param>
    /// <param name="places">Slice numbers.</param>
    /// <param name="run">Elements of a slice.</param>
    /// <param name="updates">One slice for each place, or a single element for all.</param>
    /// <param name="function">How to combine.</param>
    public static Tensor Into(Tensor target, ReadOnlySpan<int> places, int run, Tensor updates, ScatterFunction function)
    {
        if (updates.Type != target.Type)
            throw Refuse.Invalid($"updates of type {updates.Type.Name()} for a tensor of type {target.Type.Name()}");
        if (function == ScatterFunction.Update || target.Type is DataType.Bool or DataType.String)
            return Overwrite(target, places, run, updates);
        switch (target.Type)
        {
            case DataType.Float:
                return Combine<float>(target, places, run, updates, function);
            case DataType.Double:
                return Combine<double>(target, places, run, updates, function);
            case DataType.Half:
                return Combine<Half>(target, places, run, updates, function);
            case DataType.Int32 or DataType.QInt32:
                return Combine<int>(target, places, run, updates, function);
            case DataType.Int64:
                return Combine<long>(target, places, run, updates, function);
            case DataType.UInt32:
                return Combine<uint>(target, places, run, updates, function);
            case DataType.UInt64:
                return Combine<ulong>(target, places, run, updates, function);
            case DataType.Int16 or DataType.QInt16:
                return Combine<short>(target, places, run, updates, function);
            case DataType.UInt16 or DataType.QUInt16:
                return Combine<ushort>(target, places, run, updates, function);
            case DataType.Int8 or DataType.QInt8:
                return Combine<sbyte>(target, places, run, updates, function);
            case DataType.UInt8 or DataType.QUInt8:
                return Combine<byte>(target, places, run, updates, function);
            default:
                throw Refuse.Type(target.Type, "the real number types except bfloat16");
        }
    }

    private static Tensor Overwrite(Tensor target, ReadOnlySpan<int> places, int run, Tensor updates)
    {
        TensorBuilder result = TensorBuilder.Of(target.Type, target.Shape);
        int count = (int)target.ElementCount;
        if (count > 0)
            result.Copy(target, 0, 0, count);
        bool isSingle = updates.Shape.Rank == 0;
        for (int i = 0; i < places.Length; i++)
        {
            for (int j = 0; isSingle && j < run; j++)
                result.Copy(updates, 0, (places[i] * run) + j, 1);
            if (!isSingle && run > 0)
                result.Copy(updates, i * run, places[i] * run, run);
        }
        return result.Build();
    }

    private static Tensor Combine<T>(Tensor target, ReadOnlySpan<int> places, int run, Tensor updates, ScatterFunction function)
        where T : unmanaged, INumber<T>
    {
        Tensor result = Tensor.Allocate<T>(target.Type, target.Shape, out var values);
        target.AsSpan<T>().CopyTo(values);
        ReadOnlySpan<T> given = updates.AsSpan<T>();
        bool isSingle = updates.Shape.Rank == 0;
        for (int i = 0; i < places.Length; i++)
        {
            for (int j = 0; j < run; j++)
            {
                ref T value = ref values[(places[i] * run) + j];
                value = Combine(value, given[isSingle ? 0 : (i * run) + j], function);
            }
        }
        return result;
    }

    private static T Combine<T>(T value, T update, ScatterFunction function)
        where T : INumber<T> => function switch
        {
            ScatterFunction.Add => value + update,
            ScatterFunction.Sub => value - update,
            ScatterFunction.Mul => value * update,
            ScatterFunction.Div when update == T.Zero && typeof(T) != typeof(float) && typeof(T) != typeof(double) && typeof(T) != typeof(Half) =>
                throw Refuse.Invalid("Integer division by zero"),
            ScatterFunction.Div => value / update,
            ScatterFunction.Min => update < value ? update : value,
            ScatterFunction.Max => update > value ? update : value,
            _ => update,
        };
}
