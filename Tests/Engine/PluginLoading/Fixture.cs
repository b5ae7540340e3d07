using System.Reflection;
using System.Reflection.Emit;
using TransformFramework.Execution;
using TransformFramework.Graphs;
using TransformFramework.Transforms;

namespace TransformFramework.Engine.Tests.PluginLoading;

/// <summary>Plugins for tests: built ones, and assemblies made up on the spot.</summary>
internal static class Fixture
{
    /// <summary>The folder of the built program, with its own plugins.</summary>
    public static string HostFolder { get; } = RepositoryFiles.OutputOf("Host/Cli");

    /// <summary>The folder of a plugin from <c>Fixtures</c>.</summary>
    public static string Folder(string name) => Path.Combine(AppContext.BaseDirectory, "fixtures", name);

    /// <summary>Copies a plugin without one of its files.</summary>
    public static string CopyWithout(string name, string file, DirectoryInfo target)
    {
        DirectoryInfo copy = target.CreateSubdirectory(name);
        foreach (string path in Directory.EnumerateFiles(Folder(name)).Where(path => Path.GetFileName(path) != file))
            File.Copy(path, Path.Combine(copy.FullName, Path.GetFileName(path)));
        return copy.FullName;
    }

    /// <summary>Writes an assembly with one empty class, which bears the given attributes.</summary>
    public static string Write(DirectoryInfo target, string name, CustomAttributeBuilder? assemblyAttribute, params CustomAttributeBuilder[] classAttributes)
    {
        var assembly = new PersistedAssemblyBuilder(new AssemblyName(name), typeof(object).Assembly);
        if (assemblyAttribute is not null)
            assembly.SetCustomAttribute(assemblyAttribute);
        TypeBuilder type = assembly.DefineDynamicModule(name).DefineType("Empty", TypeAttributes.Public);
        foreach (CustomAttributeBuilder attribute in classAttributes)
            type.SetCustomAttribute(attribute);
        type.CreateType();
        string path = Path.Combine(target.CreateSubdirectory(name).FullName, $"{name}.dll");
        assembly.Save(path);
        return path;
    }

    public static CustomAttributeBuilder Contract(int major, int minor) => new(typeof(TransformApiAttribute).GetConstructor([typeof(int), typeof(int)])!, [major, minor]);

    public static CustomAttributeBuilder Op(string declaration) => new(typeof(OpAttribute).GetConstructor([typeof(string)])!, [declaration]);

    public static CustomAttributeBuilder Kernel(string op) => new(typeof(KernelAttribute).GetConstructor([typeof(string[])])!, [new[] { op }]);

    public static CustomAttributeBuilder Offer(string transform) => new(typeof(TransformAttribute).GetConstructor([typeof(string)])!, [transform]);
}
