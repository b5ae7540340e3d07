namespace TransformFramework.SavedModel.Tests;

/// <summary>Each transform has its test file and its page.</summary>
public sealed class SiblingTests
{
    public static IEnumerable<object[]> Transforms() => TransformSiblings.Of(typeof(FreezeVariables).Assembly);

    [Theory]
    [MemberData(nameof(Transforms))]
    public void A_transform_has_a_test_file_and_a_page(string type, string name) => TransformSiblings.AssertThere("SavedModel", type, name);
}
