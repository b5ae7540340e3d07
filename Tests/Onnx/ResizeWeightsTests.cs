using TransformFramework.ModelFiles;
using TransformFramework.Onnx.Operators;

namespace TransformFramework.Onnx;

/// <summary>Sizes and scales of a file decide how much work a resizing is: what leads nowhere is refused.</summary>
public sealed class ResizeWeightsTests
{
    [Theory]
    [InlineData("cubic", 4, 2, 1e-30f)]
    [InlineData("linear", 4, 2, 0f)]
    [InlineData("linear", 4, 2, float.NaN)]
    [InlineData("linear", 1L << 40, 1L << 40, 1f)]
    public void Refuses_scales_and_sizes_that_lead_nowhere(string mode, long input, long output, float scale)
    {
        ResizeKind kind = new(mode, "half_pixel", "round_prefer_floor") { IsAntialiased = true };
        Assert.Throws<ModelFormatException>(() => new ResizeWeights(kind, input, output, scale, 0, 1).Matrix());
    }

    [Theory]
    [InlineData("cubic")]
    [InlineData("linear")]
    public void Shrinking_to_one_element_takes_all(string mode)
    {
        ResizeKind kind = new(mode, "half_pixel", "round_prefer_floor") { IsAntialiased = true };
        Assert.Equal(1, new ResizeWeights(kind, 100, 1, 0.01f, 0, 1).Matrix().Sum(), 1e-4);
    }

    [Fact]
    public void Refuses_an_axis_of_too_many_elements() =>
        Assert.Throws<ModelFormatException>(() => new ResizeWeights(new("nearest", "asymmetric", "floor"), 4, 1L << 40, 1, 0, 1).Nearest());
}
