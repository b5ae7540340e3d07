using System.Reflection;
using TransformFramework.Dsl;
using TransformFramework.Folding;
using TransformFramework.Structure;
using TransformFramework.Toolkit.Ops;

namespace TransformFramework.Diagnostics.Tests;

/// <summary>The assemblies whose diagnostics are described, and where their sources and pages are.</summary>
internal static class DescribedAssemblies
{
    public static readonly (string Folder, Assembly Assembly)[] All =
    [
        ("Dsl", typeof(DiagnosticRenderer).Assembly),
        ("Plugins/Toolkit", typeof(OpTable).Assembly),
        ("Plugins/Structure", typeof(RemoveNodes).Assembly),
        ("Plugins/Folding", typeof(FoldNorms).Assembly),
    ];

    public static string Root { get; } = FindRoot();

    /// <summary>The descriptors that classes of the assemblies hold in static fields.</summary>
    public static IEnumerable<DiagnosticDescriptor> Descriptors =>
        from entry in All
        from type in entry.Assembly.GetTypes()
        from member in type.GetFields(BindingFlags.Static | BindingFlags.Public | BindingFlags.NonPublic)
        where member.FieldType == typeof(DiagnosticDescriptor)
        select (DiagnosticDescriptor)member.GetValue(null)!;

    private static string FindRoot()
    {
        DirectoryInfo? folder = new(AppContext.BaseDirectory);
        while (folder is not null && !File.Exists(Path.Combine(folder.FullName, "TransformFramework.sln")))
            folder = folder.Parent;
        return folder?.FullName ?? throw new InvalidOperationException($"no TransformFramework.sln above {AppContext.BaseDirectory}");
    }
}
