using System.Numerics;
using TransformFramework.Cpu.Kernels.Elementwise;
using TransformFramework.Cpu.Kernels.Movement;
using TransformFramework.Execution;
using TransformFramework.Graphs;

namespace TransformFramework.Cpu.Kernels.Reductions;

/// <summary>How elements are gathered into one.</summary>
internal interface IReduction
{
    /// <summary>True for a plain sum, which floats take in float and in the order of TensorFlow's vectorized code.</summary>
    static virtual bool IsSum => false;

    static abstract T Start<T>(DataType type)
        where T : struct, INumber<T>;

    static abstract T Add<T>(T gathered, T next)
        where T : struct, INumber<T>;

    static abstract T Finish<T>(T gathered, long count)
        where T : struct, INumber<T>;
}

/// <summary>Gathers a tensor along some axes; floating-point types are gathered in double and rounded once, but for sums of floats.</summary>
internal abstract class ReductionKernel<TReduction> : IKernel
    where TReduction : struct, IReduction
{
    public IReadOnlyList<TensorShape> InferShapes(ShapeInference node)
    {
        if (node.Shapes[0].IsUnknownRank || node.Constants[1] is not { } axes)
            return [TensorShape.Unknown];
        if (!node.Shapes[0].IsFullyKnown)
            return [PartlyKnown(node, axes)];
        return [ReductionShape.Of(node.Shapes[0], axes, node.Node.Bool("keep_dims")).Result];
    }

    public Tensor[] Compute(KernelCall call)
    {
        Tensor x = call.Inputs[0];
        var shape = ReductionShape.Of(x.Shape, call.Inputs[1], call.Node.Bool("keep_dims"));
        return [x.Type switch
        {
            DataType.Int32 or DataType.QInt32 => Integers<int>(x, shape),
            DataType.Int64 => Integers<long>(x, shape),
            DataType.UInt8 or DataType.QUInt8 => Integers<byte>(x, shape),
            DataType.Int8 or DataType.QInt8 => Integers<sbyte>(x, shape),
            DataType.Int16 => Integers<short>(x, shape),
            DataType.UInt16 => Integers<ushort>(x, shape),
            DataType.UInt32 => Integers<uint>(x, shape),
            DataType.UInt64 => Integers<ulong>(x, shape),
            DataType.Float when TReduction.IsSum => Sums(x, shape),
            DataType.Complex64 or DataType.Complex128 when TReduction.IsSum => ComplexSums(x, shape),
            _ => Floating(x, shape),
        }];
    }

    /// <summary>Sums and means are those of the parts.</summary>
    private static Tensor ComplexSums(Tensor x, ReductionShape shape)
    {
        Complex[] values = ComplexValues.Read(x);
        double[] real = new double[checked((int)shape.Result.ElementCount)];
        double[] imaginary = new double[real.Length];
        Gather<double>(Array.ConvertAll(values, value => value.Real), real, x.Type, shape);
        Gather<double>(Array.ConvertAll(values, value => value.Imaginary), imaginary, x.Type, shape);
        return ComplexValues.Write(x.Type, shape.Result, [.. real.Zip(imaginary, (re, im) => new Complex(re, im))]);
    }

    private static TensorShape PartlyKnown(ShapeInference node, Tensor axes)
    {
        TensorShape input = node.Shapes[0];
        TensorShape stand = Tensors.Map(input, (dimension, _) => Math.Max(dimension, 1));
        _ = ReductionShape.Of(stand, axes, keepsDimensions: true);
        HashSet<int> reduced = [.. Kernels.Integers.Read(axes).Select(axis => Kernels.Integers.Axis(axis, input.Rank))];
        return node.Node.Bool("keep_dims") ? Tensors.Map(input, (dimension, axis) => reduced.Contains(axis) ? 1 : dimension) : Tensors.Keep(input, axis => !reduced.Contains(axis));
    }

    private static Tensor Integers<T>(Tensor x, ReductionShape shape)
        where T : unmanaged, INumber<T>
    {
        Tensor result = Tensor.Allocate<T>(x.Type, shape.Result, out var gathered);
        Gather(x.AsSpan<T>(), gathered, x.Type, shape);
        return result;
    }

    private static Tensor Sums(Tensor x, ReductionShape shape)
    {
        float[] sums = new float[checked((int)shape.Result.ElementCount)];
        float[] values = Floats.Flushed(x);
        if (!shape.IsInnermost)
        {
            Gather<float>(values, sums, x.Type, shape);
            return Floats.FromFloats(shape.Result, sums);
        }
        int run = (int)shape.Count;
        for (int i = 0; i < sums.Length; i++)
            sums[i] = TReduction.Finish(PacketMath.Sum(values.AsSpan(i * run, run)), run);
        return Floats.FromFloats(shape.Result, sums);
    }

    private static Tensor Floating(Tensor x, ReductionShape shape)
    {
        double[] gathered = new double[checked((int)shape.Result.ElementCount)];
        Gather<double>(Floats.ToDoubles(x), gathered, x.Type, shape);
        return Floats.FromDoubles(x.Type, shape.Result, gathered);
    }

    private static void Gather<T>(ReadOnlySpan<T> values, Span<T> gathered, DataType type, ReductionShape shape)
        where T : unmanaged, INumber<T>
    {
        gathered.Fill(TReduction.Start<T>(type));
        int[] targets = shape.Targets();
        for (int i = 0; i < values.Length; i++)
            gathered[targets[i]] = TReduction.Add(gathered[targets[i]], values[i]);
        for (int i = 0; i < gathered.Length; i++)
            gathered[i] = TReduction.Finish(gathered[i], shape.Count);
    }
}
