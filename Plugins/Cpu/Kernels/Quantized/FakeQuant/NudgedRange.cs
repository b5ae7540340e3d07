using TransformFramework.Cpu.Kernels.Quantized.Conversions;
using TransformFramework.Graphs;

namespace TransformFramework.Cpu.Kernels.Quantized.FakeQuant;

/// <summary>A range of fake quantization moved so that zero is on a step. Not checked: reversed, infinite and NaN ranges give what the formulas give.</summary>
/// <param name="Min">The number of the lowest quantized value.</param>
/// <param name="Max">The number of the highest quantized value.</param>
/// <param name="Scale">The difference of two neighbouring quantized values.</param>
internal readonly record struct NudgedRange(float Min, float Max, float Scale)
{
    private const int FewestBits = 2;
    private const int MostBits = 16;

    /// <summary>Lowest and highest quantized value that a node's attributes <c>num_bits</c> and <c>narrow_range</c> say.</summary>
    public static (int Lowest, int Highest) LevelsOf(Node node)
    {
        int bits = node.Int("num_bits");
        if (bits is < FewestBits or > MostBits)
            throw Refuse.Invalid($"num_bits must be between 2 and 16, inclusive, but is {bits}");
        return (node.Bool("narrow_range") ? 1 : 0, (1 << bits) - 1);
    }

    public static NudgedRange Of(QuantizationRange range, int lowest, int highest)
    {
        float scale = Denormals.Flush((range.Max - range.Min) / (highest - lowest));
        float zero = lowest - (range.Min / scale);
        float nudged = zero < lowest ? lowest : zero > highest ? highest : float.IsNaN(zero) ? 0 : MathF.Round(zero, MidpointRounding.AwayFromZero);
        return new((lowest - nudged) * scale, (highest - nudged) * scale, scale);
    }

    /// <summary>The number that a number becomes by quantizing and reading back; NaN stays NaN.</summary>
    public float Apply(float value)
    {
        float clamped = Clamp(value);
        return Denormals.Flush((MathF.Floor(((clamped - Min) / Scale) + 0.5f) * Scale) + Min);
    }

    /// <summary>The same by multiplying with the reciprocal of the scale, which decides ties differently.</summary>
    public float ApplyReciprocal(float value)
    {
        float clamped = Clamp(value);
        return Denormals.Flush((MathF.Floor(((clamped - Min) * (1 / Scale)) + 0.5f) * Scale) + Min);
    }

    private float Clamp(float value)
    {
        float number = Denormals.Flush(value);
        number = Max < number ? Max : number;
        return number < Min ? Min : number;
    }
}
