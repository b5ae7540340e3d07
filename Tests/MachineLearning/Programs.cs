using TransformFramework.Engine;

namespace TransformFramework.MachineLearning.Tests;

/// <summary>The engine with the plugins that the build put beside the program.</summary>
internal static class Programs
{
    public static TransformEngine Engine() => new(new() { ProgramFolder = RepositoryFiles.OutputOf("Host/Cli") });
}
