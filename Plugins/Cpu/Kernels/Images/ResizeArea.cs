using TransformFramework.Execution;
using TransformFramework.Graphs;

namespace TransformFramework.Cpu.Kernels.Images;

/// <summary>Each pixel of the result is the mean of the area of the input that it covers.</summary>
[Kernel("ResizeArea")]
internal sealed class ResizeArea : IKernel
{
    public IReadOnlyList<TensorShape> InferShapes(ShapeInference node) => [ResizeGeometry.Infer(node)];

    public Tensor[] Compute(KernelCall call)
    {
        var geometry = ResizeGeometry.Of(call.Node, call.Inputs[0].Shape, call.Inputs[1]);
        float[] source = call.Inputs[0].ToSingles();
        var rows = Spans(geometry.Height, geometry.NewHeight, geometry.HeightScale);
        var columns = Spans(geometry.Width, geometry.NewWidth, geometry.WidthScale);
        float share = 1f / (geometry.HeightScale * geometry.WidthScale);
        Tensor result = Tensor.Allocate<float>(DataType.Float, geometry.Result, out var target);
        int at = 0;
        for (int n = 0; n < geometry.Batch; n++)
        {
            foreach (var row in rows)
            {
                foreach (var column in columns)
                {
                    for (int c = 0; c < geometry.Channels; c++)
                        target[at++] = Sum(source, geometry, n, row, column, c) * share;
                }
            }
        }
        return [result];
    }

    private static float Sum(float[] source, ResizeGeometry geometry, int image, List<(int Source, float Weight)> row, List<(int Source, float Weight)> column, int channel)
    {
        float sum = 0;
        foreach (var (y, down) in row)
        {
            float line = 0;
            foreach (var (x, across) in column)
                line += source[(((((image * geometry.Height) + y) * geometry.Width) + x) * geometry.Channels) + channel] * across;
            sum += line * down;
        }
        return sum;
    }

    private static List<(int Source, float Weight)>[] Spans(int size, int count, float scale)
    {
        var spans = new List<(int Source, float Weight)>[count];
        for (int i = 0; i < count; i++)
        {
            float start = i * scale;
            float end = (i + 1) * scale;
            spans[i] = [];
            for (int source = (int)MathF.Floor(start); source < (int)MathF.Ceiling(end); source++)
            {
                float weight = source < start ? (source + 1 > end ? scale : source + 1 - start) : source + 1 > end ? end - source : 1f;
                spans[i].Add((Math.Clamp(source, 0, size - 1), weight));
            }
        }
        return spans;
    }
}
