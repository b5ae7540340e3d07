using System.Reflection;
using TransformFramework.Transforms;

namespace TransformFramework;

/// <summary>What belongs to each transform: a test file of its name in the room's test project, and a page.</summary>
internal static class TransformSiblings
{
    /// <summary>Class name and name of every transform of an assembly.</summary>
    public static IEnumerable<object[]> Of(Assembly assembly) =>
        from type in assembly.GetTypes()
        let attribute = type.GetCustomAttribute<TransformAttribute>()
        where attribute is not null
        select new object[] { type.Name, attribute.Name };

    /// <summary>Asserts that both are there.</summary>
    /// <param name="room">Folder of the test project in Tests.</param>
    /// <param name="type">Class name of the transform.</param>
    /// <param name="name">Name of the transform.</param>
    public static void AssertThere(string room, string type, string name)
    {
        Assert.True(File.Exists(RepositoryFiles.PathOf($"Tests/{room}/{type}Tests.cs")), $"Tests/{room}/{type}Tests.cs is missing");
        Assert.True(File.Exists(RepositoryFiles.PathOf($"docs/transforms/{name}.md")), $"docs/transforms/{name}.md is missing");
    }
}
