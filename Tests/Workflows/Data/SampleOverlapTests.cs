using TransformFramework.Workflows.Data;

namespace TransformFramework.Workflows.Tests.Data;

public sealed class SampleOverlapTests
{
    [Theory]
    [InlineData("test.npz?divide=255", "./test.npz")]
    [InlineData("images/", "images")]
    [InlineData("images/train", "images")]
    [InlineData("images", "images/test")]
    [InlineData("@a.list", "a.list")]
    public void Known_images_are_noticed(string samples, string labelled) => Assert.Equal("TFX5037", SampleOverlap.Find(samples, labelled)?.Id);

    [Theory]
    [InlineData("train.npz", "test.npz")]
    [InlineData("images", "images2")]
    [InlineData("train.npz", null)]
    public void Others_are_not(string samples, string? labelled) => Assert.Null(SampleOverlap.Find(samples, labelled));
}
