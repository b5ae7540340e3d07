using System.Reflection;
using TransformFramework.Transforms;

namespace TransformFramework.Quantization.Tests;

/// <summary>Each transform has its test file and its page.</summary>
public sealed class SiblingTests
{
    public static IEnumerable<object[]> Transforms() =>
        from type in typeof(QuantizeNodes).Assembly.GetTypes()
        let attribute = type.GetCustomAttribute<TransformAttribute>()
        where attribute is not null
        select new object[] { type.Name, attribute.Name };

    [Theory]
    [MemberData(nameof(Transforms))]
    public void A_transform_has_a_test_file_and_a_page(string type, string name)
    {
        string root = AppContext.BaseDirectory;
        while (!File.Exists(Path.Combine(root, "TransformFramework.sln")))
            root = Path.GetDirectoryName(root) ?? throw new DirectoryNotFoundException("the repository's folder");
        Assert.True(File.Exists(Path.Combine(root, "Tests", "Quantization", type + "Tests.cs")), $"Tests/Quantization/{type}Tests.cs is missing");
        Assert.True(File.Exists(Path.Combine(root, "docs", "transforms", name + ".md")), $"docs/transforms/{name}.md is missing");
    }
}
