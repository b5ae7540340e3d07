namespace TransformFramework.Architecture.Tests;

/// <summary>What only one place may use.</summary>
public sealed class LayeringTests
{
    public static TheoryData<string> Libraries => ["Abstractions", "Dsl", "Toolkit", .. Repository.PluginNames];

    [Theory]
    [MemberData(nameof(Libraries))]
    public void Only_the_host_writes_to_the_console(string library) => Assert.DoesNotContain("System.Console", Assembly(library).UsedTypes);

    [Fact]
    public void The_host_writes_to_the_console() => Assert.Contains("System.Console", Repository.Host.UsedTypes);

    [Theory]
    [MemberData(nameof(Libraries))]
    public void Only_the_host_knows_protobuf(string library) => Assert.DoesNotContain("Google.Protobuf", Assembly(library).References);

    [Fact]
    public void In_the_host_only_Models_knows_protobuf() => Assert.DoesNotContain(
        Repository.Sources("Host").Where(file => !file.StartsWith($"Models{Path.DirectorySeparatorChar}", StringComparison.Ordinal)),
        file => File.ReadAllText(Path.Combine(Repository.Root, "Host", file)).Contains("Google.Protobuf", StringComparison.Ordinal));

    private static AssemblyFile Assembly(string library) => library switch
    {
        "Abstractions" => Repository.Abstractions,
        "Dsl" => Repository.Dsl,
        "Toolkit" => Repository.Toolkit,
        _ => Repository.Plugin(library),
    };
}
