using TransformFramework.Toolkit.Protobuf.Schemas;

namespace TransformFramework.Toolkit.Protobuf.Text;

/// <summary>Reads numbers, truth values and enumerations of the text format.</summary>
internal readonly struct TextScalars(TextScanner scanner)
{
    /// <summary>Reads one value of the field and writes it without a tag.</summary>
    public void Copy(ProtoField field, WireWriter writer)
    {
        switch (field.Kind)
        {
            case ProtoKind.Float:
                writer.Fixed32(TextNumbers.FloatBits(Float()));
                break;
            case ProtoKind.Double:
                writer.Fixed64(BitConverter.DoubleToUInt64Bits(Float()));
                break;
            case ProtoKind.Bool:
                writer.Varint(Bool() ? 1u : 0u);
                break;
            case ProtoKind.Enumeration:
                writer.Varint((ulong)Enumeration(field.Enumeration!));
                break;
            case ProtoKind.Int32:
                writer.Varint((ulong)Signed(int.MinValue, int.MaxValue));
                break;
            case ProtoKind.Int64:
                writer.Varint((ulong)Signed(long.MinValue, long.MaxValue));
                break;
            case ProtoKind.Fixed64:
                writer.Fixed64(Unsigned(ulong.MaxValue));
                break;
            case ProtoKind.UInt32:
                writer.Varint(Unsigned(uint.MaxValue));
                break;
            default:
                writer.Varint(Unsigned(ulong.MaxValue));
                break;
        }
    }

    /// <summary>Reads a number of a field without a name; its spelling says how it is laid out.</summary>
    public void CopyUnknown(int number, WireWriter writer)
    {
        int at = scanner.Position;
        string word = scanner.Word("a value");
        if (!TextNumbers.TryParseInteger(word, out ulong value))
            throw scanner.Error(at, $"'{word}' is not a number");
        bool isHexadecimal = word.StartsWith("0x", StringComparison.OrdinalIgnoreCase);
        if (isHexadecimal && word.Length == 10)
        {
            writer.Tag(number, WireType.Fixed32);
            writer.Fixed32((uint)value);
        }
        else if (isHexadecimal && word.Length == 18)
        {
            writer.Tag(number, WireType.Fixed64);
            writer.Fixed64(value);
        }
        else
        {
            writer.Tag(number, WireType.Varint);
            writer.Varint(value);
        }
    }

    private double Float()
    {
        bool isNegative = scanner.TryTake('-');
        int at = scanner.Position;
        string word = scanner.Word("a number");
        if (!TextNumbers.TryParseFloat(word, out double value))
            throw scanner.Error(at, $"'{word}' is not a number");
        return isNegative ? -value : value;
    }

    private bool Bool()
    {
        int at = scanner.Position;
        return scanner.Word("true or false") switch
        {
            "true" or "True" or "t" or "1" => true,
            "false" or "False" or "f" or "0" => false,
            string word => throw scanner.Error(at, $"'{word}' is neither true nor false"),
        };
    }

    private long Enumeration(ProtoEnum type)
    {
        int at = scanner.Position;
        byte first = scanner.Peek();
        if (first == '-' || char.IsAsciiDigit((char)first))
            return Signed(int.MinValue, int.MaxValue);
        string word = scanner.Word("a name");
        return type.Find(word) ?? throw scanner.Error(at, $"{type.Name} has no value '{word}'");
    }

    private long Signed(long least, long most)
    {
        int at = scanner.Position;
        bool isNegative = scanner.TryTake('-');
        ulong value = Unsigned(isNegative ? (ulong)-(least + 1) + 1 : (ulong)most, at);
        return isNegative ? (long)(0 - value) : (long)value;
    }

    private ulong Unsigned(ulong most) => Unsigned(most, scanner.Position);

    private ulong Unsigned(ulong most, int at)
    {
        string word = scanner.Word("an integer");
        if (!TextNumbers.TryParseInteger(word, out ulong value))
            throw scanner.Error(at, $"'{word}' is not an integer");
        return value <= most ? value : throw scanner.Error(at, $"'{word}' is out of range");
    }
}
