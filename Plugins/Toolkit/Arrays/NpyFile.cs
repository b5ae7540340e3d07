using System.Buffers.Binary;
using System.Collections.Immutable;
using System.Globalization;
using System.Text;
using System.Text.RegularExpressions;
using TransformFramework.Graphs;

namespace TransformFramework.Toolkit.Arrays;

/// <summary>Reads and writes NumPy's array format (<c>.npy</c>, versions 1 to 3: numbers and byte strings); reads both orders of dimensions and of bytes, writes rows and little-endian numbers.</summary>
public static partial class NpyFile
{
    private static readonly byte[] Magic = [0x93, (byte)'N', (byte)'U', (byte)'M', (byte)'P', (byte)'Y'];

    private static readonly (string Descriptor, DataType Type)[] Descriptors =
    [
        ("<f4", DataType.Float), ("<f8", DataType.Double), ("<f2", DataType.Half), ("|b1", DataType.Bool),
        ("|u1", DataType.UInt8), ("|i1", DataType.Int8), ("<u2", DataType.UInt16), ("<i2", DataType.Int16),
        ("<u4", DataType.UInt32), ("<i4", DataType.Int32), ("<u8", DataType.UInt64), ("<i8", DataType.Int64),
        ("<c8", DataType.Complex64), ("<c16", DataType.Complex128),
    ];

    /// <summary>Reads one array.</summary>
    /// <param name="file">The file.</param>
    /// <param name="keepsFill">Leaves byte strings the NULs that fill them to one length; without them a string loses its own NULs at the end too, as in NumPy.</param>
    /// <exception cref="InvalidDataException">The bytes are not such an array, or their element type or order is not supported.</exception>
    public static Tensor Read(ReadOnlyMemory<byte> file, bool keepsFill = false)
    {
        ReadOnlySpan<byte> bytes = file.Span;
        if (bytes.Length < 10 || !bytes[..6].SequenceEqual(Magic))
            throw new InvalidDataException("not a .npy array: the file does not begin with \\x93NUMPY");
        bool wide = bytes[6] >= 2;
        int headerStart = wide ? 12 : 10;
        if (bytes.Length < headerStart)
            throw new InvalidDataException("the .npy array ends within its header");
        long headerLength = wide ? BinaryPrimitives.ReadUInt32LittleEndian(bytes[8..]) : BinaryPrimitives.ReadUInt16LittleEndian(bytes[8..]);
        if (headerStart + headerLength > bytes.Length)
            throw new InvalidDataException("the .npy array ends within its header");
        string header = Encoding.UTF8.GetString(bytes.Slice(headerStart, (int)headerLength));
        TensorShape shape = ShapeOf(header);
        if (!shape.TryCount(out long count) || count > Array.MaxLength)
            throw new InvalidDataException($"the .npy array has a shape {shape} that is too large");
        string descriptor = Group(DescriptionPattern(), header, "element type");
        ReadOnlyMemory<byte> content = file[(headerStart + (int)headerLength)..];
        bool isByColumns = FortranPattern().IsMatch(header) && shape.Rank > 1;
        if (!descriptor.Contains('S', StringComparison.Ordinal))
            return ReadNumbers(descriptor, shape, content, isByColumns);
        return isByColumns ? throw new InvalidDataException("the .npy array of strings is stored in column order; save it with numpy.ascontiguousarray") : ReadStrings(descriptor, shape, content, keepsFill);
    }

    /// <summary>The array as a file. NumPy has no bfloat16; such numbers are written as float, which holds them all.</summary>
    /// <exception cref="InvalidDataException">NumPy has no such element type.</exception>
    public static byte[] Write(Tensor tensor)
    {
        if (tensor.Type == DataType.BFloat16)
            return Write(Tensor.Create<float>(DataType.Float, tensor.Shape, tensor.ToSingles()));
        var (descriptor, content) = tensor.Type == DataType.String ? PackStrings(tensor) : (DescriptorOf(tensor.Type), tensor.Bytes);
        string dimensions = string.Concat(tensor.Shape.Dimensions.Select(dimension => dimension.ToString(CultureInfo.InvariantCulture) + ", "));
        string shape = tensor.Shape.Rank == 1 ? dimensions.TrimEnd() : dimensions.TrimEnd(',', ' ');
        string header = $"{{'descr': '{descriptor}', 'fortran_order': False, 'shape': ({shape}), }}";
        int padded = (10 + header.Length + 1 + 63) / 64 * 64;
        header = header.PadRight(padded - 11) + "\n";
        byte[] file = new byte[padded + content.Length];
        Magic.CopyTo(file, 0);
        file[6] = 1;
        BinaryPrimitives.WriteUInt16LittleEndian(file.AsSpan(8), (ushort)header.Length);
        Encoding.ASCII.GetBytes(header, file.AsSpan(10));
        content.Span.CopyTo(file.AsSpan(padded));
        return file;
    }

    private static Tensor ReadNumbers(string descriptor, TensorShape shape, ReadOnlyMemory<byte> content, bool isByColumns)
    {
        DataType type = Array.Find(Descriptors, entry => entry.Descriptor[1..] == descriptor[1..] && descriptor[0] is '<' or '>' or '|' or '=').Type;
        if (type == DataType.Invalid)
            throw new InvalidDataException($"the .npy array has elements of type '{descriptor}', which is not supported");
        long length = shape.ElementCount * type.Size();
        if (content.Length < length)
            throw new InvalidDataException($"the .npy array ends after {content.Length} of {length} bytes");
        if (length > Array.MaxLength)
            throw new InvalidDataException("the .npy array has more than 2 GiB");
        content = content[..(int)length];
        if (descriptor[0] == '>' && type.Size() > 1)
            content = NpyLayout.Reversed(content.Span, type is DataType.Complex64 or DataType.Complex128 ? type.Size() / 2 : type.Size());
        return Tensor.FromContent(type, shape, isByColumns ? NpyLayout.ByRows(content.Span, shape, type.Size()) : content);
    }

    private static Tensor ReadStrings(string descriptor, TensorShape shape, ReadOnlyMemory<byte> content, bool keepsFill)
    {
        if (!int.TryParse(descriptor.AsSpan(descriptor.IndexOf('S', StringComparison.Ordinal) + 1), NumberStyles.None, CultureInfo.InvariantCulture, out int size))
            throw new InvalidDataException($"the .npy array has elements of type '{descriptor}', which is not supported");
        int count = (int)shape.ElementCount;
        if (content.Length < (long)size * count)
            throw new InvalidDataException($"the .npy array ends after {content.Length} of {(long)size * count} bytes");
        var strings = ImmutableArray.CreateBuilder<ReadOnlyMemory<byte>>(count);
        for (int i = 0; i < count; i++)
        {
            ReadOnlyMemory<byte> element = content.Slice(i * size, size);
            strings.Add(keepsFill ? element : element[..(element.Span.LastIndexOfAnyExcept((byte)0) + 1)]);
        }
        return Tensor.FromStrings(shape, strings.MoveToImmutable());
    }

    private static (string Descriptor, ReadOnlyMemory<byte> Content) PackStrings(Tensor tensor)
    {
        var strings = tensor.Strings;
        int size = Math.Max(1, strings.IsEmpty ? 1 : strings.Max(text => text.Length));
        byte[] content = new byte[checked(size * strings.Length)];
        for (int i = 0; i < strings.Length; i++)
            strings[i].Span.CopyTo(content.AsSpan(i * size));
        return ($"|S{size}", content);
    }

    private static string DescriptorOf(DataType type)
    {
        DataType plain = type switch
        {
            DataType.QUInt8 => DataType.UInt8,
            DataType.QInt8 => DataType.Int8,
            DataType.QUInt16 => DataType.UInt16,
            DataType.QInt16 => DataType.Int16,
            DataType.QInt32 => DataType.Int32,
            _ => type,
        };
        return Array.Find(Descriptors, entry => entry.Type == plain).Descriptor
            ?? throw new InvalidDataException($"NumPy has no element type for {type.Name()}");
    }

    private static TensorShape ShapeOf(string header)
    {
        string inside = Group(ShapePattern(), header, "shape");
        long[] dimensions = [.. inside.Split(',', StringSplitOptions.TrimEntries | StringSplitOptions.RemoveEmptyEntries)
            .Select(text => long.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out long dimension)
                ? dimension
                : throw new InvalidDataException($"the .npy header has a dimension '{text}'"))];
        return TensorShape.Of(dimensions);
    }

    private static string Group(Regex pattern, string header, string what)
    {
        Match match = pattern.Match(header);
        return match.Success ? match.Groups[1].Value : throw new InvalidDataException($"the .npy header has no {what}");
    }

    [GeneratedRegex(@"'descr'\s*:\s*'([^']+)'", RegexOptions.None, 60_000)]
    private static partial Regex DescriptionPattern();

    [GeneratedRegex(@"'shape'\s*:\s*\(([^)]*)\)", RegexOptions.None, 60_000)]
    private static partial Regex ShapePattern();

    [GeneratedRegex(@"'fortran_order'\s*:\s*True", RegexOptions.None, 60_000)]
    private static partial Regex FortranPattern();
}
