namespace TransformFramework.EndToEnd.Tests;

/// <summary>The repository as somebody else finds it: its files without anything that was built, in a folder of its own, where the commands of its pages run.</summary>
[CollectionDefinition(nameof(Checkout))]
public sealed class Checkout : IDisposable, ICollectionFixture<Checkout>
{
    private const string BuildAndRun = "dotnet run -c Release --project Host/Cli -- ";

    private readonly TemporaryFolder folder = new();
    private bool isBuilt;

    public Checkout()
    {
        foreach (string file in Repository.Files())
        {
            Directory.CreateDirectory(Path.GetDirectoryName(folder[file])!);
            File.Copy(Repository.PathOf(file), folder[file]);
        }
    }

    /// <summary>
    /// Runs a command line in the checkout's folder. The first <c>dotnet run</c> builds the program, later ones find it built: its sources stay as they are. Builds leave no servers behind,
    /// and analyzers, which see the same code elsewhere, rest.
    /// </summary>
    internal ProgramResult Run(string command)
    {
        ProgramResult result = Shell(isBuilt ? command.Replace(BuildAndRun, BuildAndRun.Replace("run ", "run --no-build ", StringComparison.Ordinal), StringComparison.Ordinal) : command);
        isBuilt |= result.ExitCode == 0 && command.StartsWith(BuildAndRun, StringComparison.Ordinal);
        return result;
    }

    internal string this[string file] => folder[file];

    public void Dispose() => folder.Dispose();

    private ProgramResult Shell(string command) => new ProgramRunner
    {
        Program = "/bin/sh",
        WorkingDirectory = folder.Path,
        Environment = new Dictionary<string, string>
        {
            ["RunAnalyzers"] = "false",
            ["MSBUILDDISABLENODEREUSE"] = "1",
            ["UseSharedCompilation"] = "false",
            ["DOTNET_CLI_USE_MSBUILD_SERVER"] = "0",
            ["DOTNET_NOLOGO"] = "1",
        },
    }.Start("-c", command);
}
