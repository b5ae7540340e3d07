using System.Buffers.Binary;
using System.Text;

namespace TransformFramework.TfLite.Schema;

/// <summary>
/// A FlexBuffer whose root is a map from names to numbers, as custom operators have their options: names ended by zero, a vector of their offsets, a vector of the values in the order of the names,
/// a byte for the type of each value, and the root's offset, type and width. Offsets count back from where they are stored.
/// </summary>
internal static class FlexMap
{
    private const int Width = 4;
    private const int WidthExponent = 2;
    private const int TypeInt = 1, TypeUInt = 2, TypeFloat = 3, TypeMap = 9, TypeBool = 26;
    private const int MostEntries = 256;

    /// <summary>The numbers by their names; values of other types are left out.</summary>
    /// <exception cref="ModelFiles.ModelFormatException">The bytes are no such map.</exception>
    public static Dictionary<string, double> Read(ReadOnlySpan<byte> bytes)
    {
        var found = new Dictionary<string, double>(StringComparer.Ordinal);
        if (bytes.Length < 3)
            throw Damaged();
        int rootWidth = bytes[^1];
        int packed = bytes[^2];
        int root = bytes.Length - 2 - rootWidth;
        if (packed >> 2 != TypeMap || rootWidth is not (1 or 2 or 4 or 8))
            throw Damaged();
        int width = 1 << (packed & 3);
        int values = Target(bytes, root, rootWidth);
        long count = Unsigned(bytes, values - width, width);
        int keys = Target(bytes, values - (3 * width), width);
        long keyWidth = Unsigned(bytes, values - (2 * width), width);
        if (count > MostEntries || keyWidth is not (1 or 2 or 4 or 8))
            throw Damaged();
        for (int i = 0; i < count; i++)
        {
            string name = Text(bytes, Target(bytes, keys + (i * (int)keyWidth), (int)keyWidth));
            int at = values + (i * width);
            int type = (int)Unsigned(bytes, values + ((int)count * width) + i, 1) >> 2;
            if (type == TypeFloat && width is 4 or 8)
                found[name] = Check(bytes, at, width) == 4 ? BinaryPrimitives.ReadSingleLittleEndian(bytes[at..]) : BinaryPrimitives.ReadDoubleLittleEndian(bytes[at..]);
            else if (type is TypeUInt or TypeBool)
                found[name] = Unsigned(bytes, at, width);
            else if (type == TypeInt)
                found[name] = Signed(bytes, at, width);
        }
        return found;
    }

    /// <summary>The bytes of a map of integers, truth values and floats.</summary>
    public static byte[] Write(IEnumerable<(string Name, object Value)> entries)
    {
        (string Name, object Value)[] sorted = [.. entries.OrderBy(entry => entry.Name, StringComparer.Ordinal)];
        var bytes = new List<byte>();
        int[] names = new int[sorted.Length];
        for (int i = 0; i < sorted.Length; i++)
        {
            names[i] = bytes.Count;
            bytes.AddRange(Encoding.UTF8.GetBytes(sorted[i].Name));
            bytes.Add(0);
        }
        while (bytes.Count % Width != 0)
            bytes.Add(0);
        Add(sorted.Length);
        int keys = bytes.Count;
        foreach (int name in names)
            Add(bytes.Count - name);
        Add(bytes.Count - keys);
        Add(Width);
        Add(sorted.Length);
        int values = bytes.Count;
        foreach (var (_, value) in sorted)
            Add(value switch { float real => BitConverter.SingleToInt32Bits(real), bool flag => flag ? 1 : 0, var number => Convert.ToInt32(number, System.Globalization.CultureInfo.InvariantCulture) });
        foreach (var (_, value) in sorted)
            bytes.Add((byte)(((value switch { float => TypeFloat, bool => TypeBool, _ => TypeInt }) << 2) | WidthExponent));
        while (bytes.Count % Width != 0)
            bytes.Add(0);
        Add(bytes.Count - values);
        bytes.Add((TypeMap << 2) | WidthExponent);
        bytes.Add(Width);
        return [.. bytes];

        void Add(int value)
        {
            Span<byte> four = stackalloc byte[Width];
            BinaryPrimitives.WriteInt32LittleEndian(four, value);
            bytes.AddRange(four);
        }
    }

    private static int Target(ReadOnlySpan<byte> bytes, int at, int width)
    {
        long back = Unsigned(bytes, at, width);
        return back > 0 && back <= at ? at - (int)back : throw Damaged();
    }

    private static string Text(ReadOnlySpan<byte> bytes, int at)
    {
        int end = bytes[at..].IndexOf((byte)0);
        return end >= 0 ? Encoding.UTF8.GetString(bytes.Slice(at, end)) : throw Damaged();
    }

    private static long Unsigned(ReadOnlySpan<byte> bytes, int at, int width) => Check(bytes, at, width) switch
    {
        1 => bytes[at],
        2 => BinaryPrimitives.ReadUInt16LittleEndian(bytes[at..]),
        4 => BinaryPrimitives.ReadUInt32LittleEndian(bytes[at..]),
        _ => BinaryPrimitives.ReadInt64LittleEndian(bytes[at..]) is >= 0 and var value ? value : throw Damaged(),
    };

    private static long Signed(ReadOnlySpan<byte> bytes, int at, int width) => Check(bytes, at, width) switch
    {
        1 => (sbyte)bytes[at],
        2 => BinaryPrimitives.ReadInt16LittleEndian(bytes[at..]),
        4 => BinaryPrimitives.ReadInt32LittleEndian(bytes[at..]),
        _ => BinaryPrimitives.ReadInt64LittleEndian(bytes[at..]),
    };

    private static int Check(ReadOnlySpan<byte> bytes, int at, int width) => at >= 0 && at <= bytes.Length - width ? width : throw Damaged();

    private static ModelFiles.ModelFormatException Damaged() => TfLiteDiagnostics.Invalid("its options are no map of numbers");
}
