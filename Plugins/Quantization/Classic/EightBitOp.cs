using System.Collections.Frozen;
using System.Collections.Immutable;
using TransformFramework.Graphs;

namespace TransformFramework.Quantization.Classic;

/// <summary>How a float op becomes its quantized form.</summary>
/// <param name="FloatOp">The op.</param>
/// <param name="Copied">Attributes that the quantized op takes over.</param>
/// <param name="EightBitTypes">Attributes that say quint8.</param>
/// <param name="OutputType">Attribute that says qint32 for ops with a 32-bit result; null for 8-bit results.</param>
internal sealed record EightBitOp(string FloatOp, ImmutableArray<string> Copied, ImmutableArray<string> EightBitTypes, string? OutputType = null)
{
    private static readonly ImmutableArray<string> Pool = ["ksize", "strides", "padding"];

    private static readonly FrozenDictionary<string, EightBitOp> Table = new EightBitOp[]
    {
        new("Add", [], ["T1", "T2"], "Toutput"),
        new("AvgPool", Pool, ["T"]),
        new("BiasAdd", [], ["T1", "T2"], "out_type"),
        new("Concat", ["N"], ["T"]) { FloatInput = 0, HasSeparateRanges = true },
        new("Conv2D", ["strides", "padding"], ["Tinput", "Tfilter"], "out_type"),
        new("MatMul", ["transpose_a", "transpose_b"], ["T1", "T2"], "Toutput"),
        new("MaxPool", Pool, ["T"]),
        new("Mul", [], ["T1", "T2"], "Toutput"),
        new("Relu", [], ["Tinput"]),
        new("Relu6", [], ["Tinput"]),
        new("ResizeBilinear", ["align_corners"], ["T"]) { FloatInput = 1 },
        new("Reshape", [], ["T"]) { FloatInput = 1 },
    }.ToFrozenDictionary(op => op.FloatOp, StringComparer.Ordinal);

    /// <summary>Number of the input that is passed on as it is (an axis, a size, a shape); -1 when all are quantized.</summary>
    public int FloatInput { get; init; } = -1;

    /// <summary>True when all minima come before all maxima; else each input's minimum and maximum are together.</summary>
    public bool HasSeparateRanges { get; init; }

    /// <summary>Every op of the table.</summary>
    public static IEnumerable<string> Names => Table.Keys.Order(StringComparer.Ordinal);

    /// <summary>The entry of an op of the table.</summary>
    public static EightBitOp Of(string op) => Table[op];
}
