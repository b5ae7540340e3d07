using TransformFramework.Diagnostics;

namespace TransformFramework.Cli;

/// <summary>The diagnostics of this assembly.</summary>
internal static partial class CliDiagnostics
{
    /// <summary>Argument: the exception's message.</summary>
    public static readonly DiagnosticDescriptor InternalError = new("TFX0070", Severity.Error, "Internal error", "internal error: {0}")
    {
        Cause = "The program ended in a way that it does not foresee: a defect.",
        Remedy = "Report it with the command line and the lines on standard error; --reproducer=FOLDER keeps the graph of a failing step.",
        Example = "A defect; there is no command that is known to provoke it.",
    };

    public static readonly DiagnosticDescriptor Usage = new("TFX0100", Severity.Error, "Command line is wrong", "{0}")
    {
        Cause = "An option is unknown, missing, given twice or has a value that it does not take; or a file that it names cannot be used for it.",
        Remedy = "'transform_graph COMMAND --help' shows the options.",
        ExampleCommands = "transform_graph summarize",
    };

    /// <summary>Arguments: the path, the reason.</summary>
    public static readonly DiagnosticDescriptor UnreadableScript = new("TFX0101", Severity.Error, "Script cannot be read", "the script '{0}' cannot be read: {1}")
    {
        Cause = "There is no file at the path, or it cannot be opened.",
        Remedy = "Check the path; a relative one counts from the working directory, - reads standard input.",
        ExampleCommands = "transform_graph lint missing.txt",
    };

    /// <summary>Argument: the transforms.</summary>
    public static readonly DiagnosticDescriptor StalePages = new("TFX0103", Severity.Error, "Pages of transforms are stale", "stale pages: {0}")
    {
        Cause = "With --check_pages, a page of docs/transforms is not what the transform's attributes say.",
        Remedy = "Run 'transform_graph docs --out=FOLDER'.",
        ExampleCommands = "transform_graph docs --out=pages --check_pages",
    };

    /// <summary>Argument: the system's message.</summary>
    public static readonly DiagnosticDescriptor InputOutput = new("TFX0104", Severity.Error, "Input or output fails", "a file or the standard output cannot be read or written: {0}")
    {
        Cause = "The file system refuses a file, a disk is full, or a pipe is broken.",
        Remedy = "Check that the file may be used and that the disk has room.",
        Example = "transform_graph view graph.pb > /dev/full",
    };

    /// <summary>Argument: the folder.</summary>
    public static readonly DiagnosticDescriptor ReproducerWritten = new("TFX0105", Severity.Info, "Reproducer written", "the graph before the failing step, the rest of the script and the command are in '{0}'")
    {
        Cause = "A step failed in a run with --reproducer.",
        Remedy = "Report the failure with the folder.",
        ExampleGraph = Graph,
        ExampleCommands = "transform_graph --reproducer=failure --in_graph=graph.pb --out_graph=out.pb --inputs=x --outputs=y --transforms='freeze_requantization_ranges(min_max_log_file=none.log)'",
    };

    /// <summary>Arguments: the folder, the system's message.</summary>
    public static readonly DiagnosticDescriptor ReproducerLost = new("TFX0106", Severity.Warning, "Reproducer cannot be written", "--reproducer: nothing could be kept in '{0}': {1}")
    {
        Cause = "The folder of --reproducer may not be written to, or is a file.",
        Remedy = "Name a folder that may be written to.",
        ExampleGraph = Graph,
        ExampleCommands = """
            touch failure
            transform_graph --reproducer=failure --in_graph=graph.pb --out_graph=out.pb --inputs=x --outputs=y --transforms='freeze_requantization_ranges(min_max_log_file=none.log)'
            """,
    };

    /// <summary>Arguments: the file, the reason.</summary>
    public static readonly DiagnosticDescriptor ArrayNotSaved = new("TFX0107", Severity.Error, "Output cannot be saved as an array", "--save: '{0}' cannot be written: {1}")
    {
        Cause = "An output has a type that NumPy's files do not hold.",
        Remedy = "Leave the output out with --outputs.",
        Example = "transform_graph run graph.pb --save=out.npz    # an output of type variant",
    };

    public static readonly DiagnosticDescriptor Cancelled = new("TFX0130", Severity.Error, "Cancelled", "cancelled; nothing was written")
    {
        Cause = "The program got SIGINT (Ctrl+C) or SIGTERM.",
        Remedy = "Nothing: no file was changed, and temporary files are removed.",
        Example = "Ctrl+C",
    };

    public static readonly DiagnosticDescriptor NoOutputs = new("TFX4106", Severity.Warning, "--outputs is missing", "--outputs is missing: strip_unused_nodes keeps nothing but the inputs")
    {
        Cause = "strip_unused_nodes removes what the outputs do not need, and none are given.",
        Remedy = "Name the outputs with --outputs=a,b; 'transform_graph summarize' shows them.",
        ExampleGraph = Graph,
        ExampleCommands = "transform_graph --in_graph=graph.pb --out_graph=out.pb --inputs=x --outputs= --transforms='strip_unused_nodes'",
    };

    public static readonly DiagnosticDescriptor RunFailed = new("TFX5001", Severity.Error, "Graph does not run", "{0}")
    {
        Cause = "A node gets inputs that its op does not take, an op has no kernel, or a fed value does not fit its placeholder. The message names the node.",
        Remedy = "Check the feeds and the shapes; a plugin can bring a kernel that is missing (docs/writing-a-plugin.md).",
        ExampleGraph = """
            x = Placeholder() {dtype=float, shape=(1,4)}
            y = NoSuchOp(x)
            """,
        ExampleCommands = "transform_graph run graph.pb --feed=x=random:1",
    };

    /// <summary>Arguments: the tensor, the number of elements.</summary>
    public static readonly DiagnosticDescriptor NotFiniteInRange = new("TFX5020", Severity.Warning, "NaN or infinite elements in calibration", "'{0}' had {1} NaN or infinite numbers, which are left out of its range")
    {
        Cause = "A sample, or what the graph computes of it, has elements without a finite value.",
        Remedy = "Check the samples and their scaling (?mean=M&scale=S).",
        ExampleGraph = """
            x = Placeholder() {dtype=float, shape=(1)}
            z = Const() {dtype=float, value=float[]{0}}
            d = RealDiv(x, z) {T=float}
            y = Relu(d) {T=float}
            """,
        ExampleCommands = """
            transform_graph run graph.pb --feed=x=1 --outputs=x --save=x.npy
            transform_graph calibrate --in_graph=graph.pb --data=x.npy --out=ranges.json
            """,
    };

    /// <summary>Arguments: the output, the number of such elements, the number of all.</summary>
    public static readonly DiagnosticDescriptor NotFiniteOutput = new("TFX5021", Severity.Warning, "NaN or infinite elements in an output", "'{0}' has {1} NaN or infinite elements of {2}")
    {
        Cause = "The graph divides by zero, takes the logarithm of what is not positive, or exceeds the range of its type.",
        Remedy = "Look for the first such tensor with 'transform_graph compare A B --layers'.",
        ExampleGraph = """
            x = Placeholder() {dtype=float, shape=(1)}
            y = Log(x) {T=float}
            """,
        ExampleCommands = "transform_graph run graph.pb --feed=x=0",
    };

    /// <summary>Arguments: the output, the number of scores, the number of labels.</summary>
    public static readonly DiagnosticDescriptor LabelsMisfit = new("TFX5022", Severity.Warning, "Labels do not fit the scores", "'{0}' has {1} scores, --labels {2} names")
    {
        Cause = "The file of labels does not have a line for each score.",
        Remedy = "Check that the labels are those of the model; a class 0 for the background is usual.",
        ExampleGraph = """
            x = Placeholder() {dtype=float, shape=(1,4)}
            y = Softmax(x) {T=float}
            """,
        ExampleCommands = """
            printf 'cat\ndog\n' > labels.txt
            transform_graph run graph.pb --feed=x=random:1 --labels=labels.txt
            """,
    };

    /// <summary>Arguments: the input, its shape.</summary>
    public static readonly DiagnosticDescriptor UnknownDimension = new("TFX5023", Severity.Warning, "Unknown dimensions count as 1", "the input '{0}' has shape {1}; unknown dimensions count as 1")
    {
        Cause = "benchmark makes up inputs, and an input has dimensions beside the batch that are not known.",
        Remedy = "Give a shape: --feed=NAME=random:1?shape=1x224x224x3.",
        ExampleGraph = """
            x = Placeholder() {dtype=float, shape=(?,?,4)}
            y = Relu(x) {T=float}
            """,
        ExampleCommands = "transform_graph benchmark graph.pb --runs=1 --warmup_runs=1",
    };

    /// <summary>Arguments: how often the fault showed, in how many runs.</summary>
    public static readonly DiagnosticDescriptor FaultComesAndGoes = new("TFX5025", Severity.Warning, "Fault comes and goes", "the reduced graph shows the fault in {0} of {1} runs of the command")
    {
        Cause = "The command of reduce ends differently on the same graph, so that cases with the fault may have counted as good.",
        Remedy = "Run it more often on each case with --tries=N, or take what is random out of the command.",
        ExampleGraph = """
            x = Placeholder() {dtype=float, shape=(1,4)}
            y = Relu(x) {T=float}
            """,
        ExampleCommands = """
            printf 'test ! -e tried || exit 0; touch tried; exit 1' > check.sh
            transform_graph reduce graph.pb --out=small '--command=sh check.sh {graph}'
            """,
    };

    /// <summary>Arguments: the number of cases, the last words.</summary>
    public static readonly DiagnosticDescriptor CommandFailsAlways = new("TFX5026", Severity.Warning, "Command fails on every graph", "the command fails on each of {0} graphs, also on the smallest{1}")
    {
        Cause = "The command of reduce may fail for a reason of its own, such as a wrong option.",
        Remedy = "Run it by hand on a graph that has no fault: it must end with 0.",
        ExampleGraph = """
            x = Placeholder() {dtype=float, shape=(1,4)}
            r = Relu(x) {T=float}
            y = Neg(r) {T=float}
            """,
        ExampleCommands = """
            printf 'echo no such option >&2; exit 2' > check.sh
            transform_graph reduce graph.pb --out=small '--command=sh check.sh {graph}'
            """,
    };

    private const string Graph = """
        x = Placeholder() {dtype=float, shape=(1,4)}
        y = Relu(x) {T=float}
        """;
}
