namespace TransformFramework.Architecture.Tests;

/// <summary>What only one place may use.</summary>
public sealed class LayeringTests
{
    public static TheoryData<string> Libraries => ["Abstractions", "Dsl", "Toolkit", "Engine", "Workflows", "Extensions", "Runtime", "MachineLearning", .. Repository.PluginNames];

    [Theory]
    [MemberData(nameof(Libraries))]
    public void Only_the_program_writes_to_the_console(string library) => Assert.DoesNotContain("System.Console", Assembly(library).UsedTypes);

    [Fact]
    public void The_program_writes_to_the_console() => Assert.Contains("System.Console", Repository.Cli.UsedTypes);

    [Theory]
    [MemberData(nameof(Libraries))]
    public void No_library_needs_protobuf_s(string library) => Assert.DoesNotContain("Google.Protobuf", Assembly(library).References);

    private static AssemblyFile Assembly(string library) => library switch
    {
        "Abstractions" => Repository.Abstractions,
        "Dsl" => Repository.Dsl,
        "Toolkit" => Repository.Toolkit,
        "Engine" => Repository.Engine,
        "Workflows" => Repository.Workflows,
        "Extensions" or "Runtime" => Repository.Library($"Host/{library}", library),
        "MachineLearning" => Repository.Library("Host/MachineLearning", "ML"),
        _ => Repository.Plugin(library),
    };
}
