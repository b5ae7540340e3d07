using System.Buffers.Binary;
using System.Globalization;
using System.Numerics;

namespace TransformFramework.Graphs.Text;

/// <summary>Reads single elements of tensors.</summary>
internal sealed class ElementReader(TextCursor cursor, DataType type)
{
    private static readonly CultureInfo Culture = CultureInfo.InvariantCulture;

    public void Read(Span<byte> element)
    {
        switch (type)
        {
            case DataType.Complex64:
            case DataType.Complex128:
                DataType part = type == DataType.Complex64 ? DataType.Float : DataType.Double;
                cursor.Take('(');
                ReadFloat(part, element[..part.Size()]);
                cursor.Take(',');
                ReadFloat(part, element[part.Size()..]);
                cursor.Take(')');
                break;
            case DataType.Float or DataType.Double or DataType.Half or DataType.BFloat16:
                ReadFloat(type, element);
                break;
            case DataType.Bool:
                ReadBool(element);
                break;
            default:
                ReadInteger(element);
                break;
        }
    }

    /// <summary>A number of a floating-point type, <c>inf</c>, <c>-inf</c>, <c>nan</c> or <c>nan(0x…)</c> with its bits.</summary>
    public void ReadFloat(DataType kind, Span<byte> element)
    {
        int mark = cursor.Mark();
        ReadOnlySpan<char> word = cursor.Word("a number");
        if (word is "nan")
        {
            ReadNaN(kind, element, mark);
            return;
        }
        double sign = word[0] == '-' ? -1 : 1;
        if (word is "inf" or "-inf")
            Store(kind, sign * double.PositiveInfinity, element);
        else if (!IsNumber(word) || !TryStore(kind, word, element))
            throw cursor.Expected("a number", mark);
    }

    /// <summary>True when a word can only be a number, not a name such as <c>Infinity</c> that the framework reads as one.</summary>
    public static bool IsNumber(ReadOnlySpan<char> word)
    {
        int sign = word.Length > 0 && word[0] is '-' or '+' ? 1 : 0;
        return word.Length > sign && (char.IsAsciiDigit(word[sign]) || word[sign] == '.');
    }

    private static bool TryStore(DataType kind, ReadOnlySpan<char> word, Span<byte> element)
    {
        switch (kind)
        {
            case DataType.Float when float.TryParse(word, NumberStyles.Float, Culture, out float single):
                BinaryPrimitives.WriteSingleLittleEndian(element, single);
                return true;
            case DataType.Half when Half.TryParse(word, NumberStyles.Float, Culture, out Half half):
                BinaryPrimitives.WriteHalfLittleEndian(element, half);
                return true;
            case DataType.BFloat16 when float.TryParse(word, NumberStyles.Float, Culture, out float brain):
                BinaryPrimitives.WriteUInt16LittleEndian(element, FloatBits.ToBrain(brain));
                return true;
            case DataType.Double when double.TryParse(word, NumberStyles.Float, Culture, out double wide):
                BinaryPrimitives.WriteDoubleLittleEndian(element, wide);
                return true;
            default:
                return false;
        }
    }

    private static void Store(DataType kind, double value, Span<byte> element)
    {
        switch (kind)
        {
            case DataType.Float:
                BinaryPrimitives.WriteSingleLittleEndian(element, (float)value);
                break;
            case DataType.Half:
                BinaryPrimitives.WriteHalfLittleEndian(element, (Half)value);
                break;
            case DataType.BFloat16:
                BinaryPrimitives.WriteUInt16LittleEndian(element, FloatBits.ToBrain((float)value));
                break;
            default:
                BinaryPrimitives.WriteDoubleLittleEndian(element, value);
                break;
        }
    }

    private void ReadNaN(DataType kind, Span<byte> element, int mark)
    {
        ulong bits = kind switch
        {
            DataType.Float => FloatBits.SingleNaN,
            DataType.Double => FloatBits.DoubleNaN,
            DataType.Half => FloatBits.HalfNaN,
            _ => FloatBits.BrainNaN,
        };
        if (cursor.TryTake('('))
        {
            ReadOnlySpan<char> word = cursor.Word("the bits of a NaN, such as 0x7fc00001");
            if (!word.StartsWith("0x", StringComparison.Ordinal) || !ulong.TryParse(word[2..], NumberStyles.AllowHexSpecifier, Culture, out bits))
                throw cursor.Expected("the bits of a NaN, such as 0x7fc00001", mark);
            cursor.Take(')');
        }
        Span<byte> wide = stackalloc byte[8];
        BinaryPrimitives.WriteUInt64LittleEndian(wide, bits);
        wide[..element.Length].CopyTo(element);
        if (wide[element.Length..].ContainsAnyExcept((byte)0) || !IsNaN(kind, element))
            throw cursor.Expected("the bits of a NaN of the type", mark);
    }

    private static bool IsNaN(DataType kind, ReadOnlySpan<byte> element) => kind switch
    {
        DataType.Float => float.IsNaN(BinaryPrimitives.ReadSingleLittleEndian(element)),
        DataType.Double => double.IsNaN(BinaryPrimitives.ReadDoubleLittleEndian(element)),
        DataType.Half => Half.IsNaN(BinaryPrimitives.ReadHalfLittleEndian(element)),
        _ => float.IsNaN(FloatBits.FromBrain(BinaryPrimitives.ReadUInt16LittleEndian(element))),
    };

    private void ReadBool(Span<byte> element)
    {
        int mark = cursor.Mark();
        ReadOnlySpan<char> word = cursor.Word("true or false");
        if (word is "true" or "false")
            element[0] = word is "true" ? (byte)1 : (byte)0;
        else if (byte.TryParse(word, NumberStyles.None, Culture, out byte other))
            element[0] = other;
        else
            throw cursor.Expected("true or false", mark);
    }

    private void ReadInteger(Span<byte> element)
    {
        int mark = cursor.Mark();
        ReadOnlySpan<char> word = cursor.Word("an integer");
        bool isStored = type switch
        {
            DataType.Int8 or DataType.QInt8 => TryStore<sbyte>(word, element),
            DataType.UInt8 or DataType.QUInt8 => TryStore<byte>(word, element),
            DataType.Int16 or DataType.QInt16 => TryStore<short>(word, element),
            DataType.UInt16 or DataType.QUInt16 => TryStore<ushort>(word, element),
            DataType.Int32 or DataType.QInt32 => TryStore<int>(word, element),
            DataType.UInt32 => TryStore<uint>(word, element),
            DataType.Int64 => TryStore<long>(word, element),
            _ => TryStore<ulong>(word, element),
        };
        if (!isStored)
            throw cursor.Expected($"a number of type {type.Name()}", mark);
    }

    private static bool TryStore<T>(ReadOnlySpan<char> word, Span<byte> element)
        where T : IBinaryInteger<T> =>
        T.TryParse(word, NumberStyles.AllowLeadingSign, Culture, out T? value) && value.TryWriteLittleEndian(element, out _);
}
