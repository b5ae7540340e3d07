using TransformFramework.Diagnostics;

namespace TransformFramework.Cli;

internal static partial class CliDiagnostics
{
    /// <summary>Argument: the message.</summary>
    public static readonly DiagnosticDescriptor OutOfMemory = new("TFX0120", Severity.Error, "Not enough memory", "{0}")
    {
        Cause = "The work needs more memory than the process may have. Nothing was written.",
        Remedy = "Run it where there is more, or on a smaller graph, batch or number of samples.",
        Example = """DOTNET_GCHeapHardLimit=0x4000000 transform_graph run --in_graph=large.pb --feed=x=random:1""",
    };

    /// <summary>Argument: the message.</summary>
    public static readonly DiagnosticDescriptor PluginLeft = new("TFX3018", Severity.Error, "Plugin ended the process", "{0}")
    {
        Cause = "Code of a plugin called Environment.Exit. Nothing was written.",
        Remedy = "Report it to the plugin's author; 'transform_graph plugins' shows what was loaded.",
        Example = """Environment.Exit(0);""",
    };

    /// <summary>Argument: the message.</summary>
    public static readonly DiagnosticDescriptor PluginThread = new("TFX3019", Severity.Error, "Plugin threw on a thread of its own", "{0}")
    {
        Cause = "An exception on a thread that a plugin started ends the process. Nothing was written.",
        Remedy = "Report it to the plugin's author; 'transform_graph plugins' shows what was loaded.",
        Example = """new Thread(() => throw new InvalidOperationException()).Start();""",
    };

    /// <summary>Argument: the message.</summary>
    public static readonly DiagnosticDescriptor PluginCrashed = new("TFX3028", Severity.Error, "Plugin crashed the process", "{0}")
    {
        Cause = "Code of a plugin calls itself without end, breaks memory, or calls Environment.FailFast. Nothing was written.",
        Remedy = "Report it to the plugin's author; 'transform_graph plugins' shows what was loaded.",
        Example = """static int Depth(int i) => Depth(i + 1) + 1;""",
    };

    /// <summary>Argument: the message.</summary>
    public static readonly DiagnosticDescriptor ImportProblem = new("TFX4019", Severity.Error, "Node that TensorFlow refuses", "{0}")
    {
        Cause = "A node has more or fewer inputs than its op, one of another type, or reads an output that its producer does not have.",
        Remedy = "Correct the node in the program that writes the graph.",
        Example = """y = Add(x) {T=float}""",
    };
}
