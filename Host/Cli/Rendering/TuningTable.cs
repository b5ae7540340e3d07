using System.Globalization;
using TransformFramework.Toolkit.Calibration;
using TransformFramework.Workflows.Tuning;

namespace TransformFramework.Cli.Rendering;

/// <summary>Shows the candidates of a tuning as they come.</summary>
/// <param name="progress">Where.</param>
/// <param name="keptAs">How layers are kept, such as <c>in float</c>.</param>
internal sealed class TuningTable(ProgressDisplay progress, string keptAs) : ITuningLog
{
    private bool hasHeader;

    /// <summary>A candidate in one line.</summary>
    public static string Line(TuningPoint point) => string.Create(CultureInfo.InvariantCulture, $"  {point.KeptFloat,4} {point.Sqnr,7:F1} dB {point.Milliseconds,9:F2} ms {point.Bytes,12:N0} bytes");

    /// <inheritdoc/>
    public void Add(TuningPoint point)
    {
        progress.Say(hasHeader ? Line(point) : $"layers {keptAs}, signal to noise, time of a run, size:\n{Line(point)}", new { phase = "candidate", kept_float = point.KeptFloat, sqnr_db = Finite(point.Sqnr), points_lost = point.PointsLost, milliseconds = point.Milliseconds, bytes = point.Bytes });
        hasHeader = true;
    }

    /// <inheritdoc/>
    public void Add(int keptFloat, double loss) =>
        progress.Say(string.Create(CultureInfo.InvariantCulture, $"  {keptFloat,4} {keptAs}: {loss:F2} points lost"), new { phase = "candidate", kept_float = keptFloat, points_lost = loss });

    /// <inheritdoc/>
    public void Add(RangeFile ranges)
    {
    }

    /// <inheritdoc/>
    public void Add(IReadOnlyList<LayerSensitivity> layers)
    {
    }

    private static double? Finite(double value) => double.IsFinite(value) ? value : null;
}
