using TransformFramework.Diagnostics;

namespace TransformFramework.Engine;

public static partial class EngineDiagnostics
{
    /// <summary>Argument: the message.</summary>
    public static readonly DiagnosticDescriptor NameWithColon = new("TFX4020", Severity.Error, "Name with a colon", "{0}")
    {
        Cause = "A colon stands before the number of an output, so an input cannot name such a node.",
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
        Cause = "Nodes with the same name, inputs and attributes stand in the file more than once; one of each is kept.",
        Remedy = "Nothing. --verbatim keeps them.",
        Example = """k = Const() {dtype=float}    k = Const() {dtype=float}""",
    };
}
