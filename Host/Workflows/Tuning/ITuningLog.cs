using TransformFramework.Toolkit.Calibration;

namespace TransformFramework.Workflows.Tuning;

/// <summary>Receives what a tuning measures, as it is measured.</summary>
public interface ITuningLog
{
    /// <summary>The ranges of the prepared graph.</summary>
    void Add(RangeFile ranges);

    /// <summary>What quantizing each of some layers alone costs.</summary>
    void Add(IReadOnlyList<LayerSensitivity> layers);

    /// <summary>A candidate.</summary>
    void Add(TuningPoint point);

    /// <summary>Points that are lost with so many of the ranked layers in float.</summary>
    void Add(int keptFloat, double loss);
}
