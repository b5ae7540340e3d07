using TransformFramework.Cpu.Kernels.Quantized.Conversions;
using TransformFramework.Execution;
using TransformFramework.Graphs;

namespace TransformFramework.Cpu.Kernels.Quantized.Arithmetic;

/// <summary>
/// The operands of QuantizedAdd and QuantizedMul. Shapes that broadcast along two runs of dimensions have the smaller operand repeated over the elements of the larger one, as the
/// real kernels do, which is what broadcasting means only when the smaller one is the inner run; where that would not fill the result they are broadcast properly.
/// </summary>
/// <param name="X">The first operand.</param>
/// <param name="Y">The second operand.</param>
/// <param name="XRange">The range of the first operand.</param>
/// <param name="YRange">The range of the second operand.</param>
/// <param name="Shape">Shape of the result.</param>
internal sealed record QuantizedPairs(Tensor X, Tensor Y, QuantizationRange XRange, QuantizationRange YRange, TensorShape Shape)
{
    private const int MostRuns = 2;

    /// <summary>The operands of a call, checked.</summary>
    /// <exception cref="ExecutionException">InvalidArgument: types, shapes or ranges do not fit. Unimplemented: broadcasting along more than two runs of dimensions.</exception>
    public static QuantizedPairs Of(KernelCall call)
    {
        Tensor x = call.Inputs[0];
        Tensor y = call.Inputs[1];
        QuantizedTypes.Require(x, "x", DataType.QUInt8);
        QuantizedTypes.Require(y, "y", DataType.QUInt8);
        QuantizedTypes.Require(call.Node, "Toutput", DataType.QInt32);
        QuantizationRange xRange = Range(call, 2, "x");
        QuantizationRange yRange = Range(call, 4, "y");
        TensorShape shape = Broadcast.Of(x.Shape, y.Shape).Shape;
        int runs = Runs(x.Shape, y.Shape);
        if (runs > MostRuns)
            throw Refuse.Unimplemented($"Broadcast between {x.Shape} and {y.Shape} is not supported yet; each side must reduce to at most two dimensions");
        if (runs == MostRuns && x.ElementCount != y.ElementCount && Math.Min(x.ElementCount, y.ElementCount) == 0)
            throw Refuse.Invalid($"an empty operand cannot be broadcast: {x.Shape} and {y.Shape}");
        return new(x, y, xRange, yRange, shape);
    }

    /// <summary>result[i] = x[…] + y[…], or their product, over operands as int32; wraps around.</summary>
    public Tensor Combine(ReadOnlySpan<int> x, ReadOnlySpan<int> y, bool multiplies)
    {
        Tensor result = Tensor.Allocate<int>(DataType.QInt32, Shape, out var z);
        if (z.Length != Math.Max(x.Length, y.Length))
        {
            Broadcasted(x, y, z, multiplies);
            return result;
        }
        int j = 0;
        int k = 0;
        for (int i = 0; i < z.Length; i++)
        {
            z[i] = multiplies ? x[j] * y[k] : x[j] + y[k];
            j = j + 1 == x.Length ? 0 : j + 1;
            k = k + 1 == y.Length ? 0 : k + 1;
        }
        return result;
    }

    private void Broadcasted(ReadOnlySpan<int> x, ReadOnlySpan<int> y, Span<int> z, bool multiplies)
    {
        IndexPairs pair = Broadcast.Of(X.Shape, Y.Shape).Pairs;
        for (int i = 0; i < z.Length; i++, pair.Next())
            z[i] = multiplies ? x[pair.Left] * y[pair.Right] : x[pair.Left] + y[pair.Right];
    }

    private static QuantizationRange Range(KernelCall call, int at, string name)
    {
        var range = QuantizationRange.Read(call.Inputs, at);
        return range.Flushed.Max > range.Flushed.Min ? range : throw Refuse.Invalid($"max_{name} must be larger than min_{name}, but the range is {range.Min} to {range.Max}");
    }

    /// <summary>Runs of neighbouring dimensions that are alike: equal in both, or 1 in the first, or 1 in the second. Dimensions that are 1 in both do not count.</summary>
    private static int Runs(TensorShape x, TensorShape y)
    {
        int runs = 0;
        int previous = 0;
        for (int i = 1; i <= Math.Max(x.Rank, y.Rank); i++)
        {
            long left = i <= x.Rank ? x[x.Rank - i] : 1;
            long right = i <= y.Rank ? y[y.Rank - i] : 1;
            if (left == 1 && right == 1)
                continue;
            int kind = left == right ? 1 : left == 1 ? 2 : 3;
            runs += kind == previous ? 0 : 1;
            previous = kind;
        }
        return runs;
    }
}
