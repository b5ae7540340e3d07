using System.Globalization;
using TransformFramework.Toolkit.Calibration;
using TransformFramework.Workflows.Tuning;

namespace TransformFramework.Cli.Rendering;

/// <summary>Shows the candidates of a tuning as they come.</summary>
/// <param name="progress">Where.</param>
internal sealed class TuningTable(ProgressDisplay progress) : ITuningLog
{
    private const string Header = "layers in float, signal to noise, time of a run, size:";
    private bool hasHeader;

    /// <summary>A candidate in one line.</summary>
    public static string Line(TuningPoint point) => string.Create(CultureInfo.InvariantCulture, $"  {point.KeptFloat,4} {point.Sqnr,7:F1} dB {point.Milliseconds,9:F2} ms {point.Bytes,12:N0} bytes");

    /// <inheritdoc/>
    public void Add(TuningPoint point)
    {
        progress.Say(hasHeader ? Line(point) : $"{Header}\n{Line(point)}", new { phase = "candidate", kept_float = point.KeptFloat, sqnr_db = Finite(point.Sqnr), points_lost = point.PointsLost, milliseconds = point.Milliseconds, bytes = point.Bytes });
        hasHeader = true;
    }

    /// <inheritdoc/>
    public void Add(IReadOnlyList<LayerSensitivity> layers)
    {
        foreach (LayerSensitivity layer in layers)
            progress.Say(string.Create(CultureInfo.InvariantCulture, $"  {layer.Sqnr,7:F1} dB with only {layer.Node} in 8 bits"), new { phase = "layer", name = layer.Node, sqnr_db = Finite(layer.Sqnr) });
    }

    /// <inheritdoc/>
    public void Add(int keptFloat, double loss) =>
        progress.Say(string.Create(CultureInfo.InvariantCulture, $"  {keptFloat,4} in float: {loss:F2} points lost"), new { phase = "candidate", kept_float = keptFloat, points_lost = loss });

    /// <inheritdoc/>
    public void Add(RangeFile ranges)
    {
    }

    private static double? Finite(double value) => double.IsFinite(value) ? value : null;
}
