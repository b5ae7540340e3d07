using System.Globalization;

namespace TransformFramework.Cpu.Kernels.Text;

/// <summary>Numbers as the original's string functions write them: the few digits of C's <c>%g</c> when they read back the same, else as many as always do.</summary>
internal static class NumberText
{
    public static string Of(float value)
    {
        string text = General(value, 6);
        return float.IsFinite(value) && float.Parse(text, CultureInfo.InvariantCulture) != value ? General(value, 9) : text;
    }

    public static string Of(double value)
    {
        string text = General(value, 15);
        return double.IsFinite(value) && double.Parse(text, CultureInfo.InvariantCulture) != value ? General(value, 17) : text;
    }

    /// <summary>C's <c>%.{digits}g</c>.</summary>
    public static string General(double value, int digits)
    {
        if (!double.IsFinite(value))
            return double.IsNaN(value) ? (double.IsNegative(value) ? "-nan" : "nan") : value > 0 ? "inf" : "-inf";
        if (value == 0)
            return double.IsNegative(value) ? "-0" : "0";
        string scientific = value.ToString($"E{digits - 1}", CultureInfo.InvariantCulture);
        int at = scientific.IndexOf('E', StringComparison.Ordinal);
        int exponent = int.Parse(scientific[(at + 1)..], CultureInfo.InvariantCulture);
        if (exponent < -4 || exponent >= digits)
            return Trim(scientific[..at]) + Exponent(exponent);
        return Trim(Fixed(scientific[..at], exponent));
    }

    /// <summary>The exponent of C's <c>%e</c>: a sign and at least two digits.</summary>
    public static string Exponent(int exponent) => string.Create(CultureInfo.InvariantCulture, $"e{(exponent < 0 ? '-' : '+')}{Math.Abs(exponent):00}");

    private static string Fixed(string mantissa, int exponent)
    {
        string sign = mantissa[0] == '-' ? "-" : "";
        string digits = mantissa.Replace(".", "", StringComparison.Ordinal).TrimStart('-');
        if (exponent < 0)
            return $"{sign}0.{new string('0', -exponent - 1)}{digits}";
        return exponent + 1 >= digits.Length ? sign + digits : $"{sign}{digits[..(exponent + 1)]}.{digits[(exponent + 1)..]}";
    }

    private static string Trim(string text) => text.Contains('.', StringComparison.Ordinal) ? text.TrimEnd('0').TrimEnd('.') : text;
}
