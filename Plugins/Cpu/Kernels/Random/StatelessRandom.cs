using TransformFramework.Cpu.Kernels.Movement;
using TransformFramework.Execution;
using TransformFramework.Graphs;

namespace TransformFramework.Cpu.Kernels.Random;

/// <summary>
/// Values of a distribution that a seed of two integers, or in the second version a key and a counter, determine alone: those of TensorFlow. The algorithm is Philox; ThreeFry is refused.
/// </summary>
[Kernel(
    "StatelessRandomUniform", "StatelessRandomUniformV2", "StatelessRandomNormal", "StatelessRandomNormalV2", "StatelessTruncatedNormal", "StatelessTruncatedNormalV2")]
internal sealed class StatelessRandomReals : IKernel
{
    public IReadOnlyList<TensorShape> InferShapes(ShapeInference node) => [StatelessRandom.Shape(node)];

    public Tensor[] Compute(KernelCall call)
    {
        Distribution distribution = call.Node.Op switch
        {
            "StatelessRandomUniform" or "StatelessRandomUniformV2" => new RandomUniform(),
            "StatelessRandomNormal" or "StatelessRandomNormalV2" => new RandomStandardNormal(),
            _ => new TruncatedNormal(),
        };
        return [distribution.Draw(StatelessRandom.Generator(call), Tensors.ShapeOf(Integers.Read(call.Inputs[0])), call.Node.Type("dtype"))];
    }
}

/// <summary>Integers from minval up to, but without, maxval, or in the full range of the type.</summary>
[Kernel("StatelessRandomUniformInt", "StatelessRandomUniformIntV2", "StatelessRandomUniformFullInt", "StatelessRandomUniformFullIntV2")]
internal sealed class StatelessRandomIntegers : IKernel
{
    public IReadOnlyList<TensorShape> InferShapes(ShapeInference node) => [StatelessRandom.Shape(node)];

    public Tensor[] Compute(KernelCall call)
    {
        TensorShape shape = Tensors.ShapeOf(Integers.Read(call.Inputs[0]));
        DataType type = call.Node.Type("dtype");
        bool isWide = type is DataType.Int64 or DataType.UInt64;
        Philox random = StatelessRandom.Generator(call);
        ulong low = 0;
        ulong range = 0;
        if (!call.Node.Op.Contains("FullInt", StringComparison.Ordinal))
            (low, range) = Range(call.Inputs[call.Inputs.Count - 2], call.Inputs[call.Inputs.Count - 1]);
        ulong[] values = new ulong[checked((int)shape.ElementCount)];
        for (int i = 0; i < values.Length; i++)
        {
            ulong drawn = isWide ? random.Next64() : random.Next();
            values[i] = unchecked(low + (range == 0 ? drawn : drawn % range));
        }
        return [isWide
            ? Tensor.Create<ulong>(type, shape, values)
            : Tensor.Create<uint>(type, shape, Array.ConvertAll(values, value => unchecked((uint)value)))];
    }

    private static (ulong Low, ulong Range) Range(Tensor minimum, Tensor maximum)
    {
        Int128 low = Integer(minimum, "minval");
        Int128 high = Integer(maximum, "maxval");
        return low < high ? (unchecked((ulong)low), unchecked((ulong)(high - low))) : throw Refuse.Invalid($"Need minval < maxval, got {low} >= {high}");
    }

    private static Int128 Integer(Tensor tensor, string name) => tensor.Type switch
    {
        _ when tensor.ElementCount != 1 => throw Refuse.Invalid($"{name} must be a scalar, but has shape {tensor.Shape}"),
        DataType.UInt32 => tensor.AsSpan<uint>()[0],
        DataType.UInt64 => tensor.AsSpan<ulong>()[0],
        _ => Integers.Scalar(tensor, name),
    };
}

/// <summary>The key and the counter that a seed stands for, and the number of the algorithm.</summary>
[Kernel("StatelessRandomGetKeyCounter", "StatelessRandomGetKeyCounterAlg", "StatelessRandomGetAlg")]
internal sealed class StatelessRandomGetKeyCounter : IKernel
{
    public IReadOnlyList<TensorShape> InferShapes(ShapeInference node) => node.Node.Op switch
    {
        "StatelessRandomGetAlg" => [TensorShape.Scalar],
        "StatelessRandomGetKeyCounter" => [TensorShape.Of(1), TensorShape.Of(2)],
        _ => [TensorShape.Of(1), TensorShape.Of(2), TensorShape.Scalar],
    };

    public Tensor[] Compute(KernelCall call)
    {
        Tensor algorithm = Tensor.Scalar(StatelessRandom.PhiloxAlgorithm);
        if (call.Node.Op == "StatelessRandomGetAlg")
            return [algorithm];
        var (key, low, high) = Philox.OfSeeds(StatelessRandom.Seeds(call.Inputs[0])).State;
        Tensor keys = Tensor.Create<ulong>(DataType.UInt64, TensorShape.Of(1), [key]);
        Tensor counters = Tensor.Create<ulong>(DataType.UInt64, TensorShape.Of(2), [low, high]);
        return call.Node.Op == "StatelessRandomGetKeyCounter" ? [keys, counters] : [keys, counters, algorithm];
    }
}

/// <summary>What the stateless ops share.</summary>
internal static class StatelessRandom
{
    /// <summary>The number of Philox among TensorFlow's algorithms.</summary>
    public const int PhiloxAlgorithm = 1;

    private const int AnyAlgorithm = 3;

    public static TensorShape Shape(ShapeInference node) => node.Constants[0] is { } shape ? Tensors.ShapeOf(Integers.Read(shape)) : TensorShape.Unknown;

    /// <summary>The generator of a call: by key and counter in the second version, else by the seed.</summary>
    public static Philox Generator(KernelCall call)
    {
        if (!call.Node.Op.EndsWith("V2", StringComparison.Ordinal))
            return Philox.OfSeeds(Seeds(call.Inputs[1]));
        Tensor key = call.Inputs[1];
        Tensor counter = call.Inputs[2];
        if (Integers.Scalar(call.Inputs[3], "alg") is not (PhiloxAlgorithm or AnyAlgorithm) and var algorithm)
            throw Refuse.Unimplemented($"random algorithm {algorithm} is not supported; Philox, 1, is");
        if (key.Shape.Rank != 1 || key.ElementCount != 1 || counter.Shape.Rank != 1 || counter.ElementCount < 2)
            throw Refuse.Invalid($"key must have one element and counter two, but they have shapes {key.Shape} and {counter.Shape}");
        return Philox.OfKey(key.AsSpan<ulong>()[0], counter.AsSpan<ulong>()[0], counter.AsSpan<ulong>()[1]);
    }

    /// <summary>The two integers of a seed.</summary>
    public static (ulong First, ulong Second) Seeds(Tensor seed)
    {
        if (seed.Shape.Rank != 1 || seed.ElementCount != 2)
            throw Refuse.Invalid($"seed must have shape [2], not {seed.Shape}");
        return seed.Type switch
        {
            DataType.UInt32 => (seed.AsSpan<uint>()[0], seed.AsSpan<uint>()[1]),
            DataType.UInt64 => (seed.AsSpan<ulong>()[0], seed.AsSpan<ulong>()[1]),
            _ => (unchecked((ulong)Integers.Read(seed)[0]), unchecked((ulong)Integers.Read(seed)[1])),
        };
    }
}
