using TransformFramework.Diagnostics;
using TransformFramework.ModelFiles;

namespace TransformFramework.SavedModel;

/// <summary>The diagnostics of this assembly: reading, freezing and writing SavedModels and checkpoints.</summary>
internal static class SavedModelDiagnostics
{
    public static readonly DiagnosticDescriptor Signature = new("TFX4301", Severity.Error, "No signature, or several, of what was asked for", "{0}")
    {
        Cause = "The model has no signature of the name, none that can be called, or several to choose from; or freeze_variables has no outputs to keep.",
        Remedy = "Name one of the signatures in the message with --signature, or outputs with --outputs.",
        ExampleGraph = Graph,
        ExampleCommands = """
            transform_graph convert graph.pb --out_graph=model/
            transform_graph summarize model --signature=training
            """,
    };

    /// <summary>Arguments: the file, the tags, the sets of tags that there are.</summary>
    public static readonly DiagnosticDescriptor Tags = new("TFX4302", Severity.Error, "No meta graph with the tags", "{0}")
    {
        Cause = "A SavedModel may hold several graphs, told apart by tags; none, or more than one, has those that were asked for.",
        Remedy = "Name the tag of one of those in the message with --tag.",
        ExampleGraph = Graph,
        ExampleCommands = """
            transform_graph convert graph.pb --out_graph=model/
            transform_graph summarize model --tag=gpu
            """,
    };

    public static readonly DiagnosticDescriptor MissingFile = new("TFX4303", Severity.Error, "File of a model is missing", "{0}")
    {
        Cause = "The folder lacks a file that the model needs (saved_model.pb, an asset of a table), or holds several models of which none is named.",
        Remedy = "Copy the whole folder again; give the folder that holds saved_model.pb.",
        ExampleGraph = Graph,
        ExampleCommands = """
            mkdir models
            transform_graph convert graph.pb --out_graph=models/first/
            transform_graph convert graph.pb --out_graph=models/second/
            transform_graph summarize models
            """,
    };

    public static readonly DiagnosticDescriptor Malformed = new("TFX4304", Severity.Error, "File of a model is malformed", "{0}")
    {
        Cause = "The file holds no meta graph, or more than 2 GiB in one message.",
        Remedy = "Export or copy the model again.",
        ExampleCommands = """
            mkdir model
            touch model/saved_model.pb
            transform_graph summarize model
            """,
    };

    public static readonly DiagnosticDescriptor Assigned = new("TFX4305", Severity.Error, "Variable or table is changed on the way to the outputs", "{0}")
    {
        Cause = "An output depends on an assignment, so that the variable is no constant: a counter, a state, a step of training.",
        Remedy = "Choose a signature that only reads the variables with --signature, or outputs that do not need the assignment with --outputs.",
        ExampleGraph = """
            one = Const() {dtype=float, value=float[]{1}}
            v = VariableV2() {dtype=float, shape=()}
            y = AssignAdd(v, one) {T=float}
            """,
        ExampleCommands = "transform_graph --in_graph=graph.pb --out_graph=out.pb --inputs= --outputs=y --transforms='freeze_variables'",
    };

    /// <summary>Arguments: the variable, the node that updates it, the node's op.</summary>
    public static readonly DiagnosticDescriptor AssignedAside = new("TFX4306", Severity.Warning, "Update of a variable is dropped", "the variable '{0}' is updated by node '{1}' ({2}); no output needs the update, which is dropped")
    {
        Cause = "A frozen graph has no variables to update. No output reads the updated value in the same run.",
        Remedy = "Nothing, when the update belongs to training or counting.",
        ExampleGraph = """
            one = Const() {dtype=float, value=float[]{1}}
            v = VariableV2() {dtype=float, shape=()}
            i = Assign(v, one) {T=float}
            w = VariableV2() {dtype=float, shape=()}
            j = Assign(w, one) {T=float}
            a = AssignAdd(w, one) {T=float}
            y = Identity(v, ^a) {T=float}
            """,
        ExampleCommands = "transform_graph --in_graph=graph.pb --out_graph=out.pb --inputs= --outputs=y --transforms='freeze_variables'",
    };

    public static readonly DiagnosticDescriptor NoValue = new("TFX4307", Severity.Error, "Variable without a value", "{0}")
    {
        Cause = "No checkpoint holds the variable, and no constant initializes it.",
        Remedy = "Name the checkpoint that was saved with this graph, or choose outputs that do not need the variable.",
        ExampleGraph = """
            v = VariableV2() {dtype=float, shape=(2)}
            y = Identity(v) {T=float}
            """,
        ExampleCommands = "transform_graph --in_graph=graph.pb --out_graph=out.pb --inputs= --outputs=y --transforms='freeze_variables'",
    };

    public static readonly DiagnosticDescriptor Misfit = new("TFX4308", Severity.Error, "Value does not fit the variable", "{0}")
    {
        Cause = "The value in the checkpoint has another shape or type than the variable in the graph.",
        Remedy = "Use the checkpoint that was saved with this graph.",
        ExampleGraph = """
            one = Const() {dtype=int32, value=int32[]{1}}
            v = VariableV2() {dtype=float, shape=()}
            i = Assign(v, one) {T=float}
            y = Identity(v) {T=float}
            """,
        ExampleCommands = "transform_graph --in_graph=graph.pb --out_graph=out.pb --inputs= --outputs=y --transforms='freeze_variables'",
    };

    public static readonly DiagnosticDescriptor MissingTensor = new("TFX4309", Severity.Error, "Signature names a tensor that does not exist", "{0}")
    {
        Cause = "The signature, or --outputs, names a tensor that the model's graph does not have.",
        Remedy = "Export the model again, or name other outputs with --outputs.",
        Example = "transform_graph summarize model    # whose signature names the tensor 'StatefulPartitionedCall:0' of a node that was renamed",
    };

    public static readonly DiagnosticDescriptor UnknownUse = new("TFX4310", Severity.Error, "Use of a variable that cannot be frozen", "{0}")
    {
        Cause = "A node that the outputs need does something with a variable other than reading it or gathering from it.",
        Remedy = "Choose outputs that do not need the node with --outputs.",
        ExampleGraph = """
            one = Const() {dtype=float, value=float[]{1}}
            v = VarHandleOp() {dtype=float, shape=()}
            i = AssignVariableOp(v, one) {dtype=float}
            y = ConsumeHandle(v)
            """,
        ExampleCommands = "transform_graph --in_graph=graph.pb --out_graph=out.pb --inputs= --outputs=y --transforms='freeze_variables'",
    };

    public static readonly DiagnosticDescriptor BadGraph = new("TFX4311", Severity.Error, "Graph of a model is malformed", "{0}")
    {
        Cause = "Two nodes have one name, a function is missing or calls itself, or a call does not fit its function.",
        Remedy = "Export the model again.",
        Example = "transform_graph summarize model    # whose saved_model.pb was edited by hand",
    };

    public static readonly DiagnosticDescriptor BadAsset = new("TFX4312", Severity.Error, "Asset is not the contents of a table", "{0}")
    {
        Cause = "A lookup table is filled from a text file that has not the columns, the number of lines or the kind of values that the table needs.",
        Remedy = "Export the model again with its assets.",
        Example = "transform_graph summarize model    # a table of 1000 words whose assets/vocabulary.txt has 999 lines",
    };

    public static readonly DiagnosticDescriptor UnknownTable = new("TFX4313", Severity.Error, "Table cannot be filled at conversion", "{0}")
    {
        Cause = "A lookup table gets its contents from something else than constants or a text file.",
        Remedy = "Export the model with a table from constants or from a text file that is an asset.",
        Example = "transform_graph summarize model    # a table that is filled by LookupTableInsertV2 of a placeholder",
    };

    public static readonly DiagnosticDescriptor NoGraph = new("TFX4314", Severity.Error, "Checkpoint without a graph", "{0}")
    {
        Cause = "A checkpoint holds weights only; the file .meta, which has the graph, is not beside it. Checkpoints of TensorFlow 2 have none.",
        Remedy = "Give a SavedModel, or copy the .meta file beside the checkpoint.",
        ExampleCommands = """
            mkdir model
            echo 'model_checkpoint_path: "step-1"' > model/checkpoint
            transform_graph summarize model
            """,
    };

    /// <summary>Argument: the placeholder.</summary>
    public static readonly DiagnosticDescriptor OpenPlaceholder = new("TFX4315", Severity.Warning, "Placeholder that is no input", "the placeholder '{0}' is needed, and no input of the signature is it")
    {
        Cause = "The outputs depend on a placeholder that the signature does not list, such as the phase of training.",
        Remedy = "Give it a value with --set=NAME=VALUE, or feed it in every run.",
        Example = "transform_graph convert model --out_graph=model.pb    # a model with a placeholder is_training beside its signature",
    };

    /// <summary>Arguments: the file, the version that it asks for, the version that wrote it.</summary>
    public static readonly DiagnosticDescriptor NewerFormat = new("TFX4316", Severity.Warning, "Graph asks for a later runtime", "'{0}' asks for a runtime of GraphDef version {1}, later than the {2} of what wrote it; it is read as it is")
    {
        Cause = "The field min_consumer of the graph's versions is larger than its producer, which no TensorFlow writes.",
        Remedy = "Nothing, when the model computes what it should. Else export it again.",
        Example = "transform_graph summarize model    # with versions {min_consumer=9999, producer=1395}",
    };

    /// <summary>Arguments: the number of nodes, the largest number.</summary>
    public static readonly DiagnosticDescriptor CallsKept = new("TFX4317", Severity.Info, "Calls stay calls", "calls stay calls: inlined, the graph would have {0} nodes, more than {1}")
    {
        Cause = "Functions that call functions many times would give a graph too large to be of use.",
        Remedy = "Nothing: the backend runs calls. Or use inline_functions with a larger max_nodes.",
        Example = "transform_graph summarize model    # ten functions that each call the next one ten times",
    };

    public static readonly DiagnosticDescriptor FixedInput = new("TFX4318", Severity.Error, "Fixed value does not fit a placeholder of the model", "{0}")
    {
        Cause = "--set names a placeholder that the model does not have, or a value that is not of its type.",
        Remedy = "Name a placeholder and a value of its type: --set=NAME=VALUE.",
        ExampleGraph = Graph,
        ExampleCommands = """
            transform_graph convert graph.pb --out_graph=model/
            transform_graph summarize model --set=is_training=false
            """,
    };

    public static readonly DiagnosticDescriptor Unwritable = new("TFX4319", Severity.Error, "Graph cannot be written as a SavedModel", "{0}")
    {
        Cause = "The graph has variables, has no outputs, names an input or output that it does not have or whose type is not known, or has more than 2 GiB of constants.",
        Remedy = "Freeze variables with freeze_variables, and name inputs and outputs with --inputs and --outputs.",
        ExampleGraph = """
            v = VariableV2() {dtype=float, shape=(2)}
            y = Identity(v) {T=float}
            """,
        ExampleCommands = "transform_graph convert graph.pb --out_graph=model/",
    };

    private const string Graph = """
        x = Placeholder() {dtype=float, shape=(1,4)}
        y = Relu(x) {T=float}
        """;

    public static ModelFormatException Error(DiagnosticDescriptor kind, string message, string? suggestion = null) => new(message) { DiagnosticId = kind.Id, Suggestion = suggestion };
}
