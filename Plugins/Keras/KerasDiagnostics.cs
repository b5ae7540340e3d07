using TransformFramework.Diagnostics;

namespace TransformFramework.Keras;

/// <summary>The diagnostics of this assembly.</summary>
internal static class KerasDiagnostics
{
    /// <summary>What to do about layers that only Python knows.</summary>
    public const string ExportAdvice = "Export the model as a SavedModel where its code is (model.export(folder)), and read that.";

    public static readonly DiagnosticDescriptor DamagedFile = new("TFX4401", Severity.Error, "Keras file is damaged", "{0}")
    {
        Cause = "The container of the model (HDF5, zip or JSON) is cut short, contradicts itself, or uses a part of HDF5 that Keras does not write.",
        Remedy = "Copy the file again, or save the model again: model.save(\"model.keras\").",
        ExampleCommands = """
            printf '\211HDF\r\n\032\n' > model.h5
            transform_graph summarize model.h5
            """,
    };

    public static readonly DiagnosticDescriptor MissingPart = new("TFX4402", Severity.Error, "Part of a Keras file is missing", "{0}")
    {
        Cause = "The file lacks a part that a model needs: its configuration, its weights, the vocabulary of a layer.",
        Remedy = "Save the whole model: model.save(\"model.keras\").",
        Example = "transform_graph summarize model.keras    # a zip with config.json, but without model.weights.h5",
    };

    public static readonly DiagnosticDescriptor WeightsOnly = new("TFX4403", Severity.Error, "Keras file holds weights only", "{0}")
    {
        Cause = "The file was written by model.save_weights, which does not keep what to compute with the weights.",
        Remedy = "Load the weights into the model in Python, and save the whole model: model.save(\"model.keras\").",
        Example = "transform_graph summarize model.weights.h5",
    };

    public static readonly DiagnosticDescriptor BadConfiguration = new("TFX4404", Severity.Error, "Configuration of a Keras model contradicts itself", "{0}")
    {
        Cause = "The configuration of a layer lacks a value, has one of the wrong kind, or does not fit the shapes of its inputs. The message names the layer.",
        Remedy = "Save the model again; a configuration that was edited by hand must be put right by hand.",
        ExampleCommands = Layers("""{"class_name": "Dense", "config": {"name": "dense", "units": "many"}}"""),
    };

    public static readonly DiagnosticDescriptor UnknownClass = new("TFX4405", Severity.Error, "Unknown layer, activation or operator of Keras", "{0}")
    {
        Cause = "The class is a custom one, or newer than what is read (docs/formats/keras.md lists what is).",
        Remedy = ExportAdvice,
        ExampleCommands = Layers("""{"class_name": "MyLayer", "config": {"name": "mine"}}"""),
    };

    public static readonly DiagnosticDescriptor PythonLambda = new("TFX4406", Severity.Error, "Keras layer holds Python code", "{0}")
    {
        Cause = "A Lambda layer keeps the bytes of a Python function, which only Python can run.",
        Remedy = ExportAdvice,
        ExampleCommands = Layers("""{"class_name": "Lambda", "config": {"name": "lambda", "function": "…"}}"""),
    };

    public static readonly DiagnosticDescriptor BadWeight = new("TFX4407", Severity.Error, "Weights do not fit the Keras model", "{0}")
    {
        Cause = "A weight is missing, or its shape or type is not what the layer's configuration needs.",
        Remedy = "Save the model again: the file was changed or cut after Keras wrote it.",
        ExampleCommands = Layers("""{"class_name": "Dense", "config": {"name": "dense", "units": 2}}"""),
    };

    public static readonly DiagnosticDescriptor UnsupportedOption = new("TFX4408", Severity.Error, "Option of a Keras layer without a graph", "{0}")
    {
        Cause = "The layer is known, but an option of it has no counterpart in a graph.",
        Remedy = ExportAdvice,
        ExampleCommands = Layers("""{"class_name": "CategoryEncoding", "config": {"name": "category", "num_tokens": 4, "sparse": true}}"""),
    };

    public static readonly DiagnosticDescriptor UnknownName = new("TFX4409", Severity.Error, "Keras model has no such name", "{0}")
    {
        Cause = "--signature names a signature that Keras files do not have: there is one, serving_default.",
        Remedy = "Leave --signature out.",
        ExampleCommands = Layers("""{"class_name": "ReLU", "config": {"name": "relu"}}""") + " --signature=training",
    };

    /// <summary>Commands that read a model of TensorFlow.js with an input and the layers.</summary>
    private static string Layers(string layers) => $$$"""
        echo '{"format": "layers-model", "modelTopology": {"class_name": "Sequential", "config": {"name": "model", "layers": [{"class_name": "InputLayer", "config": {"name": "x", "batch_input_shape": [null, 4], "dtype": "float32"}}, {{{layers}}}]}}, "weightsManifest": []}' > model.json
        transform_graph summarize model.json
        """;
}
