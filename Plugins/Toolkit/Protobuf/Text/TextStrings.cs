namespace TransformFramework.Toolkit.Protobuf.Text;

/// <summary>Quoted byte strings as protobuf prints them.</summary>
internal static class TextStrings
{
    public static void Write(ReadOnlySpan<byte> bytes, TextWriter output)
    {
        output.Write('"');
        foreach (byte value in bytes)
        {
            switch (value)
            {
                case (byte)'\n':
                    output.Write("\\n");
                    break;
                case (byte)'\r':
                    output.Write("\\r");
                    break;
                case (byte)'\t':
                    output.Write("\\t");
                    break;
                case (byte)'"' or (byte)'\'' or (byte)'\\':
                    output.Write('\\');
                    output.Write((char)value);
                    break;
                case >= 0x20 and < 0x7F:
                    output.Write((char)value);
                    break;
                default:
                    WriteOctal(value, output);
                    break;
            }
        }
        output.Write('"');
    }

    private static void WriteOctal(byte value, TextWriter output)
    {
        output.Write('\\');
        output.Write((char)('0' + (value >> 6)));
        output.Write((char)('0' + ((value >> 3) & 7)));
        output.Write((char)('0' + (value & 7)));
    }
}
