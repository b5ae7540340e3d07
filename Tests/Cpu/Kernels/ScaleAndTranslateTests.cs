using TransformFramework.Cpu.Kernels.Images;
using TransformFramework.Diagnostics;
using TransformFramework.Graphs;
using static TransformFramework.Cpu.NodeRun;

namespace TransformFramework.Cpu.Kernels;

public sealed class ScaleAndTranslateTests
{
    public static TheoryData<string> KernelTypes => ["lanczos1", "lanczos3", "lanczos5", "gaussian", "box", "triangle", "keyscubic", "mitchellcubic"];

    [Theory]
    [InlineData("triangle", false, new[] { 0f, 4 }, 2, 0, new[] { 0f, 1, 3, 4 })]
    [InlineData("box", true, new[] { 5f, 7 }, 1, 1, new[] { 0f, 5, 7 })]
    [InlineData("box", true, new[] { 1f, 3, 5, 7, 9, 11 }, 1 / 3f, 0, new[] { 3f, 9 })]
    [InlineData("box", false, new[] { 1f, 3, 5, 7, 9, 11 }, 1 / 3f, 0, new[] { 3f, 9 })]
    [InlineData("triangle", true, new[] { 8f, 0, 0, 0 }, 0.5f, 0, new[] { 24 / 7f, 0 })]
    [InlineData("triangle", false, new[] { 8f, 0, 0, 0 }, 0.5f, 0, new[] { 4f, 0 })]
    public void Rows_are_scaled_and_moved(string kernel, bool antialias, float[] row, float scale, float translation, float[] expected)
    {
        Tensor across = Scaled(kernel, antialias, Floats(TensorShape.Of(1, 1, row.Length, 1), row), [1, expected.Length], [1, scale], [0, translation]);
        Tensor down = Scaled(kernel, antialias, Floats(TensorShape.Of(1, row.Length, 1, 1), row), [expected.Length, 1], [scale, 1], [translation, 0]);
        Assert.All(expected.Zip(across.AsSpan<float>().ToArray()), pair => Assert.Equal(pair.First, pair.Second, 1e-5f));
        Assert.Equal(across.AsSpan<float>().ToArray(), down.AsSpan<float>().ToArray());
    }

    [Theory]
    [MemberData(nameof(KernelTypes))]
    public void An_image_of_one_colour_keeps_it(string kernel)
    {
        Tensor image = Floats(TensorShape.Of(2, 3, 4, 2), [.. Enumerable.Range(0, 48).Select(i => i % 2 == 0 ? 3f : -5f)]);
        Tensor result = Scaled(kernel, antialias: true, image, [5, 2], [5 / 3f, 0.5f], [0, 0]);
        Assert.Equal(TensorShape.Of(2, 5, 2, 2), result.Shape);
        Assert.All(result.AsSpan<float>().ToArray().Select((value, i) => (value, i)), pixel => Assert.Equal(pixel.i % 2 == 0 ? 3f : -5f, pixel.value, 1e-5f));
    }

    [Theory]
    [InlineData("box", 0.5f, 0.5f)]
    [InlineData("triangle", 0.25f, 0.75f)]
    [InlineData("gaussian", 0.5f, 0.60653066f)]
    [InlineData("lanczos3", 1f, 0f)]
    [InlineData("lanczos3", 1.5f, -0.13509491f)]
    [InlineData("keyscubic", 0.5f, 0.5625f)]
    [InlineData("keyscubic", 1.5f, -0.0625f)]
    [InlineData("mitchellcubic", 0f, 8 / 9f)]
    [InlineData("mitchellcubic", 1f, 1 / 18f)]
    public void Kernels_weigh_by_distance(string kernel, float distance, float weight) => Assert.Equal(weight, SamplingKernel.Of(kernel).At(distance), 1e-6f);

    [Fact]
    public void Scales_that_are_not_positive_and_unknown_kernels_are_refused()
    {
        Tensor image = Floats(TensorShape.Of(1, 1, 1, 1), 1);
        Tensor ones = Floats(TensorShape.Of(2), 1, 1);
        Assert.Equal(StatusKind.InvalidArgument, Refusal("ScaleAndTranslate", AttributeMap.Empty, image, Ints(1, 1), Floats(TensorShape.Of(2), 1, 0), ones));
        Assert.Equal(StatusKind.InvalidArgument, Refusal("ScaleAndTranslate", AttributeMap.Of(("kernel_type", "sinc")), image, Ints(1, 1), ones, ones));
    }

    private static Tensor Scaled(string kernel, bool antialias, Tensor image, int[] size, float[] scale, float[] translation) =>
        Run("ScaleAndTranslate", AttributeMap.Of(("kernel_type", kernel), ("antialias", antialias)), image, Ints(size), Floats(TensorShape.Of(2), scale), Floats(TensorShape.Of(2), translation));
}
