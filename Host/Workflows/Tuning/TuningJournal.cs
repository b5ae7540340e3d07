using System.Collections.Immutable;
using System.Text;
using TransformFramework.Toolkit.Calibration;
using TransformFramework.Workflows.Sharding;

namespace TransformFramework.Workflows.Tuning;

/// <summary>Keeps what a tuning has measured in a folder, so that the same work goes on where it was ended. Other work in the folder is begun again.</summary>
/// <param name="folder">The folder.</param>
/// <param name="fingerprint">What the measurements depend on.</param>
/// <param name="next">Receives the same; null for nobody.</param>
/// <param name="cancellation">Ends the writing.</param>
public sealed class TuningJournal(ShardFolder folder, ShardFingerprint fingerprint, ITuningLog? next, CancellationToken cancellation) : ITuningLog
{
    private const string RangesStep = "tune_ranges";
    private const string NumbersStep = "tune_candidates";

    /// <summary>What was measured, now or before.</summary>
    public TuningMeasurements Known { get; private set; } = Read(folder, fingerprint);

    /// <inheritdoc/>
    public void Add(RangeFile ranges)
    {
        next?.Add(ranges);
        Known = Known with { Ranges = ranges };
        folder.Write(RangesStep, ShardNumber.All, fingerprint, ranges.Samples, bad: 0, ranges.WriteCompact, cancellation);
    }

    /// <inheritdoc/>
    public void Add(IReadOnlyList<LayerSensitivity> layers)
    {
        next?.Add(layers);
        Keep(Known with { Sensitivities = Known.Sensitivities.ToImmutableDictionary().SetItems(layers.Select(layer => KeyValuePair.Create(layer.Node, layer.Sqnr))) });
    }

    /// <inheritdoc/>
    public void Add(TuningPoint point)
    {
        next?.Add(point);
        Keep(Known with { Points = Known.Points.ToImmutableDictionary().SetItem(point.KeptFloat, point) });
    }

    /// <inheritdoc/>
    public void Add(int keptFloat, double loss)
    {
        next?.Add(keptFloat, loss);
        Keep(Known with { Losses = Known.Losses.ToImmutableDictionary().SetItem(keptFloat, loss) });
    }

    private void Keep(TuningMeasurements measured)
    {
        Known = measured;
        int items = measured.Sensitivities.Count + measured.Points.Count + measured.Losses.Count;
        folder.Write(NumbersStep, ShardNumber.All, fingerprint, items, bad: 0, stream => Write(stream, measured), cancellation);
    }

    private static void Write(Stream stream, TuningMeasurements measured)
    {
        TuningMeasurements.Write(stream, [.. measured.Sensitivities.OrderBy(entry => entry.Key, StringComparer.Ordinal)]);
        using var writer = new BinaryWriter(stream, Encoding.UTF8, leaveOpen: true);
        writer.Write(measured.Losses.Count);
        foreach (var (kept, loss) in measured.Losses.OrderBy(entry => entry.Key))
        {
            writer.Write(kept);
            writer.Write(loss);
        }
        writer.Write(measured.Points.Count);
        foreach (TuningPoint point in measured.Points.Values.OrderBy(point => point.KeptFloat))
        {
            writer.Write(point.KeptFloat);
            writer.Write(point.Sqnr);
            writer.Write(point.PointsLost);
            writer.Write(point.Milliseconds);
            writer.Write(point.Bytes);
        }
    }

    private static TuningMeasurements Read(ShardFolder folder, ShardFingerprint fingerprint) => (folder.Finished(NumbersStep, ShardNumber.All, fingerprint)?.Read(Numbers) ?? TuningMeasurements.None) with
    {
        Ranges = folder.Finished(RangesStep, ShardNumber.All, fingerprint)?.Read(content => RangeFile.ReadCompact(new MemoryStream(content))),
    };

    private static TuningMeasurements Numbers(byte[] content)
    {
        try
        {
            using var reader = new BinaryReader(new MemoryStream(content));
            var sensitivities = TuningMeasurements.Read(reader).ToImmutableDictionary();
            var losses = Many(reader, () => KeyValuePair.Create(reader.ReadInt32(), reader.ReadDouble())).ToImmutableDictionary();
            var points = Many(reader, () => new TuningPoint(reader.ReadInt32(), reader.ReadDouble(), reader.ReadDouble(), reader.ReadDouble(), reader.ReadInt64())).ToImmutableDictionary(point => point.KeptFloat);
            return new() { Sensitivities = sensitivities, Losses = losses, Points = points };
        }
        catch (Exception error) when (error is EndOfStreamException or FormatException or ArgumentException)
        {
            throw new InvalidDataException("not the measurements of a tuning", error);
        }
    }

    private static List<T> Many<T>(BinaryReader reader, Func<T> read)
    {
        var many = new List<T>();
        for (int count = reader.ReadInt32(); many.Count < count;)
            many.Add(read());
        return many;
    }
}
