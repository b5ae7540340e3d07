using System.Reflection;
using System.Reflection.Metadata;
using System.Reflection.PortableExecutable;
using System.Runtime.Loader;
using TransformFramework.Transforms;

namespace TransformFramework.Engine.PluginLoading;

/// <summary>
/// Loads a plugin that came with the program from its folder. What the program has of the very same build (<c>TransformFramework.Toolkit</c>) is shared with it, so that nothing is loaded twice.
/// </summary>
/// <param name="path">The plugin's assembly.</param>
/// <param name="shared">Names of what host and plugins exchange types of.</param>
internal sealed class FirstPartyContext(string path, IReadOnlySet<string> shared) : AssemblyLoadContext(Path.GetFileNameWithoutExtension(path))
{
    private static readonly Assembly Abstractions = typeof(ITransform).Assembly;

    private readonly string folder = Path.GetDirectoryName(path)!;

    /// <summary>True for a plugin with nothing beside it that depends on the platform.</summary>
    public static bool CanLoad(string path) => !Directory.Exists(Path.Combine(Path.GetDirectoryName(path)!, "runtimes"));

    public Assembly LoadPlugin() => LoadFromAssemblyPath(path);

    protected override Assembly? Load(AssemblyName assemblyName)
    {
        if (assemblyName.Name == Abstractions.GetName().Name)
            return Abstractions;
        string file = Path.Combine(folder, $"{assemblyName.Name}.dll");
        if (shared.Contains(assemblyName.Name!) || !File.Exists(file))
            return null;
        return OfProgram(assemblyName, file) ?? LoadFromAssemblyPath(file);
    }

    /// <summary>The program's own assembly of the name, when it is the same build as the file.</summary>
    private static Assembly? OfProgram(AssemblyName name, string file)
    {
        if (!File.Exists(Path.Combine(AppContext.BaseDirectory, Path.GetFileName(file))))
            return null;
        try
        {
            Assembly own = Default.LoadFromAssemblyName(new AssemblyName { Name = name.Name });
            return own.ManifestModule.ModuleVersionId == BuildOf(file) ? own : null;
        }
        catch (Exception error) when (error is IOException or BadImageFormatException)
        {
            return null;
        }
    }

    private static Guid BuildOf(string file)
    {
        using var reader = new PEReader(File.OpenRead(file));
        MetadataReader metadata = reader.GetMetadataReader();
        return metadata.GetGuid(metadata.GetModuleDefinition().Mvid);
    }
}
