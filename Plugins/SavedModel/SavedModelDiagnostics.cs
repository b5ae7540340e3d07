using TransformFramework.ModelFiles;

namespace TransformFramework.SavedModel;

/// <summary>Ids of what reading, freezing and writing SavedModels and checkpoints reports.</summary>
internal static class SavedModelDiagnostics
{
    /// <summary>There is no signature of the name, or several to choose from.</summary>
    public const string Signature = "TFX4301";

    /// <summary>No meta graph has the tags.</summary>
    public const string Tags = "TFX4302";

    /// <summary>A file that the model needs is missing.</summary>
    public const string MissingFile = "TFX4303";

    /// <summary>A file of the model is malformed.</summary>
    public const string Malformed = "TFX4304";

    /// <summary>A variable is assigned on the way to the outputs.</summary>
    public const string Assigned = "TFX4305";

    /// <summary>A variable is assigned, and no output needs it (warning).</summary>
    public const string AssignedAside = "TFX4306";

    /// <summary>A variable has no value.</summary>
    public const string NoValue = "TFX4307";

    /// <summary>A variable's value has another shape or type than the variable.</summary>
    public const string Misfit = "TFX4308";

    /// <summary>A signature names a tensor that the graph does not have.</summary>
    public const string MissingTensor = "TFX4309";

    /// <summary>A variable is used by an op that cannot be frozen.</summary>
    public const string UnknownUse = "TFX4310";

    /// <summary>The graph is malformed: two nodes of one name, a function that is missing or calls itself.</summary>
    public const string BadGraph = "TFX4311";

    /// <summary>An asset cannot be read as the contents of a table.</summary>
    public const string BadAsset = "TFX4312";

    /// <summary>A table cannot be filled at conversion.</summary>
    public const string UnknownTable = "TFX4313";

    /// <summary>A checkpoint comes without a graph.</summary>
    public const string NoGraph = "TFX4314";

    /// <summary>A placeholder is needed that no input of the signature names (warning).</summary>
    public const string OpenPlaceholder = "TFX4315";

    /// <summary>The graph asks for a later runtime (warning).</summary>
    public const string NewerFormat = "TFX4316";

    /// <summary>Calls stay calls, because inlining them would give too many nodes (information).</summary>
    public const string CallsKept = "TFX4317";

    /// <summary>A placeholder that is to be fixed does not exist, or the value does not fit.</summary>
    public const string FixedInput = "TFX4318";

    /// <summary>The graph cannot be written as a SavedModel.</summary>
    public const string Unwritable = "TFX4319";

    public static ModelFormatException Error(string id, string message, string? suggestion = null) => new(message) { DiagnosticId = id, Suggestion = suggestion };
}
