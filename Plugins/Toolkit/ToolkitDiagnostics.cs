using TransformFramework.Diagnostics;

namespace TransformFramework.Toolkit;

/// <summary>The diagnostics of this assembly: ops, files, GraphDefs. Those of checkpoints and weights are in files of their own.</summary>
public static partial class ToolkitDiagnostics
{
    /// <summary>Arguments: the node, its op, what becomes of nodes of the op.</summary>
    public static readonly DiagnosticDescriptor UnknownOp = new("TFX2011", Severity.Warning, "Unknown op", "op '{1}' is not known; {2}")
    {
        Cause = "No release of TensorFlow and no function of the graph's library has the op, so its attributes, types and statefulness are not known.",
        Remedy = "Nothing, when a plugin or a custom library computes the op. Else look for a misspelt name: rename_op.",
        ExampleGraph = """
            x = Placeholder() {dtype=float}
            y = NoSuchOp(x)
            """,
        ExampleCommands = "transform_graph --in_graph=graph.pb --out_graph=out.pb --inputs=x --outputs=y --transforms='add_default_attributes'",
    };

    public static readonly DiagnosticDescriptor NotAGraphDef = new("TFX4002", Severity.Error, "File is not a GraphDef", "{0}")
    {
        Cause = "The file is recognized as something else than a GraphDef: another format that no plugin reads, an archive, a page of a web server, weights without a graph.",
        Remedy = "Follow the message: download the file again, unpack it, or convert the model.",
        ExampleCommands = """
            printf '\211PNG\r\n\032\n' > model.pb
            transform_graph summarize model.pb
            """,
    };

    /// <summary>Argument: the path.</summary>
    public static readonly DiagnosticDescriptor NoFile = new("TFX4003", Severity.Error, "No such file", "there is no file '{0}'")
    {
        Cause = "There is no file or folder at the path.",
        Remedy = "Check the path; a relative one counts from the working directory.",
        ExampleCommands = "transform_graph summarize missing.pb",
    };

    /// <summary>A folder in place of a file, or without a model in it.</summary>
    public static readonly DiagnosticDescriptor FolderWithoutModel = new("TFX4004", Severity.Error, "Folder is no model", "{0}")
    {
        Cause = "The path names a folder where a file is wanted, or a folder in which no format recognizes a model.",
        Remedy = "Give the path of a model's file, or the folder that holds saved_model.pb, a checkpoint with its .meta file, or model.json.",
        ExampleCommands = """
            mkdir model
            transform_graph summarize model
            """,
    };

    public static readonly DiagnosticDescriptor UnreadableFile = new("TFX4005", Severity.Error, "File cannot be read", "{0}")
    {
        Cause = "The file system does not let the file be read: permissions, a lock, a failing disk.",
        Remedy = "Check the file's permissions.",
        Example = "transform_graph summarize private.pb    # a file that another user owns",
    };

    public static readonly DiagnosticDescriptor TruncatedFile = new("TFX4007", Severity.Error, "File is cut short", "the file is cut short: the entry at byte {0} needs {1}, {2} bytes are there")
    {
        Cause = "The file ends inside an entry, as after a download that broke off.",
        Remedy = "Download or export the file again; compare its size with the original's.",
        ExampleGraph = """
            x = Placeholder() {dtype=float, shape=(1,4)}
            y = Relu(x) {T=float}
            """,
        ExampleCommands = """
            head -c 60 graph.pb > cut.pb
            transform_graph summarize cut.pb
            """,
    };

    /// <summary>Arguments: line, column, the message.</summary>
    public static readonly DiagnosticDescriptor MalformedText = new("TFX4009", Severity.Error, "Malformed text of protobuf", "{0}:{1}: {2}")
    {
        Cause = "A file in protobuf's text format (.pbtxt) has a mistake at the line and column.",
        Remedy = "Correct the text at that place.",
        ExampleCommands = """
            echo 'node { name: "x" op: "Placeholder" ' > graph.pbtxt
            transform_graph summarize graph.pbtxt
            """,
    };

    public static readonly DiagnosticDescriptor TooLarge = new("TFX4010", Severity.Error, "More than 2 GiB at once", "{0}")
    {
        Cause = "Text, or what comes from a pipe, is read as a whole, which ends at 2 GiB.",
        Remedy = "Convert a text graph to the binary form, save the content of a pipe to a file.",
        Example = "cat large.pb | transform_graph summarize /dev/stdin    # 3 GiB",
    };

    public static readonly DiagnosticDescriptor Unwritable = new("TFX4011", Severity.Error, "File cannot be written", "{0}")
    {
        Cause = "The file system refuses the file: no folder, no permission, no room, a folder of that name. Or the format's limit does not hold the content: a node of a GraphDef has less than 2 GiB, files of a model are in its folder.",
        Remedy = "Check that the folder exists, may be written to and has room. An existing file stays as it was.",
        ExampleGraph = """
            x = Placeholder() {dtype=float, shape=(1,4)}
            y = Relu(x) {T=float}
            """,
        ExampleCommands = "transform_graph convert graph.pb --out_graph=missing/out.pb",
    };

    /// <summary>Arguments: the name, the folder.</summary>
    public static readonly DiagnosticDescriptor OutsideFolder = new("TFX4012", Severity.Error, "File outside of the model's folder", "'{0}' leads out of the model's folder '{1}'")
    {
        Cause = "A model names a file of its own by an absolute path or with '..'. Such files are not read, so that a model cannot read what it should not.",
        Remedy = "Copy the file into the model's folder and name it without '..'.",
        ExampleCommands = """
            echo '{"format": "graph-model", "modelTopology": {"node": [{"name": "w", "op": "Const"}]}, "weightsManifest": [{"paths": ["../w.bin"], "weights": [{"name": "w", "shape": [1], "dtype": "float32"}]}]}' > model.json
            transform_graph summarize model.json
            """,
    };

    public static readonly DiagnosticDescriptor BadArchive = new("TFX4013", Severity.Error, "Archive damaged or refused", "{0}")
    {
        Cause = "A zip or tar is cut short or damaged; or it holds links, names that lead out of it, too many files, or far more content than an archive of its size should.",
        Remedy = "Download or pack it again. If you trust it, unpack it and give the model's path.",
        ExampleCommands = """
            printf 'PK\003\004 and nothing more' > model.zip
            transform_graph summarize model.zip
            """,
    };

    /// <summary>Arguments: the folder, the largest number.</summary>
    public static readonly DiagnosticDescriptor TooManyFiles = new("TFX4016", Severity.Error, "Folder with too many files", "the folder '{0}' holds more than {1} files")
    {
        Cause = "The folder is not that of one model, but a whole tree of files.",
        Remedy = "Give the model's own folder.",
        Example = "transform_graph summarize /",
    };
}
