using System.Runtime.Intrinsics;
using TransformFramework.Cpu.Kernels.Elementwise;

namespace TransformFramework.Cpu.Plans.Operators.Scan;

/// <summary>Functions of whole packets of floats. Unlike in the reference kernels elements that do not fill a packet are computed like all others.</summary>
internal static unsafe class StepFunctions
{
    /// <summary>The function of an op; null where there is none.</summary>
    public static delegate*<float*, float*, nint, void> Unary(string op) => op switch
    {
        "Sigmoid" => &MapNormal<LogisticFunction>,
        "Tanh" => &MapNormal<TanhFunction>,
        "Relu" => &Map<ReluFunction>,
        "Relu6" => &Map<BoundedReluFunction>,
        "Neg" => &Map<NegateFunction>,
        "Square" => &Map<SquareFunction>,
        _ => null,
    };

    /// <summary>The function of an op of two operands; null where there is none.</summary>
    public static delegate*<float*, float*, float*, nint, void> Binary(string op) => op switch
    {
        "Add" or "AddV2" or "BiasAdd" => &Map<AddFunction>,
        "Sub" => &Map<SubtractFunction>,
        "Mul" => &Map<MultiplyFunction>,
        "RealDiv" => &Map<DivideFunction>,
        "Maximum" => &Map<MaximumFunction>,
        "Minimum" => &Map<MinimumFunction>,
        _ => null,
    };

    private static void Map<TFunction>(float* x, float* z, nint count)
        where TFunction : struct, IPacketFunction
    {
        for (nint i = 0; i < count; i += PacketMath.Width)
            PacketVectors.Flush(TFunction.Apply(PacketVectors.Flush(Vector256.Load(x + i)))).Store(z + i);
    }

    /// <summary>The same for functions that give the same for denormals as for zeros.</summary>
    private static void MapNormal<TFunction>(float* x, float* z, nint count)
        where TFunction : struct, IPacketFunction
    {
        for (nint i = 0; i < count; i += PacketMath.Width)
            TFunction.Apply(Vector256.Load(x + i)).Store(z + i);
    }

    private static void Map<TFunction>(float* x, float* y, float* z, nint count)
        where TFunction : struct, IPacketPairFunction
    {
        for (nint i = 0; i < count; i += PacketMath.Width)
            PacketVectors.Flush(TFunction.Apply(Vector256.Load(x + i), Vector256.Load(y + i))).Store(z + i);
    }

    /// <summary>A function of two packets of floats.</summary>
    private interface IPacketPairFunction
    {
        static abstract Vector256<float> Apply(Vector256<float> x, Vector256<float> y);
    }

    private readonly struct LogisticFunction : IPacketFunction
    {
        public static Vector256<float> Apply(Vector256<float> x) => PacketVectors.Logistic(x);
    }

    private readonly struct TanhFunction : IPacketFunction
    {
        public static Vector256<float> Apply(Vector256<float> x) => PacketVectors.Tanh(x);
    }

    private readonly struct ReluFunction : IPacketFunction
    {
        public static Vector256<float> Apply(Vector256<float> x) => Vector256.ConditionalSelect(Vector256.LessThan(x, Vector256<float>.Zero), Vector256<float>.Zero, x);
    }

    private readonly struct BoundedReluFunction : IPacketFunction
    {
        private const float Most = 6;

        public static Vector256<float> Apply(Vector256<float> x) => Vector256.ConditionalSelect(Vector256.GreaterThan(x, Vector256.Create(Most)), Vector256.Create(Most), ReluFunction.Apply(x));
    }

    private readonly struct NegateFunction : IPacketFunction
    {
        public static Vector256<float> Apply(Vector256<float> x) => -x;
    }

    private readonly struct SquareFunction : IPacketFunction
    {
        public static Vector256<float> Apply(Vector256<float> x) => x * x;
    }

    private readonly struct AddFunction : IPacketPairFunction
    {
        public static Vector256<float> Apply(Vector256<float> x, Vector256<float> y) => x + y;
    }

    private readonly struct SubtractFunction : IPacketPairFunction
    {
        public static Vector256<float> Apply(Vector256<float> x, Vector256<float> y) => x - y;
    }

    private readonly struct MultiplyFunction : IPacketPairFunction
    {
        public static Vector256<float> Apply(Vector256<float> x, Vector256<float> y) => x * y;
    }

    private readonly struct DivideFunction : IPacketPairFunction
    {
        public static Vector256<float> Apply(Vector256<float> x, Vector256<float> y) => x / y;
    }

    private readonly struct MaximumFunction : IPacketPairFunction
    {
        public static Vector256<float> Apply(Vector256<float> x, Vector256<float> y) => Vector256.ConditionalSelect(Vector256.LessThan(x, y), y, x);
    }

    private readonly struct MinimumFunction : IPacketPairFunction
    {
        public static Vector256<float> Apply(Vector256<float> x, Vector256<float> y) => Vector256.ConditionalSelect(Vector256.LessThan(y, x), y, x);
    }
}
