using TransformFramework.Execution;
using TransformFramework.Graphs;

namespace TransformFramework.Cpu.Kernels.Images;

/// <summary>
/// Bicubic interpolation by Keys' kernel from a table of 1024 steps: a = -0.75 with repeated borders, or with half_pixel_centers a = -0.5 with the taps outside left out.
/// </summary>
[Kernel("ResizeBicubic")]
internal sealed class ResizeBicubic : IKernel
{
    private const int Steps = 1024;
    private const int TapCount = 4;

    private static readonly float[] Legacy = Table(-0.75f);
    private static readonly float[] Keys = Table(-0.5f);

    public IReadOnlyList<TensorShape> InferShapes(ShapeInference node) => [ResizeGeometry.Infer(node)];

    public Tensor[] Compute(KernelCall call)
    {
        var geometry = ResizeGeometry.Of(call.Node, call.Inputs[0].Shape, call.Inputs[1]);
        float[] source = call.Inputs[0].ToSingles();
        var rows = Taps(geometry, geometry.Height, geometry.NewHeight, geometry.HeightScale);
        var columns = Taps(geometry, geometry.Width, geometry.NewWidth, geometry.WidthScale);
        Tensor result = Tensor.Allocate<float>(DataType.Float, geometry.Result, out var target);
        int at = 0;
        for (int n = 0; n < geometry.Batch; n++)
        {
            foreach (var row in rows)
            {
                foreach (var column in columns)
                {
                    for (int c = 0; c < geometry.Channels; c++)
                        target[at++] = Mix(source.AsSpan(n * geometry.Height * geometry.Width * geometry.Channels), geometry, row, column, c);
                }
            }
        }
        return [result];
    }

    /// <summary>One channel of a pixel: along the columns first, then along the row.</summary>
    private static float Mix(ReadOnlySpan<float> image, ResizeGeometry geometry, (int Source, float Weight)[] row, (int Source, float Weight)[] column, int channel)
    {
        float value = 0;
        for (int i = 0; i < TapCount; i++)
        {
            float sum = 0;
            for (int j = 0; j < TapCount; j++)
                sum += row[j].Weight * image[(((row[j].Source * geometry.Width) + column[i].Source) * geometry.Channels) + channel];
            value += column[i].Weight * sum;
        }
        return value;
    }

    private static float[] Table(float a)
    {
        float[] table = new float[2 * (Steps + 1)];
        for (int i = 0; i <= Steps; i++)
        {
            float x = i / (float)Steps;
            table[2 * i] = ((((a + 2) * x) - (a + 3)) * x * x) + 1;
            x += 1;
            table[(2 * i) + 1] = (((((a * x) - (5 * a)) * x) + (8 * a)) * x) - (4 * a);
        }
        return table;
    }

    private static (int Source, float Weight)[][] Taps(ResizeGeometry geometry, int size, int count, float scale)
    {
        var taps = new (int Source, float Weight)[count][];
        for (int i = 0; i < count; i++)
        {
            float place = geometry.Place(i, scale);
            float floor = MathF.Floor(place);
            int offset = (int)MathF.Round((place - floor) * Steps, MidpointRounding.ToEven);
            taps[i] = geometry.HasHalfPixels ? Normalized((int)floor, offset, size) : Bounded((int)floor, offset, size);
        }
        return taps;
    }

    private static (int Source, float Weight)[] Bounded(int start, int offset, int size) =>
        [.. Weights(Legacy, offset).Select((weight, i) => (Math.Clamp(start - 1 + i, 0, size - 1), weight))];

    private static (int Source, float Weight)[] Normalized(int start, int offset, int size)
    {
        var taps = Weights(Keys, offset).Select((weight, i) => (Place: start - 1 + i, Weight: weight))
            .Select(tap => (Source: Math.Clamp(tap.Place, 0, size - 1), Weight: tap.Place >= 0 && tap.Place < size ? tap.Weight : 0f))
            .ToArray();
        float sum = taps.Sum(tap => tap.Weight);
        return MathF.Abs(sum) >= 1000f * 1.17549435e-38f ? [.. taps.Select(tap => (tap.Source, tap.Weight / sum))] : taps;
    }

    private static float[] Weights(float[] table, int offset) =>
        [table[(2 * offset) + 1], table[2 * offset], table[2 * (Steps - offset)], table[(2 * (Steps - offset)) + 1]];
}
