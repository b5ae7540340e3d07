using System.Collections.Immutable;
using System.Globalization;
using System.Text.Json;
using TransformFramework.Graphs;

namespace TransformFramework.Cpu.Oracle;

/// <summary>How a result may differ from the golden one.</summary>
internal sealed record Tolerance(string Kind, double Relative, ImmutableArray<double> Absolute, long Units)
{
    public static readonly Tolerance None = new("none", 0, [], 0);

    public static Tolerance Parse(JsonElement json) => new(
        json.GetProperty("kind").GetString()!,
        json.TryGetProperty("rtol", out var relative) ? relative.GetDouble() : 0,
        json.TryGetProperty("atol", out var absolute) ? [.. absolute.EnumerateArray().Select(value => value.GetDouble())] : [],
        json.TryGetProperty("n", out var units) ? units.GetInt64() : 0);

    /// <summary>What differs, or null when the result is as good as the golden one.</summary>
    public string? Difference(Tensor golden, Tensor actual, int output)
    {
        if (Kind == "none")
            return null;
        if (golden.Type != actual.Type)
            return $"type {actual.Type.Name()} for {golden.Type.Name()}";
        if (!golden.Shape.Equals(actual.Shape))
            return $"shape {actual.Shape} for {golden.Shape}";
        if (golden.Type == DataType.String)
            return golden.ContentEquals(actual) ? null : "other strings";
        double[] expected = Numbers(golden);
        double[] found = Numbers(actual);
        for (int i = 0; i < expected.Length; i++)
        {
            if (!Agrees(expected[i], found[i], golden.Type, output))
                return string.Create(CultureInfo.InvariantCulture, $"element {i} of {expected.Length} is {found[i]:R} for {expected[i]:R}");
        }
        return null;
    }

    private bool Agrees(double expected, double found, DataType type, int output)
    {
        if (double.IsNaN(expected) || double.IsNaN(found))
            return double.IsNaN(expected) && double.IsNaN(found);
        if (expected == found)
            return true;
        if (double.IsInfinity(expected) || double.IsInfinity(found))
            return false;
        bool isFloating = type is DataType.Float or DataType.Double or DataType.Half or DataType.BFloat16 or DataType.Complex64;
        return Kind switch
        {
            "close" when isFloating => Math.Abs(expected - found) <= (output < Absolute.Length ? Absolute[output] : 0) + (Relative * Math.Abs(expected)),
            "ulp" when isFloating => Math.Abs(expected - found) <= Units * UnitInTheLastPlace(expected, type),
            "codes" => isFloating ? Math.Abs(expected - found) <= Relative * Math.Abs(expected) : Math.Abs(expected - found) <= Units,
            _ => false,
        };
    }

    private static double UnitInTheLastPlace(double value, DataType type) => type switch
    {
        DataType.Float => MathF.BitIncrement(MathF.Abs((float)value)) - MathF.Abs((float)value),
        DataType.Double => Math.BitIncrement(Math.Abs(value)) - Math.Abs(value),
        DataType.Half => (double)Half.BitIncrement(Half.Abs((Half)value)) - (double)Half.Abs((Half)value),
        _ => Math.Abs(value) / 128,
    };

    private static double[] Numbers(Tensor tensor) => tensor.Type switch
    {
        DataType.Double => tensor.AsSpan<double>().ToArray(),
        DataType.Int64 => [.. tensor.AsSpan<long>().ToArray().Select(value => (double)value)],
        DataType.Int32 or DataType.QInt32 => [.. tensor.AsSpan<int>().ToArray().Select(value => (double)value)],
        DataType.UInt32 => [.. tensor.AsSpan<uint>().ToArray().Select(value => (double)value)],
        DataType.Complex64 => [.. tensor.AsSpan<(float Real, float Imaginary)>().ToArray().SelectMany(value => new double[] { value.Real, value.Imaginary })],
        _ => [.. tensor.ToSingles().Select(value => (double)value)],
    };
}
