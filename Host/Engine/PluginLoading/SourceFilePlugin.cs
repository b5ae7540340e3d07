using System.Security.Cryptography;
using System.Text;
using TransformFramework.Transforms;

namespace TransformFramework.Engine.PluginLoading;

/// <summary>
/// A plugin that is one file of C#, compiled by the installed SDK against this program's contract and Toolkit. What was compiled is kept by the content of the file and the program's assemblies, so
/// that an unchanged file is compiled once.
/// </summary>
internal static class SourceFilePlugin
{
    private const int ShownErrors = 5;

    /// <summary>Whether a path is a source file.</summary>
    public static bool Is(string path) => path.EndsWith(".cs", StringComparison.OrdinalIgnoreCase);

    /// <summary>The path of the compiled plugin.</summary>
    /// <param name="path">The source file; its name becomes the plugin's.</param>
    /// <param name="cacheFolder">Where compiled plugins are kept.</param>
    /// <param name="cancellation">Ends the SDK's work; nothing is kept then.</param>
    /// <exception cref="PluginException">There is no SDK, or the file does not compile.</exception>
    /// <exception cref="IOException">The file cannot be read, or the folder cannot be written.</exception>
    public static string Compile(string path, string cacheFolder, CancellationToken cancellation = default)
    {
        string source = File.ReadAllText(path);
        string name = Path.GetFileNameWithoutExtension(path);
        string folder = Path.Combine(cacheFolder, Key(name, source));
        string assembly = Path.Combine(folder, name, $"{name}.dll");
        if (File.Exists(assembly))
            return assembly;
        string building = Path.Combine(cacheFolder, $"building-{Path.GetRandomFileName()}");
        Directory.CreateDirectory(building);
        try
        {
            Build(path, name, source, building, cancellation);
            Keep(Path.Combine(building, "out"), Path.Combine(folder, name), assembly);
        }
        finally
        {
            Directory.Delete(building, recursive: true);
        }
        return assembly;
    }

    private static void Build(string path, string name, string source, string building, CancellationToken cancellation)
    {
        string project = Path.Combine(building, $"{name}.csproj");
        File.WriteAllText(project, Project(path));
        if (!source.Contains("TransformApi(", StringComparison.Ordinal))
            File.WriteAllText(Path.Combine(building, "Contract.cs"), $"[assembly: TransformFramework.Transforms.TransformApi({TransformApi.Major}, {TransformApi.Minor})]");
        var (exitCode, output) = DotnetCommand.Run(["build", project, "-c", "Release", "-o", Path.Combine(building, "out"), "-v", "q", "-nologo", "-clp:NoSummary"], cancellation);
        if (exitCode == 0)
            return;
        string[] errors = [.. output.Split('\n').Select(line => line.Trim()).Where(line => line.Contains("error", StringComparison.Ordinal)).Select(line => line.Split(" [")[0]).Distinct(StringComparer.Ordinal)];
        string more = errors.Length > ShownErrors ? $" (and {errors.Length - ShownErrors} more)" : "";
        throw new PluginException(EngineDiagnostics.SourceDoesNotCompile.Id, EngineDiagnostics.SourceDoesNotCompile.Format(path, string.Join("; ", errors.Take(ShownErrors)) + more)) { Suggestion = "Correct the file; it is compiled as a class library for .NET 10." };
    }

    /// <summary>Another process may have been faster: then its result stays.</summary>
    private static void Keep(string built, string folder, string assembly)
    {
        Directory.CreateDirectory(Path.GetDirectoryName(folder)!);
        try
        {
            Directory.Move(built, folder);
        }
        catch (IOException) when (File.Exists(assembly))
        {
        }
    }

    private static string Project(string source) => PluginProject.Text(
        [
            "<Nullable>enable</Nullable>", "<ImplicitUsings>enable</ImplicitUsings>", "<AllowUnsafeBlocks>true</AllowUnsafeBlocks>", "<GenerateDocumentationFile>true</GenerateDocumentationFile>",
            "<NoWarn>$(NoWarn);CS1591</NoWarn>",
        ],
        [
            $"<Compile Include=\"{PluginProject.Escape(Path.GetFullPath(source))}\" />",
            $"<Reference Include=\"{Beside("Abstractions")}\" Private=\"false\" />",
            $"<Reference Include=\"{Beside("Toolkit")}\" />",
        ]);

    private static string Beside(string library) => PluginProject.Escape(Path.Combine(AppContext.BaseDirectory, $"TransformFramework.{library}.dll"));

    private static string Key(string name, string source)
    {
        string program = $"{typeof(ITransform).Module.ModuleVersionId} {typeof(Toolkit.Ops.OpTable).Module.ModuleVersionId}";
        return Convert.ToHexStringLower(SHA256.HashData(Encoding.UTF8.GetBytes($"{program}\n{name}\n{source}")));
    }
}
