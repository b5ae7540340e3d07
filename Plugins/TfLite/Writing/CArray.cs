using System.Globalization;
using System.Text;

namespace TransformFramework.TfLite.Writing;

/// <summary>A model as source text for microcontrollers.</summary>
internal static class CArray
{
    private const int BytesPerLine = 16;

    /// <summary>An aligned array named after the file, and its length.</summary>
    public static string Of(ReadOnlySpan<byte> bytes, string file)
    {
        string stem = string.Concat(Path.GetFileNameWithoutExtension(file).Select(c => char.IsAsciiLetterOrDigit(c) ? c : '_'));
        string name = stem.Length == 0 || char.IsAsciiDigit(stem[0]) ? "model_" + stem : stem;
        var text = new StringBuilder(bytes.Length * 6);
        text.Append(CultureInfo.InvariantCulture, $"alignas(16) const unsigned char {name}[] = {{\n");
        for (int i = 0; i < bytes.Length; i += BytesPerLine)
        {
            text.Append("   ");
            foreach (byte value in bytes[i..Math.Min(bytes.Length, i + BytesPerLine)])
                text.Append(CultureInfo.InvariantCulture, $" 0x{value:x2},");
            text.Append('\n');
        }
        return text.Append(CultureInfo.InvariantCulture, $"}};\nconst unsigned int {name}_len = {bytes.Length};\n").ToString();
    }
}
