using System.Text;
using TransformFramework.Toolkit.Calibration;

namespace TransformFramework.Workflows.Quantization;

/// <summary>The half of a quantization that runs over all samples: ranges of the prepared graphs.</summary>
/// <param name="ranges">The ranges; by whether channels are equalized.</param>
public sealed class MeasuredRanges(Dictionary<bool, RangeFile> ranges)
{
    /// <summary>Number of samples.</summary>
    public long Samples => ranges.Count == 0 ? 0 : ranges.Values.First().Samples;

    /// <summary>The ranges with or without equalization.</summary>
    public RangeFile this[bool equalizes] => ranges[equalizes];

    /// <summary>Takes in the samples of others.</summary>
    /// <exception cref="InvalidDataException">They are of other graphs.</exception>
    public void Merge(MeasuredRanges other)
    {
        if (!ranges.Keys.Order().SequenceEqual(other.Keys))
            throw new InvalidDataException("the ranges are of other graphs");
        foreach (var (equalizes, file) in ranges)
            file.Merge(other[equalizes]);
    }

    /// <summary>Writes the ranges.</summary>
    public void Write(Stream stream)
    {
        using (var writer = new BinaryWriter(stream, Encoding.UTF8, leaveOpen: true))
            writer.Write((byte)ranges.Count);
        foreach (bool equalizes in Keys)
        {
            stream.WriteByte(equalizes ? (byte)1 : (byte)0);
            ranges[equalizes].WriteCompact(stream);
        }
    }

    /// <summary>Reads what <see cref="Write"/> wrote.</summary>
    /// <exception cref="InvalidDataException">The bytes are something else.</exception>
    public static MeasuredRanges Read(byte[] content)
    {
        using var stream = new MemoryStream(content);
        var ranges = new Dictionary<bool, RangeFile>();
        int count = stream.ReadByte();
        for (int i = 0; i < count; i++)
            ranges[stream.ReadByte() == 1] = RangeFile.ReadCompact(stream);
        return new(ranges);
    }

    private IOrderedEnumerable<bool> Keys => ranges.Keys.Order();
}
