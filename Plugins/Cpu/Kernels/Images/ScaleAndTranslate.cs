using TransformFramework.Execution;
using TransformFramework.Graphs;

namespace TransformFramework.Cpu.Kernels.Images;

/// <summary>
/// Images scaled and moved: the pixel x of the result is sampled at (x + ½ - translation) / scale by a kernel, which <c>antialias</c> stretches where the image shrinks. What is sampled outside the
/// image is zero. Rows are gathered first, then columns, in float.
/// </summary>
[Kernel("ScaleAndTranslate")]
internal sealed class ScaleAndTranslate : IKernel
{
    public IReadOnlyList<TensorShape> InferShapes(ShapeInference node) => [ResizeGeometry.Infer(node)];

    public Tensor[] Compute(KernelCall call)
    {
        var geometry = ResizeGeometry.Of(call.Inputs[0].Shape, call.Inputs[1], alignsCorners: false, hasHalfPixels: true);
        float[] scale = Two(call.Inputs[2], "scale");
        float[] translation = Two(call.Inputs[3], "translation");
        if (!(scale[0] > 0 && scale[1] > 0))
            throw Refuse.Invalid("Scale must be greater than zero.");
        var kernel = SamplingKernel.Of(call.Node.Text("kernel_type"));
        bool antialias = call.Node.Bool("antialias");
        var rows = Spans(kernel, geometry.NewHeight, geometry.Height, scale[0], translation[0], antialias);
        var columns = Spans(kernel, geometry.NewWidth, geometry.Width, scale[1], translation[1], antialias);
        float[] lines = Gather(call.Inputs[0].ToSingles(), geometry.Height, geometry.Width * geometry.Channels, rows);
        return [Floats.FromFloats(geometry.Result, Gather(lines, geometry.Width, geometry.Channels, columns))];
    }

    /// <summary>Weighted sums of runs: each block of runs becomes one of as many runs as there are spans.</summary>
    private static float[] Gather(float[] source, int runs, int length, (int Start, float[] Weights)[] spans)
    {
        int blocks = length == 0 ? 0 : source.Length / (runs * length);
        float[] target = new float[checked(blocks * spans.Length * length)];
        for (int i = 0; i < blocks * spans.Length; i++)
        {
            var (start, weights) = spans[i % spans.Length];
            int first = ((i / spans.Length * runs) + start) * length;
            for (int tap = 0; tap < weights.Length; tap++)
            {
                for (int c = 0; c < length; c++)
                    target[(i * length) + c] += source[first + (tap * length) + c] * weights[tap];
            }
        }
        return target;
    }

    private static (int Start, float[] Weights)[] Spans(SamplingKernel kernel, int count, int size, float scale, float translation, bool antialias)
    {
        float step = (float)(1.0 / scale);
        float shift = -step * translation;
        float stretch = antialias ? Math.Max(step, 1f) : 1f;
        float narrow = 1f / stretch;
        var spans = new (int Start, float[] Weights)[count];
        for (int x = 0; x < count; x++)
        {
            float sample = ((x + 0.5f) * step) + shift;
            if (!(sample >= 0 && sample <= size))
            {
                spans[x] = (0, []);
                continue;
            }
            int start = (int)Math.Clamp(MathF.Ceiling(sample - (kernel.Radius * stretch) - 0.5f), 0, size - 1);
            int end = (int)Math.Clamp(MathF.Floor(sample + (kernel.Radius * stretch) - 0.5f), 0, size - 1);
            spans[x] = (start, Normalized([.. Enumerable.Range(start, end - start + 1).Select(source => kernel.At(Math.Abs((source + 0.5f - sample) * narrow)))]));
        }
        return spans;
    }

    private static float[] Normalized(float[] weights)
    {
        float sum = 0;
        foreach (float weight in weights)
            sum += weight;
        float share = Math.Abs(sum) >= 1000 * Denormals.SmallestNormal ? 1f / sum : 0f;
        return [.. weights.Select(weight => weight * share)];
    }

    private static float[] Two(Tensor tensor, string name) =>
        tensor.Shape.Rank == 1 && tensor.ElementCount == 2 ? tensor.ToSingles() : throw Refuse.Invalid($"{name} must be a vector of two elements, but has shape {tensor.Shape}");
}
