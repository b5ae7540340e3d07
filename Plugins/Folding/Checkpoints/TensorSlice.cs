using System.Collections.Immutable;
using System.Globalization;
using System.Text;
using TransformFramework.Diagnostics;
using TransformFramework.Graphs;
using TransformFramework.Transforms;

namespace TransformFramework.Folding.Checkpoints;

/// <summary>A part of a tensor: along each dimension where it starts, and how long it is, -1 for all of the dimension.</summary>
internal sealed record TensorSlice(ImmutableArray<(long Start, long Length)> Extents)
{
    /// <summary>True when it is the whole of a tensor's shape but for the first dimension.</summary>
    public bool IsOfRows(TensorShape shape) =>
        shape.Rank > 0 && Extents.Length == shape.Rank && Extents.Skip(1).Zip(shape.Dimensions.Skip(1)).All(pair => pair.First.Start == 0 && (pair.First.Length < 0 || pair.First.Length == pair.Second));

    /// <summary>First row, and number of rows.</summary>
    public (long Start, long Count) Rows(TensorShape shape) => Extents[0].Length < 0 ? (0, shape[0]) : Extents[0];

    /// <summary>Reads a message TensorSliceProto.</summary>
    public static TensorSlice Parse(ReadOnlySpan<byte> message)
    {
        var extents = ImmutableArray.CreateBuilder<(long Start, long Length)>();
        for (var fields = new ProtoFields(message); fields.Next();)
        {
            if (fields.Number == 1)
                extents.Add(ExtentOf(fields.Bytes));
        }
        return new(extents.ToImmutable());
    }

    /// <summary>Reads an entry of RestoreV2's shape_and_slices: sizes of the whole tensor, then start and length along each dimension or -, as in <c>8 1 0,4:-</c>. Null when it is the whole tensor.</summary>
    /// <exception cref="TransformException">InvalidArgument: it is no such text.</exception>
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
                || (parts[i] != "-" && !(ends.Length == 2 && long.TryParse(ends[0], CultureInfo.InvariantCulture, out start) && long.TryParse(ends[1], CultureInfo.InvariantCulture, out length) && start >= 0 && length > 0 && start + length <= size)))
            {
                throw new TransformException(StatusKind.InvalidArgument, $"'{specification}' is no shape with a slice, such as '8 1 0,4:-'");
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
        key.AddRange([0, 1, 1, (byte)Extents.Length]);
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
        System.Buffers.Binary.BinaryPrimitives.WriteInt64BigEndian(code[2..], value);
        Span<byte> used = code[^bytes..];
        used[0] ^= (byte)(0xFF << (8 - Math.Min(bytes, 8)));
        if (bytes > 8)
            used[1] ^= 0x80;
        key.AddRange(used);
    }

    private static (long Start, long Length) ExtentOf(ReadOnlySpan<byte> message)
    {
        long start = 0, length = -1;
        for (var fields = new ProtoFields(message); fields.Next();)
        {
            if (fields.Number == 1)
                start = (long)fields.Value;
            else if (fields.Number == 2)
                length = (long)fields.Value;
        }
        return (start, length);
    }
}
