using TransformFramework.Diagnostics;

namespace TransformFramework.Engine;

/// <content>Loading plugins, and what comes out of their code.</content>
public static partial class EngineDiagnostics
{
    /// <summary>Arguments: the plugin, its path, the reason.</summary>
    public static readonly DiagnosticDescriptor NotAnAssembly = new("TFX3001", Severity.Error, "Plugin is not a .NET assembly", "plugin '{0}' ({1}) is rejected: {2}")
    {
        Cause = "The file that should be a plugin is something else: a native library, a text, a download that failed.",
        Remedy = "Give the DLL of a class library for .NET 10.",
        ExampleCommands = """
            echo 'no assembly' > Mine.dll
            transform_graph plugins --plugin=Mine.dll
            """,
    };

    /// <summary>Arguments: the plugin, its path, the reason.</summary>
    public static readonly DiagnosticDescriptor UnreadableAssembly = new("TFX3002", Severity.Error, "Plugin cannot be read", "plugin '{0}' ({1}) is rejected: {2}")
    {
        Cause = "The file system does not let the plugin's file be read.",
        Remedy = "Check the file's permissions.",
        Example = "transform_graph plugins --plugin=Private.dll    # a file that another user owns",
    };

    /// <summary>Arguments: the plugin, its path, the reason.</summary>
    public static readonly DiagnosticDescriptor NoContract = new("TFX3003", Severity.Error, "Plugin names no version of the contract", "plugin '{0}' ({1}) is rejected: {2}")
    {
        Cause = "The assembly lacks the attribute that says which version of the contract it was written for; it is a library, or was built without the package's settings.",
        Remedy = "Add [assembly: TransformApi(1, 0)] to the plugin.",
        ExampleCommands = """
            cp "$(dirname "$(command -v transform_graph)")"/System.CommandLine.dll Mine.dll
            transform_graph plugins --plugin=Mine.dll
            """,
    };

    /// <summary>Arguments: the plugin, its path, the reason.</summary>
    public static readonly DiagnosticDescriptor OtherContract = new("TFX3004", Severity.Error, "Plugin of another version of the contract", "plugin '{0}' ({1}) is rejected: {2}")
    {
        Cause = "The plugin was written for another major version of the contract.",
        Remedy = "Get a build of the plugin for this version.",
        Example = "[assembly: TransformApi(2, 0)]",
    };

    /// <summary>Arguments: the plugin, its path, the reason.</summary>
    public static readonly DiagnosticDescriptor NewerContract = new("TFX3005", Severity.Error, "Plugin of a newer version of the contract", "plugin '{0}' ({1}) is rejected: {2}")
    {
        Cause = "The plugin was written for a later minor version of the contract, and may use what this program does not have.",
        Remedy = "Update the program, or build the plugin against the older contract.",
        Example = "[assembly: TransformApi(1, 9)]",
    };

    /// <summary>Arguments: the plugin, its path, the reason.</summary>
    public static readonly DiagnosticDescriptor NoOffers = new("TFX3006", Severity.Error, "Plugin offers nothing", "plugin '{0}' ({1}) is rejected: {2}")
    {
        Cause = "The assembly has no public class with the attribute of a transform, kernel, backend or model format.",
        Remedy = "Mark a public class with [Transform(\"name\")].",
        Example = "public sealed class Mine : Transform<NoOptions>    // without [Transform(\"mine\")]",
    };

    /// <summary>Argument: the sentence that names the path.</summary>
    public static readonly DiagnosticDescriptor NoPlugin = new("TFX3007", Severity.Error, "No plugin at a path", "{0}")
    {
        Cause = "--plugin or transformframework.json names a path at which there is neither a DLL nor a folder with plugins.",
        Remedy = "Name a plugin's DLL or its folder; a plugin's DLL bears its folder's name: <Name>/<Name>.dll.",
        ExampleCommands = "transform_graph plugins --plugin=missing.dll",
    };

    /// <summary>Arguments: the folder, the folder's name.</summary>
    public static readonly DiagnosticDescriptor FolderWithoutPlugin = new("TFX3008", Severity.Warning, "Folder without a plugin", "the folder '{0}' holds no plugin: {1}.dll is missing")
    {
        Cause = "A folder in a folder of plugins has no DLL of its own name.",
        Remedy = "Remove the folder, or put <Name>/<Name>.dll into it.",
        ExampleCommands = """
            mkdir -p mine/Empty
            transform_graph plugins --plugin=mine
            """,
    };

    /// <summary>Arguments: the file, what is wrong.</summary>
    public static readonly DiagnosticDescriptor BadConfiguration = new("TFX3009", Severity.Error, "transformframework.json cannot be used", "'{0}' cannot be used: {1}")
    {
        Cause = "The file is not JSON, or does not have the members that it should.",
        Remedy = "Write {\"plugins\": [\"path\", …]}, beside {\"settings\": {\"PLUGIN\": {\"name\": \"value\"}}} if need be.",
        ExampleCommands = """
            mkdir -p home/.transformframework
            echo '{"plugins": "mine"}' > home/.transformframework/transformframework.json
            HOME="$PWD/home" transform_graph plugins
            """,
    };

    /// <summary>Arguments: what threw, the plugin, the exception, where, its message.</summary>
    public static readonly DiagnosticDescriptor TransformThrew = new("TFX3010", Severity.Error, "Transform of a plugin threw", "{0} of plugin {1} threw {2}{3}: {4}")
    {
        Cause = "A transform ended with an exception that is not TransformException. The graph is kept as it was before the step.",
        Remedy = "This is a defect of the plugin; report it to its author with the graph that --reproducer=FOLDER writes.",
        Example = "protected override Graph Apply(Graph graph, Options options, TransformContext context) => throw new NullReferenceException();",
    };

    /// <summary>Argument: the sentence that names class and plugin.</summary>
    public static readonly DiagnosticDescriptor BrokenOffer = new("TFX3011", Severity.Error, "Class of a plugin does not keep the contract", "{0}")
    {
        Cause = "A class is not what its attribute says it is, or its options have a type that scripts have no text for.",
        Remedy = "Report it to the plugin's author.",
        Example = """
            [Transform("mine")]
            public sealed class Mine { }    // is no ITransform
            """,
    };

    /// <summary>Arguments: the plugin, the assembly.</summary>
    public static readonly DiagnosticDescriptor MissingDependency = new("TFX3012", Severity.Error, "Plugin lacks a dependency", "plugin {0} lacks a dependency: {1}")
    {
        Cause = "The plugin needs an assembly that is neither in its folder nor a part of the program.",
        Remedy = "Put the assembly into the plugin's folder: dotnet publish copies them all.",
        Example = "transform_graph describe mine --plugin=Mine.dll    # copied without the DLLs beside it",
    };

    /// <summary>Arguments: the plugin, the runtime's message.</summary>
    public static readonly DiagnosticDescriptor MismatchedPlugin = new("TFX3013", Severity.Error, "Plugin does not fit this program", "plugin {0} does not fit this program: {1}")
    {
        Cause = "The plugin uses a type or member that this program's TransformFramework.Abstractions does not have.",
        Remedy = "Build it against this program's TransformFramework.Abstractions, or get the program that it was built for.",
        Example = "A plugin that was built against a later Abstractions.dll with the same contract version.",
    };

    /// <summary>Argument: the runtime's message.</summary>
    public static readonly DiagnosticDescriptor MixedBuilds = new("TFX3036", Severity.Error, "Files of the program are of two builds", "the program's files do not fit each other: {0}")
    {
        Cause = "Files of an older or newer build are left in the program's folder, or in plugins/ beside it: a type or member that one build has is missing in the other.",
        Remedy = "Remove the program's folder, and publish or install it again.",
        Example = "A TransformFramework.Toolkit.dll of an older build in plugins/Structure.",
    };

    /// <summary>Arguments: what threw, the plugin, the exception, where, its message.</summary>
    public static readonly DiagnosticDescriptor ConstructorThrew = new("TFX3014", Severity.Error, "Class of a plugin cannot be created", "{0} of plugin {1} threw {2}{3}: {4}")
    {
        Cause = "The constructor of a transform, backend or format threw.",
        Remedy = "This is a defect of the plugin; report it to its author.",
        Example = "public Mine() => throw new InvalidOperationException();",
    };

    /// <summary>Arguments: what threw, the plugin, the exception, where, its message.</summary>
    public static readonly DiagnosticDescriptor KernelThrew = new("TFX3015", Severity.Error, "Kernel of a plugin threw", "{0} of plugin {1} threw {2}{3}: {4}")
    {
        Cause = "A kernel ended with an exception that is not ExecutionException.",
        Remedy = "This is a defect of the plugin; report it to its author.",
        Example = "public Tensor[] Compute(KernelCall call) => throw new IndexOutOfRangeException();",
    };

    /// <summary>Arguments: what threw, the plugin, the exception, where, its message.</summary>
    public static readonly DiagnosticDescriptor ReaderThrew = new("TFX3016", Severity.Error, "Reader of a plugin threw", "{0} of plugin {1} threw {2}{3}: {4}")
    {
        Cause = "The reader of a model format ended with an exception that is not ModelFormatException.",
        Remedy = "This is a defect of the plugin; report it to its author with the file.",
        Example = "public ModelContent Read(ModelSource source, ModelReadOptions options, CancellationToken cancellation) => throw new FormatException();",
    };

    /// <summary>Arguments: what threw, the plugin, the exception, where, its message.</summary>
    public static readonly DiagnosticDescriptor WriterThrew = new("TFX3017", Severity.Error, "Writer of a plugin threw", "{0} of plugin {1} threw {2}{3}: {4}")
    {
        Cause = "The writer of a model format ended with an exception that is not ModelFormatException. No file is left.",
        Remedy = "This is a defect of the plugin; report it to its author with the graph.",
        Example = "public void Write(ModelContent model, ModelWriteOptions options, ModelSink sink, CancellationToken cancellation) => throw new FormatException();",
    };

    /// <summary>Arguments: the transform, the plugin.</summary>
    public static readonly DiagnosticDescriptor HiddenTransform = new("TFX3020", Severity.Warning, "Transform hidden by the program's own", "transform '{0}' of plugin '{1}' is hidden by this program's own")
    {
        Cause = "A plugin offers a transform with the name of one that comes with the program, which wins.",
        Remedy = "Write PLUGIN::NAME to call it.",
        ExampleCommands = """
            cp -r "$(dirname "$(command -v transform_graph)")"/plugins/Folding Mine
            mv Mine/Folding.dll Mine/Mine.dll
            transform_graph plugins --plugin=Mine
            """,
    };

    /// <summary>Arguments: the transform, the plugins.</summary>
    public static readonly DiagnosticDescriptor AmbiguousTransform = new("TFX3021", Severity.Warning, "Transform offered by two plugins", "transform '{0}' is offered by {1}")
    {
        Cause = "Two plugins offer transforms of one name; neither gets it.",
        Remedy = "Write PLUGIN::NAME to pick one.",
        Example = "[Transform(\"mine\")] in two plugins",
    };

    public static readonly DiagnosticDescriptor NoBackend = new("TFX3022", Severity.Error, "No plugin runs graphs", "no plugin offers a backend, so graphs cannot be run")
    {
        Cause = "The program was copied without its folder plugins.",
        Remedy = "Put the plugin 'Cpu' into plugins/Cpu beside the program; 'transform_graph plugins' shows what was found.",
        Example = "transform_graph run graph.pb    # without plugins/Cpu beside the program",
    };

    /// <summary>Arguments: the plugin, its path, the reason.</summary>
    public static readonly DiagnosticDescriptor BadOpDeclaration = new("TFX3023", Severity.Warning, "Declaration of an op is not understood", "plugin '{0}' ({1}): {2}; the declaration is ignored")
    {
        Cause = "The text of an [Op] attribute has a mistake.",
        Remedy = "Write it in the grammar of OpAttribute: [Op(\"Twice(x: T) -> (y: T) {T: type {float}}\")].",
        Example = "[Op(\"Twice(x: T -> (y: T)\")]",
    };

    /// <summary>Arguments: the plugin, its path, the reason.</summary>
    public static readonly DiagnosticDescriptor OpOfTensorFlow = new("TFX3024", Severity.Warning, "Plugin declares an op of TensorFlow", "plugin '{0}' ({1}): {2}; the declaration is ignored")
    {
        Cause = "An [Op] attribute declares an op that TensorFlow has, whose meaning is not the plugin's to change.",
        Remedy = "Give the op a name of its own.",
        Example = "[Op(\"Relu(x: T) -> (y: T) {T: type {float}}\")]",
    };

    /// <summary>Arguments: the plugin, its path, the reason.</summary>
    public static readonly DiagnosticDescriptor OpDeclaredTwice = new("TFX3025", Severity.Warning, "Op declared by two plugins", "plugin '{0}' ({1}): {2}; the declaration is ignored")
    {
        Cause = "Two plugins declare one op, and not in the same way.",
        Remedy = "Use one of the two plugins, or make their declarations equal.",
        Example = "[Op(\"Twice(x: T) -> (y: T) {T: type {float}}\")] in one plugin, [Op(\"Twice(x: float) -> (y: float)\")] in another",
    };

    /// <summary>Arguments: its kind, its name, the plugin.</summary>
    public static readonly DiagnosticDescriptor HiddenOffer = new("TFX3026", Severity.Warning, "Kernel, backend or format hidden by the program's own", "{0} '{1}' of plugin '{2}' is hidden by this program's own")
    {
        Cause = "A plugin offers a kernel, backend or format with the name of one that comes with the program, which wins.",
        Remedy = "Give it a name of its own.",
        ExampleCommands = """
            cp -r "$(dirname "$(command -v transform_graph)")"/plugins/Onnx Mine
            mv Mine/Onnx.dll Mine/Mine.dll
            transform_graph plugins --plugin=Mine
            """,
    };

    /// <summary>Arguments: its kind, its name, the plugins.</summary>
    public static readonly DiagnosticDescriptor AmbiguousOffer = new("TFX3027", Severity.Warning, "Kernel, backend or format offered by two plugins", "{0} '{1}' is offered by {2}; neither is used")
    {
        Cause = "Two plugins offer a kernel, backend or format of one name.",
        Remedy = "Leave one of these plugins out.",
        Example = "[Kernel(\"Twice\")] in two plugins",
    };

    /// <summary>Argument: the system's message.</summary>
    public static readonly DiagnosticDescriptor NoSdk = new("TFX3030", Severity.Error, ".NET SDK missing", "the .NET SDK cannot be started: {0}")
    {
        Cause = "A plugin of one source file, or from a package, is built by the .NET SDK, and there is no program 'dotnet'.",
        Remedy = "Install the .NET SDK 10: https://dotnet.microsoft.com/download.",
        Example = "transform_graph plugins --plugin=Mine.cs    # without an SDK",
    };

    /// <summary>Arguments: the file, the compiler's errors.</summary>
    public static readonly DiagnosticDescriptor SourceDoesNotCompile = new("TFX3031", Severity.Error, "Source file of a plugin does not compile", "'{0}' does not compile: {1}")
    {
        Cause = "A plugin given as a .cs file is compiled as a class library for .NET 10, and the compiler finds errors.",
        Remedy = "Correct the file.",
        Example = "transform_graph plugins --plugin=Mine.cs    # with a missing semicolon",
    };

    /// <summary>Arguments: the plugin, its path, the reason.</summary>
    public static readonly DiagnosticDescriptor ChangedSinceLock = new("TFX3032", Severity.Error, "Plugin has changed since it was locked", "plugin '{0}' ({1}) is rejected: {2}")
    {
        Cause = "A DLL of the plugin does not have the hash that 'transform_graph plugins lock' wrote down.",
        Remedy = "If the change is wanted, run 'transform_graph plugins lock' again; to use it once, set the variable in the message.",
        Example = """
            transform_graph plugins lock
            cp new/Mine.dll ~/.transformframework/plugins/Mine/
            transform_graph plugins
            """,
    };

    public static readonly DiagnosticDescriptor PackageNotRestored = new("TFX3033", Severity.Error, "Package of a plugin cannot be added", "{0}")
    {
        Cause = "The name is not one of a package, no source has the package, or there is no home folder to add it to.",
        Remedy = "Check the name, and the sources that 'dotnet nuget list source' shows, or name one by --source.",
        Example = "transform_graph plugins add No.Such.Package",
    };

    /// <summary>Argument: the package and the reason.</summary>
    public static readonly DiagnosticDescriptor PackageWithoutPlugin = new("TFX3034", Severity.Error, "Package holds no plugin", "{0}")
    {
        Cause = "None of the package's DLLs is a plugin.",
        Remedy = "A plugin's DLL says [assembly: TransformApi(1, 0)].",
        Example = "transform_graph plugins add System.Text.Json",
    };

    /// <summary>Arguments: the file, what is wrong.</summary>
    public static readonly DiagnosticDescriptor BadLock = new("TFX3035", Severity.Error, "Lock of plugins cannot be used", "'{0}' cannot be used: {1}")
    {
        Cause = "The file of the lock is damaged, or of another version; until it is put right no plugin of others is loaded.",
        Remedy = "Write it anew by 'transform_graph plugins lock', or delete it to lock nothing.",
        Example = "An empty file in place of the lock.",
    };
}
