using System.Numerics;
using TransformFramework.Execution;
using TransformFramework.Graphs;

namespace TransformFramework.Cpu.Kernels.Elementwise;

/// <summary>
/// Conversion of numbers as x86 does it: floats to integers are truncated to a wider integer of which the low bits count (what does not fit int32 or int64 gives the smallest
/// number), integers wrap around. <c>Truncate</c> drops the low bits of floats instead of rounding.
/// </summary>
[Kernel("Cast")]
internal sealed class Cast : IKernel
{
    public IReadOnlyList<TensorShape> InferShapes(ShapeInference node) => [node.Shapes[0]];

    public Tensor[] Compute(KernelCall call)
    {
        Tensor x = call.Inputs[0];
        DataType target = call.Node.Type("DstT");
        if (x.Type == target)
            return [x];
        if (target.IsComplex())
            return [ComplexValues.Write(target, x.Shape, x.Type.IsComplex() ? ComplexValues.Read(x) : Array.ConvertAll(RealValues.ToDoubles(x), value => new Complex(value, 0)))];
        bool truncates = call.Node.Bool("Truncate");
        return [x.Type switch
        {
            DataType.Bool or DataType.UInt8 or DataType.QUInt8 => FromInteger<byte>(x, target, truncates),
            DataType.Int8 or DataType.QInt8 => FromInteger<sbyte>(x, target, truncates),
            DataType.Int16 or DataType.QInt16 => FromInteger<short>(x, target, truncates),
            DataType.UInt16 or DataType.QUInt16 => FromInteger<ushort>(x, target, truncates),
            DataType.Int32 or DataType.QInt32 => FromInteger<int>(x, target, truncates),
            DataType.UInt32 => FromInteger<uint>(x, target, truncates),
            DataType.Int64 => FromInteger<long>(x, target, truncates),
            DataType.UInt64 => FromInteger<ulong>(x, target, truncates),
            DataType.Float or DataType.Double or DataType.Half or DataType.BFloat16 => FromFloating(x, target, truncates),
            DataType.Complex64 or DataType.Complex128 => FromFloating(Real(x), target, truncates),
            _ => throw Unsupported(x.Type, target),
        }];
    }

    private static Tensor Real(Tensor x)
    {
        double[] values = x.Type == DataType.Complex64
            ? [.. x.AsSpan<(float Real, float Imaginary)>().ToArray().Select(value => (double)value.Real)]
            : [.. x.AsSpan<Complex>().ToArray().Select(value => value.Real)];
        return Tensor.Create<double>(DataType.Double, x.Shape, values);
    }

    private static Tensor FromInteger<T>(Tensor x, DataType target, bool truncates)
        where T : unmanaged, IBinaryInteger<T>
    {
        ReadOnlySpan<T> values = x.AsSpan<T>();
        switch (target)
        {
            case DataType.Bool:
                return Store<T, bool>(x, target, value => value != T.Zero);
            case DataType.UInt8 or DataType.QUInt8:
                return Store<T, byte>(x, target, byte.CreateTruncating);
            case DataType.Int8 or DataType.QInt8:
                return Store<T, sbyte>(x, target, sbyte.CreateTruncating);
            case DataType.Int16 or DataType.QInt16:
                return Store<T, short>(x, target, short.CreateTruncating);
            case DataType.UInt16 or DataType.QUInt16:
                return Store<T, ushort>(x, target, ushort.CreateTruncating);
            case DataType.Int32 or DataType.QInt32:
                return Store<T, int>(x, target, int.CreateTruncating);
            case DataType.UInt32:
                return Store<T, uint>(x, target, uint.CreateTruncating);
            case DataType.Int64:
                return Store<T, long>(x, target, long.CreateTruncating);
            case DataType.UInt64:
                return Store<T, ulong>(x, target, ulong.CreateTruncating);
            case DataType.Float:
                return Store<T, float>(x, target, float.CreateTruncating);
            case DataType.Double:
                return Store<T, double>(x, target, double.CreateTruncating);
            default:
                double[] numbers = new double[values.Length];
                for (int i = 0; i < numbers.Length; i++)
                    numbers[i] = double.CreateTruncating(values[i]);
                return Narrow(x, numbers, target, truncates);
        }
    }

    private static Tensor FromFloating(Tensor x, DataType target, bool truncates)
    {
        Tensor wide = x.Type == DataType.Double ? x : Tensor.Create<double>(DataType.Double, x.Shape, Exact(x));
        return target switch
        {
            DataType.Bool => Store<double, bool>(wide, target, value => (x.Type == DataType.Float ? Denormals.Flush((float)value) : value) != 0),
            DataType.UInt8 or DataType.QUInt8 => Store<double, byte>(wide, target, value => (byte)Truncation.ToInt32(value)),
            DataType.Int8 or DataType.QInt8 => Store<double, sbyte>(wide, target, value => (sbyte)Truncation.ToInt32(value)),
            DataType.Int16 or DataType.QInt16 => Store<double, short>(wide, target, value => (short)Truncation.ToInt32(value)),
            DataType.UInt16 or DataType.QUInt16 => Store<double, ushort>(wide, target, value => (ushort)Truncation.ToInt32(value)),
            DataType.Int32 or DataType.QInt32 => Store<double, int>(wide, target, Truncation.ToInt32),
            DataType.UInt32 => Store<double, uint>(wide, target, value => (uint)Truncation.ToInt64(value)),
            DataType.Int64 => Store<double, long>(wide, target, Truncation.ToInt64),
            DataType.UInt64 => Store<double, ulong>(wide, target, value => value < 9223372036854775808.0 ? (ulong)Truncation.ToInt64(value) : (ulong)Truncation.ToInt64(value - 9223372036854775808.0) ^ (1UL << 63)),
            _ => Narrow(x, wide.AsSpan<double>(), target, truncates),
        };
    }

    private static double[] Exact(Tensor x) => x.Type switch
    {
        DataType.Float => [.. x.AsSpan<float>().ToArray().Select(value => (double)value)],
        DataType.Half => [.. x.AsSpan<Half>().ToArray().Select(value => (double)value)],
        _ => [.. x.ToSingles().Select(value => (double)value)],
    };

    private static Tensor Narrow(Tensor x, ReadOnlySpan<double> values, DataType target, bool truncates)
    {
        switch (target)
        {
            case DataType.Float:
                return Store(x, values, target, value => truncates ? Truncated((float)value, value) : (float)value);
            case DataType.Double:
                return Store(x, values, target, value => value);
            case DataType.Half:
                return Store(x, values, target, value => (Half)(truncates ? TruncatedToHalf((float)value) : (float)value));
            case DataType.BFloat16:
                return Store(x, values, target, value => truncates ? (ushort)(BitConverter.SingleToUInt32Bits((float)value) >> 16) : BFloat16.FromFloat((float)value));
            case DataType.Complex64:
                return Store(x, values, target, value => ((float)value, 0f));
            case DataType.Complex128:
                return Store(x, values, target, value => new Complex(value, 0));
            default:
                throw Unsupported(x.Type, target);
        }
    }

    private static float Truncated(float rounded, double value) => Math.Abs(rounded) > Math.Abs(value) ? (rounded > 0 ? MathF.BitDecrement(rounded) : MathF.BitIncrement(rounded)) : rounded;

    private static float TruncatedToHalf(float value) => float.IsFinite(value) ? BitConverter.UInt32BitsToSingle(BitConverter.SingleToUInt32Bits(value) & ~0x1fffu) : value;

    private static Tensor Store<TIn, TOut>(Tensor x, DataType target, Func<TIn, TOut> convert)
        where TIn : unmanaged
        where TOut : unmanaged => Elements.Map(x, target, convert);

    private static Tensor Store<T>(Tensor x, ReadOnlySpan<double> values, DataType target, Func<double, T> convert)
        where T : unmanaged
    {
        Tensor result = Tensor.Allocate<T>(target, x.Shape, out var elements);
        for (int i = 0; i < elements.Length; i++)
            elements[i] = convert(values[i]);
        return result;
    }

    private static ExecutionException Unsupported(DataType from, DataType to) => Refuse.Unimplemented($"Cast {from.Name()} to {to.Name()} is not supported");
}
