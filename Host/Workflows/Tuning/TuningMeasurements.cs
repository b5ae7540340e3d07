using System.Text;
using TransformFramework.Toolkit.Calibration;

namespace TransformFramework.Workflows.Tuning;

/// <summary>What was measured before a tuning, or on other machines. What is not there is measured when it is needed.</summary>
public sealed record TuningMeasurements
{
    /// <summary>Nothing.</summary>
    public static TuningMeasurements None { get; } = new();

    /// <summary>Ranges of the prepared graph; null when they are not known.</summary>
    public RangeFile? Ranges { get; init; }

    /// <summary>Signal to noise of the outputs in dB when one layer alone is quantized, by the layer's name.</summary>
    public IReadOnlyDictionary<string, double> Sensitivities { get; init; } = new Dictionary<string, double>();

    /// <summary>Noise and size of graphs, by how many of the ranked layers stay in float.</summary>
    public IReadOnlyDictionary<int, TuningPoint> Points { get; init; } = new Dictionary<int, TuningPoint>();

    /// <summary>Whether shards have measured all losses, and no points beside them.</summary>
    public bool IsOfShards { get; init; }

    /// <summary>Points that are lost, by how many of the ranked layers stay in float.</summary>
    public IReadOnlyDictionary<int, double> Losses { get; init; } = new Dictionary<int, double>();

    /// <summary>Writes numbers by name.</summary>
    public static void Write(Stream stream, IReadOnlyCollection<KeyValuePair<string, double>> numbers)
    {
        using var writer = new BinaryWriter(stream, Encoding.UTF8, leaveOpen: true);
        writer.Write(numbers.Count);
        foreach (var (name, number) in numbers)
        {
            writer.Write(name);
            writer.Write(number);
        }
    }

    /// <summary>Reads what <see cref="Write"/> wrote.</summary>
    /// <exception cref="InvalidDataException">The bytes are something else.</exception>
    public static IReadOnlyList<KeyValuePair<string, double>> Read(byte[] content)
    {
        try
        {
            using var reader = new BinaryReader(new MemoryStream(content));
            return Read(reader);
        }
        catch (Exception error) when (error is EndOfStreamException or FormatException)
        {
            throw new InvalidDataException("not the measurements of a tuning", error);
        }
    }

    internal static List<KeyValuePair<string, double>> Read(BinaryReader reader)
    {
        var numbers = new List<KeyValuePair<string, double>>();
        for (int count = reader.ReadInt32(); numbers.Count < count;)
            numbers.Add(new(reader.ReadString(), reader.ReadDouble()));
        return numbers;
    }
}
