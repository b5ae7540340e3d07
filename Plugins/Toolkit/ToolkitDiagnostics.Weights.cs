using TransformFramework.Diagnostics;

namespace TransformFramework.Toolkit;

/// <content>Checkpoints, and weights of TensorFlow.js.</content>
public static partial class ToolkitDiagnostics
{
    /// <summary>Arguments: the file, what is wrong.</summary>
    public static readonly DiagnosticDescriptor MalformedIndex = new("TFX4330", Severity.Error, "Index of a checkpoint is damaged", "'{0}' is not the index of a checkpoint, or is damaged: {1}")
    {
        Cause = "The file .index of a checkpoint is cut short, or its checksums, offsets or entries contradict each other.",
        Remedy = "Copy the checkpoint again, with all its files.",
        ExampleGraph = VariableGraph,
        ExampleCommands = """
            echo 'no index' > model.index
            transform_graph --in_graph=graph.pb --out_graph=out.pb --inputs= --outputs=y --transforms='freeze_variables(input_checkpoint=model)'
            """,
    };

    /// <summary>Arguments: the tensor, the checkpoint.</summary>
    public static readonly DiagnosticDescriptor MissingTensor = new("TFX4331", Severity.Error, "Tensor not in the checkpoint", "Key {0} not found in checkpoint '{1}'")
    {
        Cause = "The checkpoint has no tensor of the variable's name: it belongs to another graph, or was saved without that variable.",
        Remedy = "Use the checkpoint that was saved with this graph.",
        Example = "freeze_variables(input_checkpoint=\"other/model.ckpt\")",
    };

    public static readonly DiagnosticDescriptor DamagedData = new("TFX4332", Severity.Error, "Data of a checkpoint missing or damaged", "{0}")
    {
        Cause = "A data file of the checkpoint is missing, cut short, or does not have the checksum that the index has for it.",
        Remedy = "Copy the checkpoint again, with all its files.",
        Example = "freeze_variables(input_checkpoint=\"model.ckpt\")    # without model.ckpt.data-00000-of-00001",
    };

    public static readonly DiagnosticDescriptor UnsupportedTensor = new("TFX4333", Severity.Error, "Tensor of a checkpoint not supported", "{0}")
    {
        Cause = "A tensor has an element type that a graph cannot hold, or the machine that wrote the file had the other byte order.",
        Remedy = "Save the checkpoint again with plain types, on a little-endian machine.",
        Example = "freeze_variables(input_checkpoint=\"model.ckpt\")    # a variable of type variant",
    };

    /// <summary>Argument: the text.</summary>
    public static readonly DiagnosticDescriptor MalformedSlice = new("TFX4334", Severity.Error, "Text is no shape with a slice", "'{0}' is no shape with a slice, such as '8 1 0,4:-'")
    {
        Cause = "The input shape_and_slices of a node RestoreV2 or Restore is not the text that TensorFlow writes for a part of a variable.",
        Remedy = "Export the graph again.",
        Example = "fold_batch_norms(input_checkpoint=\"model.ckpt\")    # a RestoreSlice with shape_and_slice \"9 1\"",
    };

    /// <summary>Argument: the path.</summary>
    public static readonly DiagnosticDescriptor MissingIndex = new("TFX4335", Severity.Error, "No checkpoint", "{0}")
    {
        Cause = "There is no file of a checkpoint at the path.",
        Remedy = "Give the prefix of the checkpoint's files: model.ckpt for model.ckpt.index.",
        Example = "transform_graph summarize model.ckpt.meta    # without model.ckpt.index beside it",
    };

    public static readonly DiagnosticDescriptor MissingPart = new("TFX4336", Severity.Error, "Part of a tensor not in the checkpoint", "{0}")
    {
        Cause = "The graph reads a part of a partitioned variable that the checkpoint does not hold, or the shapes do not fit.",
        Remedy = "Use the checkpoint that was saved with this graph.",
        Example = "freeze_variables(input_checkpoint=\"model.ckpt\")    # a variable of shape (9) where the checkpoint has (8)",
    };

    public static readonly DiagnosticDescriptor MalformedManifest = new("TFX4501", Severity.Error, "Malformed weights of TensorFlow.js", "{0}")
    {
        Cause = "The weightsManifest of a model.json contradicts itself or its files: a name, shape, type or quantization is missing, or a file has fewer bytes than its weights.",
        Remedy = "Convert the model again, and copy it with all its .bin files.",
        ExampleCommands = """
            echo '{"format": "graph-model", "modelTopology": {"node": [{"name": "w", "op": "Const"}]}, "weightsManifest": [{"paths": ["w.bin"], "weights": [{"name": "w", "shape": [1000], "dtype": "float32"}]}]}' > model.json
            printf '\000\000\200\077' > w.bin
            transform_graph summarize model.json
            """,
    };

    private const string VariableGraph = """
        v = VariableV2() {dtype=float, shape=(2)}
        y = Identity(v) {T=float}
        """;
}
