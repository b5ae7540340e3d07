using System.Text.RegularExpressions;

namespace TransformFramework.Architecture.Tests;

/// <summary>Folders of an assembly are layers: each sees only those before it, and those inside of them make no cycle either. Namespaces follow folders.</summary>
public sealed partial class NamespaceOrderTests
{
    /// <summary>The folders of each assembly in their order; what lives in none of them sees all.</summary>
    private static readonly Dictionary<string, (string Namespace, string[] Folders)> Orders = new(StringComparer.Ordinal)
    {
        ["Abstractions"] = ("TransformFramework", ["Graphs", "Diagnostics", "Execution", "ModelFiles", "Plugins", "Transforms"]),
        ["Dsl"] = ("TransformFramework.Dsl", ["Syntax", "Binding"]),
        ["Plugins/Toolkit"] = ("TransformFramework.Toolkit", ["Sampling", "Graphs", "Ops", "Arrays", "Images", "Json", "ModelFiles", "Protobuf", "GraphDefs", "Checkpoints", "WeightManifests", "Classic", "Patterns", "Functions", "Simplification", "Weights", "Calibration"]),
        ["Plugins/Keras"] = ("TransformFramework.Keras", ["Configuration", "Hdf5", "Building", "Layers", "Models", "Operators", "Reading"]),
        ["Plugins/Onnx"] = ("TransformFramework.Onnx", ["Model", "Inference", "Reading", "Writing", "Operators"]),
        ["Plugins/TfLite"] = ("TransformFramework.TfLite", ["Schema", "Reading", "Writing", "Operators"]),
        ["Plugins/TfJs"] = ("TransformFramework.TfJs", []),
        ["Plugins/Folding"] = ("TransformFramework.Folding", []),
        ["Plugins/Structure"] = ("TransformFramework.Structure", ["ControlFlow", "Downgrade", "Layout", "Precision", "Surgery"]),
        ["Plugins/Quantization"] = ("TransformFramework.Quantization", ["Classic", "Static", "Dynamic", "FourBits", "Training", "Equalization"]),
        ["Plugins/SavedModel"] = ("TransformFramework.SavedModel", ["Freezing", "Reading", "Writing"]),
        ["Host/Engine"] = ("TransformFramework.Engine", ["Files", "PluginLoading", "Models", "Pipeline"]),
        ["Host/Workflows"] = ("TransformFramework.Workflows", ["Progress", "Sharding", "Data", "Inspection", "Calibration", "Comparison", "Evaluation", "Benchmarking", "Quantization", "Tuning", "Reduction", "Bisection", "Reports", "Jobs"]),
        ["Host/Servers"] = ("TransformFramework.Servers", ["LanguageServer", "Mcp"]),
        ["Host/Cli"] = ("TransformFramework.Cli", ["Supervision", "CommandLineParsing", "Rendering", "Commands"]),
        ["Host/Extensions"] = ("TransformFramework.Extensions", []),
        ["Host/MachineLearning"] = ("TransformFramework.MachineLearning", []),
        ["Host/MSBuild"] = ("TransformFramework.MSBuild", []),
        ["Host/Runtime"] = ("TransformFramework.Runtime", []),
        ["Plugins/Cpu"] = ("TransformFramework.Cpu", ["Kernels", "Microkernels", "Threading", "Analysis", "Plans", "Execution"]),
        ["Plugins/Cpu/Microkernels"] = ("TransformFramework.Cpu.Microkernels", ["Isa", "Gemm", "Depthwise", "Pooling", "Requantize", "Elementwise", "MachineCode", "Neon", "Trials"]),
    };

    /// <summary>Files whose types live where their users look for them: texts of graphs beside graphs, extension methods beside what they extend.</summary>
    private static readonly Dictionary<string, string> OtherNamespaces = new(StringComparer.Ordinal)
    {
        ["Graphs/Text/GraphText.cs"] = "TransformFramework.Graphs",
        ["Graphs/Text/GraphTextException.cs"] = "TransformFramework.Graphs",
        ["Graphs/Text/GraphTextOptions.cs"] = "TransformFramework.Graphs",
        ["TransformFrameworkServiceCollectionExtensions.cs"] = "Microsoft.Extensions.DependencyInjection",
        ["GraphScoringCatalog.cs"] = "Microsoft.ML",
    };

    private static readonly System.Collections.Concurrent.ConcurrentDictionary<string, FolderReferences> References = new(StringComparer.Ordinal);

    public static TheoryData<string> Assemblies => [.. Orders.Keys];

    [Fact]
    public void Every_assembly_has_its_order() => Assert.Equal([], Repository.Projects.Except(Orders.Keys));

    [Theory]
    [MemberData(nameof(Assemblies))]
    public void Every_folder_has_its_place(string assembly) =>
        Assert.Equal([], Repository.Sources(assembly).Select(Folder).Where(folder => folder.Length > 0).Except(Orders[assembly].Folders));

    [Theory]
    [MemberData(nameof(Assemblies))]
    public void Namespaces_follow_folders(string assembly) => Assert.Equal([], Repository.Sources(assembly).Where(file => NamespaceOf(assembly, file) is { Length: > 0 } declared && declared != Expected(assembly, file)));

    [Theory]
    [MemberData(nameof(Assemblies))]
    public void A_folder_sees_only_those_before_it(string assembly) =>
        Assert.Equal([], ReferencesOf(assembly).All.Where(reference => IsForward(assembly, reference.File, reference.Folder)).Select(reference => $"{reference.File} uses {reference.Folder}"));

    [Theory]
    [MemberData(nameof(Assemblies))]
    public void Folders_beside_each_other_make_no_cycle_at_any_depth(string assembly) => Assert.Equal([], ReferencesOf(assembly).Cycles);

    [Fact]
    public void A_cycle_of_nested_folders_is_found_by_directives_and_by_parts_of_names()
    {
        var references = new FolderReferences(
            new(StringComparer.Ordinal)
            {
                ["Kernels/Text/Strings.cs"] = "using Root.Kernels.Tables;\nnamespace Root.Kernels.Text;\ninternal static class Strings;",
                ["Kernels/Tables/Find.cs"] = "namespace Root.Kernels.Tables;\ninternal class Find { int count = Keys.Key.Of(1); }",
                ["Kernels/Keys/Key.cs"] = "using Root.Kernels;\nusing Root.Kernels.Text;\nnamespace Root.Kernels.Keys;\npublic readonly record struct Key;",
                ["Kernels/Broadcast.cs"] = "using Root.Kernels.Text;\nusing Root.Kernels.Keys;\nnamespace Root.Kernels;\ninternal class Broadcast { string Text => Text.Trim(); }",
            },
            "Root");
        Assert.Equal(["Kernels/Text/Strings.cs uses Kernels/Tables", "Kernels/Tables/Find.cs uses Kernels/Keys", "Kernels/Keys/Key.cs uses Kernels/Text"], references.Cycles);
    }

    /// <summary>The folders of a project that has an order, in it; of another by name.</summary>
    internal static IEnumerable<string> FoldersOf(string assembly) =>
        Orders.TryGetValue(assembly, out var order) ? order.Folders : Repository.Sources(assembly).Select(Folder).Where(folder => folder.Length > 0).Distinct().Order(StringComparer.Ordinal);

    private static FolderReferences ReferencesOf(string assembly) => References.GetOrAdd(assembly, static assembly => FolderReferences.Of(assembly, Orders[assembly].Namespace));

    private static bool IsForward(string assembly, string file, string folder)
    {
        string[] folders = Orders[assembly].Folders;
        int own = Array.IndexOf(folders, file.Split('/')[0]);
        return own >= 0 && Array.IndexOf(folders, folder.Split('/')[0]) > own;
    }

    private static string Folder(string file) => file.Contains(Path.DirectorySeparatorChar, StringComparison.Ordinal) ? file.Split(Path.DirectorySeparatorChar)[0] : "";

    private static string NamespaceOf(string assembly, string file) => NamespaceLine().Match(File.ReadAllText(Path.Combine(Repository.Root, assembly, file))).Groups[1].Value;

    private static string Expected(string assembly, string file) =>
        OtherNamespaces.TryGetValue(file, out string? other) ? other : string.Join('.', [Orders[assembly].Namespace, .. file.Split(Path.DirectorySeparatorChar)[..^1]]);

    [GeneratedRegex(@"^namespace ([\w.]+);", RegexOptions.Multiline, matchTimeoutMilliseconds: 1000)]
    private static partial Regex NamespaceLine();
}
