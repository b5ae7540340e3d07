namespace TransformFramework.Keras;

/// <summary>Ids of the diagnostics of this assembly.</summary>
internal static class KerasDiagnostics
{
    /// <summary>The container (HDF5, zip, JSON) is damaged.</summary>
    public const string DamagedFile = "TFX4401";

    /// <summary>A part of the file that a model needs is missing.</summary>
    public const string MissingPart = "TFX4402";

    /// <summary>The file holds weights only.</summary>
    public const string WeightsOnly = "TFX4403";

    /// <summary>The configuration contradicts itself or lacks a value.</summary>
    public const string BadConfiguration = "TFX4404";

    /// <summary>A layer, activation or operator that is not known: custom code.</summary>
    public const string UnknownClass = "TFX4405";

    /// <summary>A layer that holds Python code.</summary>
    public const string PythonCode = "TFX4406";

    /// <summary>A weight is missing or has not the shape that the configuration needs.</summary>
    public const string BadWeight = "TFX4407";

    /// <summary>An option of a known layer that has no graph.</summary>
    public const string UnsupportedOption = "TFX4408";

    /// <summary>An input of the reading names nothing in the model.</summary>
    public const string UnknownName = "TFX4409";

    /// <summary>What to do about layers that only Python knows.</summary>
    public const string ExportAdvice = "Export the model as a SavedModel where its code is (model.export(folder)), and read that.";
}
