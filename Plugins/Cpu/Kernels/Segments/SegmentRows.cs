using System.Numerics;
using TransformFramework.Cpu.Kernels.Movement;
using TransformFramework.Graphs;

namespace TransformFramework.Cpu.Kernels.Segments;

/// <summary>Rows of a tensor gathered by segment number.</summary>
/// <param name="Data">The rows, one after the other.</param>
/// <param name="Rows">Number of the row for each entry.</param>
/// <param name="Segments">Number of the segment for each entry; negative ones are left out.</param>
/// <param name="Run">Elements of a row.</param>
/// <param name="Shape">Shape of the result: segments, then the dimensions of a row.</param>
internal readonly record struct SegmentRows(Tensor Data, ReadOnlyMemory<long> Rows, ReadOnlyMemory<long> Segments, int Run, TensorShape Shape)
{
    /// <summary>Reduces; <paramref name="ofEmpty"/> gives the value of a segment without rows from its type's extremes.</summary>
    public Tensor Reduce(SegmentFunction function, EmptySegment ofEmpty)
    {
        switch (Data.Type)
        {
            case DataType.Int32 or DataType.QInt32:
                return Reduce<int>(function, ofEmpty);
            case DataType.Int64:
                return Reduce<long>(function, ofEmpty);
            case DataType.UInt32:
                return Reduce<uint>(function, ofEmpty);
            case DataType.UInt64:
                return Reduce<ulong>(function, ofEmpty);
            case DataType.Int16:
                return Reduce<short>(function, ofEmpty);
            case DataType.UInt16:
                return Reduce<ushort>(function, ofEmpty);
            case DataType.Int8 or DataType.QInt8:
                return Reduce<sbyte>(function, ofEmpty);
            case DataType.UInt8 or DataType.QUInt8:
                return Reduce<byte>(function, ofEmpty);
            default:
                double[] results = new double[Shape.ElementCount];
                double lowest = RealValues.Lowest(Data.Type);
                Reduce(Floats.ToDoubles(Data), results, function, Empty(function, ofEmpty, lowest, -lowest));
                return Floats.FromDoubles(Data.Type, Shape, results);
        }
    }

    private static T Empty<T>(SegmentFunction function, EmptySegment ofEmpty, T lowest, T highest)
        where T : INumber<T> => function switch
        {
            SegmentFunction.Prod => T.One,
            SegmentFunction.Max when ofEmpty == EmptySegment.MinMaxTile => lowest,
            SegmentFunction.Min when ofEmpty == EmptySegment.MinMaxTile => highest,
            _ => T.Zero,
        };

    private Tensor Reduce<T>(SegmentFunction function, EmptySegment ofEmpty)
        where T : unmanaged, INumber<T>, IMinMaxValue<T>
    {
        Tensor result = Tensor.Allocate<T>(Data.Type, Shape, out var results);
        Reduce(Data.AsSpan<T>(), results, function, Empty(function, ofEmpty, T.MinValue, T.MaxValue));
        return result;
    }

    private void Reduce<T>(ReadOnlySpan<T> values, Span<T> results, SegmentFunction function, T empty)
        where T : INumber<T>
    {
        int segments = Run == 0 ? 0 : results.Length / Run;
        int[] counts = new int[segments];
        results.Fill(empty);
        for (int i = 0; i < Segments.Length; i++)
        {
            long segment = Segments.Span[i];
            if (segment < 0 || Run == 0)
                continue;
            var row = values.Slice((int)Rows.Span[i] * Run, Run);
            var gathered = results.Slice((int)segment * Run, Run);
            if (counts[segment]++ == 0)
            {
                row.CopyTo(gathered);
                continue;
            }
            for (int j = 0; j < Run; j++)
                gathered[j] = function.Add(gathered[j], row[j]);
        }
        for (int i = 0; i < results.Length; i++)
        {
            if (counts[i / Run] > 0)
                results[i] = function.Finish(results[i], counts[i / Run]);
        }
    }
}

/// <summary>What represents the minimum and the maximum of a segment without rows.</summary>
internal enum EmptySegment
{
    Zero,
    MinMaxTile,
}
