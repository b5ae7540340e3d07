using System.Globalization;
using System.Text.Json;
using TransformFramework.Keras.Configuration;

namespace TransformFramework.Keras.Layers;

/// <summary>What all layers of a model share.</summary>
/// <param name="version">Version of the Keras that wrote the file, such as <c>2.12.0</c>; empty where it does not say.</param>
/// <param name="operation">The layer of an entry that is an operator, from the entry and its module; null for any other entry.</param>
/// <param name="cancellation">Ends the reading.</param>
internal sealed class ModelContext(string version, Func<LayerSource, string, Layer?> operation, CancellationToken cancellation)
{
    private const int MaxDepth = 64;

    private int depth;

    /// <summary>1 for TensorFlow 1 and Keras up to 2.2, 2, or 3.</summary>
    public int Generation { get; } = GenerationOf(version);

    /// <summary>True when layers convert inputs of floating types, as they do since Keras 2.3.</summary>
    public bool ConvertsInputs => Generation > 1;

    public CancellationToken Cancellation => cancellation;

    /// <summary>A layer from its <c>class_name</c> and <c>config</c>.</summary>
    /// <param name="serialized">The object.</param>
    /// <param name="owner">What it is, for messages.</param>
    /// <exception cref="KerasException">It is not known or not complete.</exception>
    public Layer Deserialize(JsonElement serialized, string owner)
    {
        cancellation.ThrowIfCancellationRequested();
        ConfigurationObject wrapper = ConfigurationObject.Of(serialized, owner);
        string className = wrapper.Text("class_name");
        JsonElement inner = wrapper.Find("config") is { ValueKind: JsonValueKind.Object } config ? config : throw KerasException.Configuration($"{owner} ({className}): config is missing");
        string name = wrapper.Text("name", ConfigurationObject.Of(inner, owner).Text("name", className));
        string registered = wrapper.Text("registered_name", className);
        string described = $"layer '{name}' ({(registered.Contains('>', StringComparison.Ordinal) ? registered : className)})";
        ConfigurationObject configuration = new(inner, described);
        string module = wrapper.Text("module", "");
        if (!IsKeras(module, registered))
            throw new KerasException(KerasDiagnostics.UnknownClass, $"layer '{name}' is of a custom class {className[(className.IndexOf('>', StringComparison.Ordinal) + 1)..]} ({(registered.Length > 0 ? registered : module)})", KerasDiagnostics.ExportAdvice);
        if (++depth > MaxDepth)
            throw KerasException.Configuration($"{described}: layers are nested deeper than {MaxDepth}");
        try
        {
            var source = new LayerSource(className, configuration, this);
            return operation(source, module) ?? LayerRegistry.Create(source);
        }
        finally
        {
            depth--;
        }
    }

    /// <summary>True for files of a Keras before a version; false where the file does not say.</summary>
    public bool IsBefore(int major, int minor)
    {
        string[] parts = version.Split('.');
        return parts.Length >= 2 && int.TryParse(parts[0], NumberStyles.None, CultureInfo.InvariantCulture, out int ownMajor) && int.TryParse(parts[1], NumberStyles.None, CultureInfo.InvariantCulture, out int ownMinor)
            && (ownMajor, ownMinor).CompareTo((major, minor)) < 0;
    }

    private static bool IsKeras(string module, string registered) =>
        (module.Length == 0 || module.Split('.')[0] is "keras" or "tf_keras" or "tensorflow" or "builtins")
        && (!registered.Contains('>', StringComparison.Ordinal) || registered.StartsWith("Keras>", StringComparison.Ordinal) || registered.StartsWith("keras>", StringComparison.Ordinal));

    private static int GenerationOf(string version) => version switch
    {
        "" => 2,
        _ when version.StartsWith("2.2", StringComparison.Ordinal) && (version.Length == 3 || version[3] is '.' or '-') => 1,
        _ when version.StartsWith("2.1.", StringComparison.Ordinal) || version.StartsWith("2.0", StringComparison.Ordinal) || version[0] is '0' or '1' => 1,
        _ when version[0] == '3' => 3,
        _ => 2,
    };
}
