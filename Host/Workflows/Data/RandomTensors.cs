using System.Runtime.InteropServices;
using TransformFramework.Graphs;

namespace TransformFramework.Workflows.Data;

/// <summary>Random inputs: floats uniform in [-1, 1), 8-bit integers over their whole range, other integers in [0, 10), truth values.</summary>
public static class RandomTensors
{
    private const long MostElements = 1 << 28;

    /// <summary>A tensor of random elements; an unknown dimension counts as 1.</summary>
    /// <exception cref="FeedException">The type has no random elements.</exception>
    public static Tensor Create(DataType type, TensorShape shape, int seed)
    {
        var random = new Random(seed);
        TensorShape known = Known(shape);
        if (!known.TryCount(out long count) || count > MostElements)
            throw new FeedException($"an input of shape {shape} has too many elements to be filled") { Suggestion = "random:1?shape=1x224x224x3 gives another shape where a dimension is unknown." };
        switch (type)
        {
            case DataType.Float:
                return Fill<float>(() => (random.NextSingle() * 2) - 1);
            case DataType.Double:
                return Fill<double>(() => (random.NextDouble() * 2) - 1);
            case DataType.Half:
                return Fill<Half>(() => (Half)((random.NextSingle() * 2) - 1));
            case DataType.UInt8 or DataType.QUInt8 or DataType.Int8 or DataType.QInt8:
                return Fill<byte>(() => (byte)random.Next(256));
            case DataType.Bool:
                return Fill<bool>(() => random.Next(2) == 1);
            case DataType.Int16 or DataType.UInt16:
                return Fill<short>(() => (short)random.Next(10));
            case DataType.Int32 or DataType.UInt32:
                return Fill<int>(() => random.Next(10));
            case DataType.Int64 or DataType.UInt64:
                return Fill<long>(() => random.Next(10));
            default:
                throw new FeedException($"there are no random elements of type {type.Name()}");
        }

        Tensor Fill<T>(Func<T> next)
            where T : unmanaged
        {
            Tensor tensor = Tensor.Allocate<T>(type, known, out var elements);
            foreach (ref T element in elements)
                element = next();
            return tensor;
        }
    }

    /// <summary>A shape whose unknown dimensions are 1.</summary>
    internal static TensorShape Known(TensorShape shape) => TensorShape.Of(shape.Dimensions.Select(dimension => dimension < 0 ? 1 : dimension).ToArray());
}
