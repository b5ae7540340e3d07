namespace TransformFramework.Toolkit.Calibration;

/// <summary>How a range is chosen from what calibration saw.</summary>
public enum RangeMethod
{
    /// <summary>Everything that was seen.</summary>
    MinMax,

    /// <summary>Leaves out the largest magnitudes, a given share of all.</summary>
    Percentile,

    /// <summary>The smallest mean squared error of quantized values and what is cut off.</summary>
    MeanSquaredError,

    /// <summary>The smallest Kullback–Leibler divergence between what was seen and its quantized values.</summary>
    Entropy,
}
