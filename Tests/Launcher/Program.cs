using System.Reflection;
using System.Runtime.Loader;

namespace TransformFramework.Launcher;

/// <summary>
/// Runs a method of an assembly that is built for any processor: published for another processor with its runtime, this program runs there, or in an emulator, what a build for this machine has made.
/// </summary>
internal static class Program
{
    /// <summary>Runs the method.</summary>
    /// <param name="arguments">Path of the assembly, beside which is what it needs; full name of a type; name of a static method from strings to an exit code; the strings.</param>
    private static int Main(string[] arguments)
    {
        string path = Path.GetFullPath(arguments[0]);
        string folder = Path.GetDirectoryName(path)!;
        AssemblyLoadContext.Default.Resolving += (context, name) => Path.Combine(folder, $"{name.Name}.dll") is var file && File.Exists(file) ? context.LoadFromAssemblyPath(file) : null;
        MethodInfo method = AssemblyLoadContext.Default.LoadFromAssemblyPath(path).GetType(arguments[1], throwOnError: true)!.GetMethod(arguments[2], BindingFlags.Static | BindingFlags.Public | BindingFlags.NonPublic)!;
        return method.CreateDelegate<Func<string[], int>>()(arguments[3..]);
    }
}
