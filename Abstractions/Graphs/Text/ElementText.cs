using System.Buffers.Binary;
using System.Globalization;

namespace TransformFramework.Graphs.Text;

/// <summary>Writes single elements of tensors: numbers in the shortest form that gives their bits back.</summary>
internal static class ElementText
{
    /// <summary>Decimal digits that tell any two numbers of 8 significant bits apart.</summary>
    private const int MaxBrainDigits = 4;

    private static readonly CultureInfo Culture = CultureInfo.InvariantCulture;

    /// <summary>A float attribute: unlike an element it always shows that it is no integer.</summary>
    public static string Attribute(float value)
    {
        string text = Text(value);
        return text.AsSpan().ContainsAny('.', 'E', 'n') ? text : text + ".0";
    }

    public static void Write(TextWriter output, DataType type, ReadOnlySpan<byte> element)
    {
        switch (type)
        {
            case DataType.Float:
                output.Write(Text(BinaryPrimitives.ReadSingleLittleEndian(element)));
                break;
            case DataType.Double:
                output.Write(Text(BinaryPrimitives.ReadDoubleLittleEndian(element)));
                break;
            case DataType.Half:
                output.Write(Text(BinaryPrimitives.ReadHalfLittleEndian(element)));
                break;
            case DataType.BFloat16:
                output.Write(BrainText(BinaryPrimitives.ReadUInt16LittleEndian(element)));
                break;
            case DataType.Complex64:
                output.Write($"({Text(BinaryPrimitives.ReadSingleLittleEndian(element))}, {Text(BinaryPrimitives.ReadSingleLittleEndian(element[4..]))})");
                break;
            case DataType.Complex128:
                output.Write($"({Text(BinaryPrimitives.ReadDoubleLittleEndian(element))}, {Text(BinaryPrimitives.ReadDoubleLittleEndian(element[8..]))})");
                break;
            case DataType.Bool:
                output.Write(element[0] switch { 0 => "false", 1 => "true", var other => other.ToString(Culture) });
                break;
            default:
                output.Write(Integer(type, element));
                break;
        }
    }

    private static string Integer(DataType type, ReadOnlySpan<byte> element) => type switch
    {
        DataType.Int8 or DataType.QInt8 => ((sbyte)element[0]).ToString(Culture),
        DataType.UInt8 or DataType.QUInt8 => element[0].ToString(Culture),
        DataType.Int16 or DataType.QInt16 => BinaryPrimitives.ReadInt16LittleEndian(element).ToString(Culture),
        DataType.UInt16 or DataType.QUInt16 => BinaryPrimitives.ReadUInt16LittleEndian(element).ToString(Culture),
        DataType.Int32 or DataType.QInt32 => BinaryPrimitives.ReadInt32LittleEndian(element).ToString(Culture),
        DataType.UInt32 => BinaryPrimitives.ReadUInt32LittleEndian(element).ToString(Culture),
        DataType.Int64 => BinaryPrimitives.ReadInt64LittleEndian(element).ToString(Culture),
        _ => BinaryPrimitives.ReadUInt64LittleEndian(element).ToString(Culture),
    };

    private static string Text(float value) => float.IsNaN(value)
        ? NotANumber(BitConverter.SingleToUInt32Bits(value), FloatBits.SingleNaN, "x8")
        : float.IsInfinity(value) ? Infinity(value > 0) : value.ToString("R", Culture);

    private static string Text(double value) => double.IsNaN(value)
        ? NotANumber(BitConverter.DoubleToUInt64Bits(value), FloatBits.DoubleNaN, "x16")
        : double.IsInfinity(value) ? Infinity(value > 0) : value.ToString("R", Culture);

    private static string Text(Half value) => Half.IsNaN(value)
        ? NotANumber(BitConverter.HalfToUInt16Bits(value), FloatBits.HalfNaN, "x4")
        : Half.IsInfinity(value) ? Infinity(value > Half.Zero) : value.ToString("R", Culture);

    private static string BrainText(ushort bits)
    {
        float value = FloatBits.FromBrain(bits);
        if (float.IsNaN(value))
            return NotANumber(bits, FloatBits.BrainNaN, "x4");
        for (int digits = 1; digits <= MaxBrainDigits && float.IsFinite(value); digits++)
        {
            string text = value.ToString($"G{digits}", Culture);
            if (FloatBits.ToBrain(float.Parse(text, Culture)) == bits)
                return text;
        }
        return Text(value);
    }

    private static string NotANumber(ulong bits, ulong usual, string format) => bits == usual ? "nan" : $"nan(0x{bits.ToString(format, Culture)})";

    private static string Infinity(bool isPositive) => isPositive ? "inf" : "-inf";
}
