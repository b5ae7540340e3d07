using System.Buffers.Binary;
using System.Collections.Immutable;
using System.Globalization;
using System.Text;
using TransformFramework.Graphs;
using TransformFramework.ModelFiles;
using TransformFramework.Toolkit.Protobuf;

namespace TransformFramework.Toolkit.Checkpoints;

/// <summary>A part of a tensor: along each dimension where it starts, and how long it is, -1 for all of the dimension.</summary>
public sealed record TensorSlice(ImmutableArray<(long Start, long Length)> Extents)
{
    /// <summary>Most dimensions of a tensor.</summary>
    private const int MostDimensions = 254;

    /// <summary>The part as starts and lengths that fit a tensor's shape, or null when it is outside.</summary>
    public TensorBox? Within(TensorShape shape)
    {
        if (shape.Rank != Extents.Length)
            return null;
        var starts = ImmutableArray.CreateBuilder<long>(Extents.Length);
        var lengths = ImmutableArray.CreateBuilder<long>(Extents.Length);
        for (int i = 0; i < Extents.Length; i++)
        {
            var (start, length) = Extents[i].Length < 0 ? (0, shape[i]) : Extents[i];
            if (start < 0 || start > shape[i] || length > shape[i] - start)
                return null;
            starts.Add(start);
            lengths.Add(length);
        }
        return new(starts.MoveToImmutable(), lengths.MoveToImmutable());
    }

    /// <summary>Reads a message TensorSliceProto.</summary>
    internal static TensorSlice Parse(WireReader reader)
    {
        var extents = ImmutableArray.CreateBuilder<(long Start, long Length)>();
        while (reader.Next())
        {
            if (reader is { Field: 1, Type: WireType.Bytes } && extents.Count < MostDimensions)
                extents.Add(ExtentOf(reader.Message()));
            else
                reader.Skip();
        }
        return new(extents.ToImmutable());
    }

    /// <summary>Reads an entry of RestoreV2's shape_and_slices: sizes of the whole tensor, then start and length along each dimension or -, as in <c>8 1 0,4:-</c>. Null when it is the whole tensor.</summary>
    /// <exception cref="ModelFormatException">It is no such text.</exception>
    public static TensorSlice? Parse(string specification)
    {
        if (specification.Length == 0)
            return null;
        string[] words = specification.Split(' ');
        string[] parts = words[^1].Split(':');
        var extents = ImmutableArray.CreateBuilder<(long Start, long Length)>();
        bool isWhole = true;
        for (int i = 0; i < parts.Length; i++)
        {
            string[] ends = parts[i].Split(',');
            long start = 0, length = -1;
            if (parts.Length != words.Length - 1 || !long.TryParse(words[i], CultureInfo.InvariantCulture, out long size)
                || (parts[i] != "-" && !(ends.Length == 2 && long.TryParse(ends[0], CultureInfo.InvariantCulture, out start) && long.TryParse(ends[1], CultureInfo.InvariantCulture, out length) && start >= 0 && length > 0 && start <= size - length)))
            {
                throw new ModelFormatException(ToolkitDiagnostics.MalformedSlice.Format(specification)) { DiagnosticId = ToolkitDiagnostics.MalformedSlice.Id };
            }
            isWhole &= length < 0 || length == size;
            extents.Add((start, length));
        }
        return isWhole ? null : new(extents.ToImmutable());
    }

    /// <summary>The key under which a checkpoint keeps a slice: numbers and texts whose bytes sort as they do (tensorflow/core/lib/strings/ordered_code.h), each byte a character.</summary>
    public string KeyIn(string tensor)
    {
        var key = new List<byte> { 0 };
        foreach (byte letter in Encoding.UTF8.GetBytes(tensor))
            key.AddRange(letter switch { 0 => [0, 0xFF], 0xFF => [0xFF, 0], _ => [letter] });
        key.AddRange([0, 1]);
        key.AddRange(Extents.IsEmpty ? [0] : [1, (byte)Extents.Length]);
        foreach (var (start, length) in Extents)
        {
            AddSigned(key, start);
            AddSigned(key, length);
        }
        return Encoding.Latin1.GetString([.. key]);
    }

    /// <summary>As many leading ones as bytes, a zero, then the number in two's complement; the first bit is turned when it is negative.</summary>
    private static void AddSigned(List<byte> key, long value)
    {
        int bytes = 1;
        while (bytes < 9 && (value < 0 ? ~value : value) >> Math.Min(63, (7 * bytes) - 1) != 0)
            bytes++;
        Span<byte> code = stackalloc byte[10];
        code.Fill(value < 0 ? (byte)0xFF : (byte)0);
        BinaryPrimitives.WriteInt64BigEndian(code[2..], value);
        Span<byte> used = code[^bytes..];
        used[0] ^= (byte)(0xFF << (8 - Math.Min(bytes, 8)));
        if (bytes > 8)
            used[1] ^= 0x80;
        key.AddRange(used);
    }

    private static (long Start, long Length) ExtentOf(WireReader reader)
    {
        long start = 0, length = -1;
        while (reader.Next())
        {
            if (reader is { Field: 1, Type: WireType.Varint })
                start = (long)reader.Varint();
            else if (reader is { Field: 2, Type: WireType.Varint })
                length = (long)reader.Varint();
            else
                reader.Skip();
        }
        return (start, length);
    }
}
