using TransformFramework.Cpu.Microkernels.Gemm;

namespace TransformFramework.Cpu.Microkernels;

/// <summary>Convolutions of awkward sizes.</summary>
internal static class ConvolutionCases
{
    public static IEnumerable<ConvolutionShape> All =>
    [
        Of(1, 7, 7, 16, 64, size: 3, stride: 1, before: 1, output: 7),
        Of(1, 7, 9, 17, 33, size: 3, stride: 2, before: 0, output: 4),
        Of(2, 5, 5, 4, 10, size: 3, stride: 1, before: 1, output: 5),
        Of(1, 10, 10, 3, 20, size: 7, stride: 2, before: 3, output: 5),
        Of(1, 9, 9, 8, 12, size: 3, stride: 1, before: 2, output: 9, dilation: 2),
        Of(3, 6, 6, 5, 7, size: 1, stride: 2, before: 0, output: 3),
        Of(1, 4, 4, 130, 70, size: 1, stride: 1, before: 0, output: 4),
        Of(1, 8, 8, 3, 16, size: 3, stride: 1, before: 0, output: 6),
        Of(1, 3, 3, 1, 1, size: 3, stride: 1, before: 1, output: 3),
        Of(1, 2, 2, 6, 5, size: 5, stride: 1, before: 2, output: 2),
    ];

    /// <summary>The input pixel, or -1 outside the image, and the number of each tap of an output row.</summary>
    public static IEnumerable<(int Pixel, int Tap)> Taps(ConvolutionShape shape, int row)
    {
        int image = row / (shape.Height.Output * shape.Width.Output);
        for (int ky = 0; ky < shape.Height.Size; ky++)
        {
            for (int kx = 0; kx < shape.Width.Size; kx++)
            {
                int y = shape.Height.Position(row / shape.Width.Output % shape.Height.Output, ky);
                int x = shape.Width.Position(row % shape.Width.Output, kx);
                bool inside = y >= 0 && y < shape.Height.Input && x >= 0 && x < shape.Width.Input;
                yield return (inside ? (((image * shape.Height.Input) + y) * shape.Width.Input) + x : -1, (ky * shape.Width.Size) + kx);
            }
        }
    }

    private static ConvolutionShape Of(int batch, int height, int width, int inputs, int outputs, int size, int stride, int before, int output, int dilation = 1)
    {
        int dimension = ((size - 1) * dilation) + 1;
        return new(batch, new(height, size, stride, dilation, before, output), new(width, size, stride, dilation, before, Math.Max(1, ((width + (2 * before) - dimension) / stride) + 1)), inputs, outputs);
    }
}
