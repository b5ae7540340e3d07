using System.Reflection;

namespace TransformFramework.Diagnostics.Tests;

/// <summary>An assembly whose diagnostics are described, and where its sources are.</summary>
internal sealed record DescribedAssembly(string Folder, string Name)
{
    /// <summary>The descriptors that its classes hold in static fields, with their classes.</summary>
    public IEnumerable<(Type Class, DiagnosticDescriptor Descriptor)> Descriptors { get; } =
    [
        .. from type in Assembly.Load(Name).GetTypes()
           from member in type.GetFields(BindingFlags.Static | BindingFlags.Public | BindingFlags.NonPublic)
           where member.FieldType == typeof(DiagnosticDescriptor)
           select (type, (DiagnosticDescriptor)member.GetValue(null)!),
    ];
}

/// <summary>Every assembly that has diagnostics.</summary>
internal static class DescribedAssemblies
{
    public static readonly DescribedAssembly[] All =
    [
        new("Abstractions", "TransformFramework.Abstractions"),
        new("Dsl", "TransformFramework.Dsl"),
        new("Host/Cli", "transform_graph"),
        new("Host/Engine", "TransformFramework.Engine"),
        new("Host/Workflows", "TransformFramework.Workflows"),
        new("Plugins/Folding", "Folding"),
        new("Plugins/Keras", "Keras"),
        new("Plugins/Onnx", "Onnx"),
        new("Plugins/Quantization", "Quantization"),
        new("Plugins/SavedModel", "SavedModel"),
        new("Plugins/Structure", "Structure"),
        new("Plugins/TfJs", "TfJs"),
        new("Plugins/TfLite", "TfLite"),
        new("Plugins/Toolkit", "TransformFramework.Toolkit"),
    ];

    /// <summary>The roots of the product's sources.</summary>
    public static readonly string[] Roots = ["Abstractions", "Dsl", "Host", "Plugins"];

    public static IReadOnlyList<DiagnosticDescriptor> Descriptors { get; } = [.. All.SelectMany(assembly => assembly.Descriptors).Select(entry => entry.Descriptor).OrderBy(descriptor => descriptor.Id, StringComparer.Ordinal)];

    public static string Root => RepositoryFiles.Root;

    public static string PagesFolder => Path.Combine(Root, "docs", "diagnostics");
}
