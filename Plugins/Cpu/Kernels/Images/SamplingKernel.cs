namespace TransformFramework.Cpu.Kernels.Images;

/// <summary>A symmetric function that weighs pixels by their distance, zero beyond its radius.</summary>
internal sealed record SamplingKernel(float Radius, Func<float, float> At)
{
    public static SamplingKernel Of(string name) => name switch
    {
        "lanczos1" => Lanczos(1),
        "lanczos3" => Lanczos(3),
        "lanczos5" => Lanczos(5),
        "gaussian" => Gaussian(1.5f),
        "box" => new(0.5f, x => x < 0.5f ? 1 : x == 0.5f ? 0.5f : 0),
        "triangle" => new(1, x => x < 1 ? 1 - x : 0),
        "keyscubic" => new(2, KeysCubic),
        "mitchellcubic" => new(2, MitchellCubic),
        _ => throw Refuse.Invalid($"Unrecognized kernel type: {name}; supported are lanczos1, lanczos3, lanczos5, gaussian, box, triangle, keyscubic and mitchellcubic"),
    };

    /// <summary>The sinc function windowed by a wider one.</summary>
    private static SamplingKernel Lanczos(float radius) => new(radius, x =>
    {
        const float NearZero = 1e-3f;
        if (x > radius)
            return 0;
        return x <= NearZero ? 1 : radius * MathF.Sin(MathF.PI * x) * MathF.Sin(MathF.PI * x / radius) / (MathF.PI * MathF.PI * x * x);
    });

    /// <summary>A normal density whose third deviation is the radius.</summary>
    private static SamplingKernel Gaussian(float radius)
    {
        float deviation = radius / 3;
        return new(radius, x => x >= radius ? 0 : MathF.Exp(-x * x / (2 * deviation * deviation)));
    }

    /// <summary>R. G. Keys, Cubic Convolution Interpolation for Digital Image Processing (1981), with a = -½.</summary>
    private static float KeysCubic(float x)
    {
        if (x >= 2)
            return 0;
        return x >= 1 ? (((((-0.5f * x) + 2.5f) * x) - 4) * x) + 2 : (((1.5f * x) - 2.5f) * x * x) + 1;
    }

    /// <summary>D. P. Mitchell and A. N. Netravali, Reconstruction Filters in Computer Graphics (1988), with B = C = ⅓.</summary>
    private static float MitchellCubic(float x)
    {
        if (x >= 2)
            return 0;
        return x >= 1
            ? (((((-7f / 18 * x) + 2) * x) - (10f / 3)) * x) + (16f / 9)
            : (((7f / 6 * x) - 2) * x * x) + (8f / 9);
    }
}
