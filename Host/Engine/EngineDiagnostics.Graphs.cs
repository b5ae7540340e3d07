using TransformFramework.Diagnostics;

namespace TransformFramework.Engine;

public static partial class EngineDiagnostics
{
    /// <summary>Arguments: the release, why it must read the graph, the problems.</summary>
    public static readonly DiagnosticDescriptor RefusedByRelease = new("TFX4143", Severity.Error, "Graph that its TensorFlow would refuse", "{0}, which {1}, would refuse the graph: {2}")
    {
        Cause = "The release of TensorFlow that wrote the model, or that --for names, lacks an op, an attribute or a type of the graph that was to be written, or the graph is wrong for every release. Nothing was written.",
        Remedy = "End the script with downgrade(target=…), which rewrites what has an equivalent; or say by --for=tf2.12 which release is to read the graph.",
        ExampleGraph = """
            versions {producer=134}
            x = Placeholder() {dtype=float, shape=(1,4)}
            y = AddV2(x, x) {T=float}
            """,
        ExampleCommands = "transform_graph convert graph.pb --out_graph=out.pb --for=tf1.4",
    };

    /// <summary>Arguments: the release, the problems.</summary>
    public static readonly DiagnosticDescriptor NotReadByItsRelease = new("TFX4144", Severity.Warning, "Graph that its TensorFlow does not read", "{0}, which the graph's version number names, does not read it: {1}")
    {
        Cause = "The graph that was read has an op, an attribute or a type that the release of its producer number lacks, and what is written still has it; or an op has a name that no release knows.",
        Remedy = "Nothing, when the program that reads the graph has its own ops or is newer than the number says. Else see 'transform_graph lint --for=RELEASE --in_graph=FILE'.",
        ExampleGraph = """
            versions {producer=134}
            x = Placeholder() {dtype=float, shape=(1,4)}
            y = NoSuchOp(x)
            """,
        ExampleCommands = "transform_graph convert graph.pb --out_graph=out.pb",
    };

    /// <summary>Argument: the message.</summary>
    public static readonly DiagnosticDescriptor NameWithColon = new("TFX4020", Severity.Error, "Name with a colon", "{0}")
    {
        Cause = "A colon precedes the number of an output, so an input cannot name such a node.",
        Remedy = "Rename the node: rename_node(old_node_name=\"a:0\", new_node_name=\"a\").",
        Example = """a:0 = Placeholder() {dtype=float}""",
    };

    /// <summary>Argument: the message.</summary>
    public static readonly DiagnosticDescriptor RepeatedName = new("TFX4017", Severity.Error, "Several nodes of one name", "{0}")
    {
        Cause = "Nodes that differ have the same name, so an input that names it could mean either.",
        Remedy = "Name nodes once, in the program that writes the graph.",
        Example = """k = Const() {dtype=float, value=float[]{1}}    # and once more with another value""",
    };

    /// <summary>Argument: the message.</summary>
    public static readonly DiagnosticDescriptor Cycle = new("TFX4021", Severity.Error, "Cycle", "{0}")
    {
        Cause = "Nodes wait for one another. Only loops of Enter, Merge, Switch and NextIteration may go round.",
        Remedy = "Write the graph anew, without the cycle.",
        Example = """a = Neg(b)    b = Neg(a)""",
    };

    /// <summary>Argument: the message.</summary>
    public static readonly DiagnosticDescriptor MergedRepetition = new("TFX4018", Severity.Warning, "Nodes that are there twice", "{0}")
    {
        Cause = "Nodes with the same name, inputs and attributes are in the file more than once; one of each is kept.",
        Remedy = "Nothing. --verbatim keeps them.",
        Example = """k = Const() {dtype=float}    k = Const() {dtype=float}""",
    };
}
