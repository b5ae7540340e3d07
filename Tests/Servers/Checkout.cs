using System.Reflection;

namespace TransformFramework.Servers.Tests;

/// <summary>Files of the repository, and what its build left.</summary>
internal static class Checkout
{
    /// <summary>The host program with its plugins.</summary>
    public static string Program { get; } = Metadata("Program") + (OperatingSystem.IsWindows() ? ".exe" : "");

    /// <summary>The assembly of the MSBuild task.</summary>
    public static string Tasks { get; } = Metadata("Tasks");

    public static string Digits => PathOf("examples/01-digits/digits_cnn.pb");

    public static string PathOf(string relative) => RepositoryFiles.PathOf(relative);

    private static string Metadata(string key) => Path.GetFullPath(typeof(Checkout).Assembly.GetCustomAttributes<AssemblyMetadataAttribute>().Single(entry => entry.Key == key).Value!);
}
