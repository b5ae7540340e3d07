using System.Text;
using System.Text.Json;
using System.Text.Json.Serialization;
using TransformFramework.Toolkit.Sampling;

namespace TransformFramework.Toolkit.Calibration;

/// <summary>
/// What calibration writes: for each tensor its range, and the statistics that the range was chosen from, so that files of several machines merge. JSON with a <c>schema_version</c>;
/// tensors are named <c>node</c> or <c>node:port</c>.
/// </summary>
public sealed partial class RangeFile
{
    private const int Version = 1;

    /// <summary>Number of samples.</summary>
    public long Samples { get; set; }

    /// <summary>How ranges are chosen.</summary>
    public RangeChoice Choice { get; set; } = new(RangeMethod.MinMax);

    /// <summary>Statistics by tensor.</summary>
    public Dictionary<string, TensorStatistics> Tensors { get; } = new(StringComparer.Ordinal);

    /// <summary>The range of a tensor, or null when it was not seen.</summary>
    public (float Min, float Max)? Find(string tensor) => Tensors.TryGetValue(tensor, out var statistics) ? Choice.Of(statistics) : null;

    /// <summary>Takes in the samples of another file.</summary>
    public void Merge(RangeFile other)
    {
        Samples += other.Samples;
        foreach (var (name, statistics) in other.Tensors)
        {
            if (Tensors.TryGetValue(name, out var known))
                known.Merge(statistics);
            else
                Tensors.Add(name, statistics);
        }
    }

    /// <summary>Reads a file.</summary>
    /// <exception cref="InvalidDataException">The stream does not hold such a file.</exception>
    public static RangeFile Read(Stream stream)
    {
        try
        {
            var document = JsonSerializer.Deserialize(stream, Format.Default.Document);
            if (document?.Tensors is null || document.SchemaVersion != Version)
                throw new InvalidDataException($"not a file of ranges: schema_version {Version} with tensors is needed, as 'transform_graph calibrate' writes it");
            if (!Enum.IsDefined(document.Method) || Array.Exists(document.Tensors, entry => entry is not { Name: not null, Histogram: not null }))
                throw new InvalidDataException("not a file of ranges: a tensor lacks its name or histogram, or the method is none");
            if (document.Headroom is { } headroom and not (>= 1 and <= RangeChoice.MostHeadroom))
                throw new InvalidDataException($"not a file of ranges: the headroom {headroom} is not from 1 to {RangeChoice.MostHeadroom}");
            var file = new RangeFile { Samples = document.Samples, Choice = new(document.Method, document.Percentile) { Headroom = document.Headroom ?? 1 } };
            foreach (Entry entry in document.Tensors)
                file.Tensors[entry.Name] = TensorStatistics.Of(entry.Least ?? float.PositiveInfinity, entry.Largest ?? float.NegativeInfinity, entry.NotFinite, new(entry.Exponent, entry.Histogram), new([entry.ChannelSums, .. entry.ChannelRemainders ?? []]), entry.Positions);
            return file;
        }
        catch (JsonException error)
        {
            throw new InvalidDataException($"not a file of ranges: line {error.LineNumber + 1} is not as 'transform_graph calibrate' writes it", error);
        }
        catch (Exception error) when (error is ArgumentException or NotSupportedException)
        {
            throw new InvalidDataException($"not a file of ranges: {error.Message}", error);
        }
    }

    /// <summary>Writes the file; tensors by name.</summary>
    public void Write(Stream stream)
    {
        var entries = Tensors.OrderBy(tensor => tensor.Key, StringComparer.Ordinal).Select(tensor => EntryOf(tensor.Key, tensor.Value));
        JsonSerializer.Serialize(stream, new Document { SchemaVersion = Version, Samples = Samples, Method = Choice.Method, Percentile = Choice.Percentile, Headroom = Choice.Headroom > 1 ? Choice.Headroom : null, Tensors = [.. entries] }, Format.Default.Document);
    }

    /// <summary>Writes samples and statistics in few bytes, for <see cref="ReadCompact"/> of the same version of the program.</summary>
    public void WriteCompact(Stream stream)
    {
        using var writer = new BinaryWriter(stream, Encoding.UTF8, leaveOpen: true);
        writer.Write(Samples);
        writer.Write(Tensors.Count);
        foreach (var (name, statistics) in Tensors.OrderBy(tensor => tensor.Key, StringComparer.Ordinal))
        {
            writer.Write(name);
            statistics.Write(writer);
        }
    }

    /// <summary>Reads what <see cref="WriteCompact"/> wrote.</summary>
    /// <exception cref="InvalidDataException">The stream holds something else.</exception>
    public static RangeFile ReadCompact(Stream stream)
    {
        try
        {
            using var reader = new BinaryReader(stream, Encoding.UTF8, leaveOpen: true);
            var file = new RangeFile { Samples = reader.ReadInt64() };
            int count = reader.ReadInt32();
            for (int i = 0; i < count; i++)
                file.Tensors[reader.ReadString()] = TensorStatistics.Read(reader);
            return file;
        }
        catch (Exception error) when (error is EndOfStreamException or ArgumentException or FormatException)
        {
            throw new InvalidDataException($"not ranges of a shard: {error.Message}", error);
        }
    }

    private Entry EntryOf(string name, TensorStatistics statistics)
    {
        var (min, max) = Choice.Of(statistics);
        ReadOnlySpan<long> counts = statistics.Magnitudes.Counts;
        double[][] sums = statistics.ChannelSumParts();
        return new()
        {
            Name = name,
            Min = min,
            Max = max,
            Least = float.IsFinite(statistics.Min) ? statistics.Min : null,
            Largest = float.IsFinite(statistics.Max) ? statistics.Max : null,
            NotFinite = statistics.NotFinite,
            Exponent = statistics.Magnitudes.Exponent,
            Histogram = counts[..(counts.LastIndexOfAnyExcept(0L) + 1)].ToArray(),
            Positions = statistics.Positions,
            ChannelSums = sums[0],
            ChannelRemainders = sums.Length > 1 ? sums[1..] : null,
        };
    }

    private sealed record Document
    {
        public int SchemaVersion { get; set; }

        public long Samples { get; set; }

        [JsonConverter(typeof(JsonStringEnumConverter<RangeMethod>))]
        [JsonIgnore(Condition = JsonIgnoreCondition.Never)]
        public RangeMethod Method { get; set; }

        public double Percentile { get; set; }

        /// <summary>Null for 1.</summary>
        public float? Headroom { get; set; }

        public Entry[]? Tensors { get; set; }
    }

    private sealed record Entry
    {
        public required string Name { get; set; }

        public float Min { get; set; }

        public float Max { get; set; }

        [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
        public float? Least { get; set; }

        [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
        public float? Largest { get; set; }

        public long NotFinite { get; set; }

        public int Exponent { get; set; }

        public long[] Histogram { get; set; } = [];

        public long Positions { get; set; }

        public double[] ChannelSums { get; set; } = [];

        /// <summary>What rounding left out of the sums, so that files merge to the same sums in any order.</summary>
        public double[][]? ChannelRemainders { get; set; }
    }

    [JsonSourceGenerationOptions(PropertyNamingPolicy = JsonKnownNamingPolicy.SnakeCaseLower, DefaultIgnoreCondition = JsonIgnoreCondition.WhenWritingDefault)]
    [JsonSerializable(typeof(Document))]
    private sealed partial class Format : JsonSerializerContext;
}
