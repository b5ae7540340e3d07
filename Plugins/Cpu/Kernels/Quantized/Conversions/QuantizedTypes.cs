using System.Numerics;
using System.Runtime.CompilerServices;
using TransformFramework.Execution;
using TransformFramework.Graphs;

namespace TransformFramework.Cpu.Kernels.Quantized.Conversions;

/// <summary>Quantized values of a quantized type by the integer that holds them: byte for quint8, sbyte for qint8, and so on.</summary>
internal static class QuantizedLimits<TQuantized>
    where TQuantized : unmanaged, IBinaryInteger<TQuantized>, IMinMaxValue<TQuantized>
{
    public static long Lowest => IsSigned ? -Count / 2 : 0;

    public static long Highest => Lowest + Count - 1;

    /// <summary>Number of quantized values.</summary>
    public static double Steps => Count;

    public static bool IsSigned => typeof(TQuantized) == typeof(sbyte) || typeof(TQuantized) == typeof(short) || typeof(TQuantized) == typeof(int);

    private static long Count => 1L << (8 * Unsafe.SizeOf<TQuantized>());
}

/// <summary>Refusal of types and reading of quantized values.</summary>
internal static class QuantizedTypes
{
    private const string AllNames = "quint8, qint8, quint16, qint16 and qint32";

    /// <summary>An op without a kernel for a type is an invalid argument to TensorFlow.</summary>
    public static ExecutionException NoKernel(DataType type, string supported = AllNames) =>
        Refuse.Invalid($"no kernel for type {type.Name()}; supported: {supported}");

    /// <summary>Refuses an input of another type.</summary>
    public static void Require(Tensor input, string what, params DataType[] supported)
    {
        if (!supported.Contains(input.Type))
            throw Refuse.Invalid($"no kernel for {what} of type {input.Type.Name()}; supported: {string.Join(" and ", supported.Select(type => type.Name()))}");
    }

    /// <summary>Refuses an attribute that names another type.</summary>
    public static void Require(Node node, string attribute, params DataType[] supported)
    {
        DataType type = node.Type(attribute);
        if (!supported.Contains(type))
            throw Refuse.Invalid($"no kernel for attribute '{attribute}' = {type.Name()}; supported: {string.Join(" and ", supported.Select(name => name.Name()))}");
    }

    /// <summary>All quantized values of an 8-bit tensor less the zero point.</summary>
    public static int[] Centered(Tensor tensor, int zeroPoint) => tensor.Type == DataType.QInt8
        ? Centered(tensor.AsSpan<sbyte>(), zeroPoint)
        : Centered(tensor.AsSpan<byte>(), zeroPoint);

    /// <summary>Outputs of an op that gives quantized values and their range.</summary>
    public static TensorShape[] Shapes(TensorShape quantized) => [quantized, TensorShape.Scalar, TensorShape.Scalar];

    private static int[] Centered<TQuantized>(ReadOnlySpan<TQuantized> quantized, int zeroPoint)
        where TQuantized : unmanaged, IBinaryInteger<TQuantized>
    {
        int[] centered = new int[quantized.Length];
        for (int i = 0; i < centered.Length; i++)
            centered[i] = int.CreateTruncating(quantized[i]) - zeroPoint;
        return centered;
    }
}
