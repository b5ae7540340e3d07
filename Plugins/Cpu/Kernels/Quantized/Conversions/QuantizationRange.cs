using TransformFramework.Execution;
using TransformFramework.Graphs;

namespace TransformFramework.Cpu.Kernels.Quantized.Conversions;

/// <summary>The real real values that the lowest and the highest quantized value of a quantized tensor represent. Not checked: formulas take reversed, infinite and NaN ranges as they are.</summary>
internal readonly record struct QuantizationRange(float Min, float Max)
{
    /// <summary>The range with denormals as zero, as all arithmetic sees it; a range that is only passed on keeps its bits.</summary>
    public QuantizationRange Flushed => new(Denormals.Flush(Min), Denormals.Flush(Max));

    public float Width => Denormals.Flush(Max - Min);

    /// <summary>The larger of the absolute values.</summary>
    public float Magnitude => Larger(MathF.Abs(Min), MathF.Abs(Max));

    public bool IsPoint => Min == Max;

    /// <summary>True for finite ends of which the second is larger, with a width that is a normal number.</summary>
    public bool IsFinite => float.IsFinite(Min) && float.IsFinite(Max) && float.IsNormal(Max - Min) && Min < Max;

    /// <summary>The range ±magnitude.</summary>
    public static QuantizationRange Symmetric(float magnitude) => new(-magnitude, magnitude);

    /// <summary>The range in two neighbouring inputs: their first elements, whatever their shape.</summary>
    /// <exception cref="ExecutionException">InvalidArgument: an input has no element or is not float.</exception>
    public static QuantizationRange Read(IReadOnlyList<Tensor> inputs, int at) => new(First(inputs, at), First(inputs, at + 1));

    /// <summary>The range in two neighbouring inputs of one element each.</summary>
    /// <exception cref="ExecutionException">InvalidArgument: an input has another number of elements or is not float.</exception>
    public static QuantizationRange ReadScalars(IReadOnlyList<Tensor> inputs, int at)
    {
        for (int i = at; i <= at + 1; i++)
        {
            if (inputs[i].ElementCount != 1)
                throw Refuse.Invalid($"input {i} must have one element, but has shape {inputs[i].Shape}");
        }
        return Read(inputs, at);
    }

    /// <summary>As <c>std::min</c>: the first unless the second is smaller, so that a NaN in the second place does not count.</summary>
    public static float Smaller(float x, float y) => y < x ? y : x;

    /// <summary>As <c>std::max</c>: the first unless the second is larger.</summary>
    public static float Larger(float x, float y) => x < y ? y : x;

    /// <summary>The outputs of most quantized ops: quantized values and the two ends of their range.</summary>
    public Tensor[] With(Tensor quantized) => [quantized, Tensor.Scalar(Min), Tensor.Scalar(Max)];

    /// <summary>The first element of a float input.</summary>
    public static float First(IReadOnlyList<Tensor> inputs, int at)
    {
        Tensor tensor = inputs[at];
        if (tensor.Type != DataType.Float || tensor.ElementCount == 0)
            throw Refuse.Invalid($"input {at} must be a float scalar, but is {tensor}");
        return tensor.AsSpan<float>()[0];
    }
}
