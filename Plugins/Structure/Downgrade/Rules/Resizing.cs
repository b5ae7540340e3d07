using TransformFramework.Graphs;
using TransformFramework.Toolkit.Patterns;

namespace TransformFramework.Structure.Downgrade.Rules;

/// <summary>
/// Resizing with half_pixel_centers, which older kernels do not have, of images of known sizes: bilinear and bicubic as a product with constant weights along each direction, nearest as a
/// look-up along each. Output i is at (i + 0.5)·in/out − 0.5 of the input.
/// </summary>
internal static class Resizing
{
    /// <summary>Steps between two pixels at which the original knows the cubic weights.</summary>
    private const int CubicSteps = 1024;

    private const float CubicA = -0.5f;

    public static Decline? Bilinear(DowngradeSite site) => Weighted(site, BilinearRow);

    public static Decline? Bicubic(DowngradeSite site) => Weighted(site, BicubicRow);

    /// <summary>Index min(floor((i + 0.5)·in/out), in − 1), in float32.</summary>
    public static Decline? Nearest(DowngradeSite site)
    {
        if (Sizes(site) is not { } sizes)
            return Unsized(site);
        NodeInput x = site.Inputs[0];
        for (int axis = 1; axis <= 2; axis++)
        {
            var (from, to) = sizes[axis - 1];
            float scale = (float)from / to;
            long[] indices = new long[to];
            for (int i = 0; i < to; i++)
                indices[i] = Math.Min((long)MathF.Floor((i + 0.5f) * scale), from - 1);
            x = site.Gather(x, site.Ints(indices), axis);
        }
        return site.Replace(x);
    }

    private static Decline? Weighted(DowngradeSite site, Action<float[], int, int, float> row)
    {
        TensorShape shape = site.Shape(site.Inputs[0]);
        if (Sizes(site) is not { } sizes || shape[3] < 0)
            return Unsized(site);
        NodeInput x = site.Cast(site.Inputs[0], DataType.Float);
        long[] dimensions = [shape[0], shape[1], shape[2], shape[3]];
        for (int axis = 1; axis <= 2; axis++)
        {
            var (from, to) = sizes[axis - 1];
            float[] weights = new float[checked(from * to)];
            for (int i = 0; i < to; i++)
                row(weights, i * from, from, ((i + 0.5f) * ((float)from / to)) - 0.5f);
            x = Along(site, x, dimensions, axis, site.Floats(TensorShape.Of(to, from), weights), to);
            dimensions[axis] = to;
        }
        return site.Replace(x);
    }

    /// <summary>Multiplies along an axis of four by weights [to, from].</summary>
    private static NodeInput Along(DowngradeSite site, NodeInput x, long[] dimensions, int axis, NodeInput weights, int to)
    {
        long[] order = axis == 1 ? [0, 2, 3, 1] : [0, 1, 3, 2];
        long[] back = axis == 1 ? [0, 3, 1, 2] : [0, 1, 3, 2];
        NodeInput flat = site.Reshape(site.Transpose(x, order), -1, dimensions[axis]);
        NodeInput product = site.Add("MatMul", [flat, weights], ("T", DataType.Float), ("transpose_b", true));
        NodeInput whole = site.Reshape(product, -1, dimensions[(int)order[1]], dimensions[(int)order[2]], to);
        return site.Transpose(whole, back);
    }

    private static void BilinearRow(float[] weights, int start, int size, float at)
    {
        float floor = MathF.Floor(at);
        float fraction = at - floor;
        weights[start + (int)Math.Max(floor, 0)] += 1 - fraction;
        weights[start + (int)Math.Min(MathF.Ceiling(at), size - 1)] += fraction;
    }

    /// <summary>Keys' kernel at four pixels; those outside the image are left out, and the others scaled to a sum of 1.</summary>
    private static void BicubicRow(float[] weights, int start, int size, float at)
    {
        int floor = (int)MathF.Floor(at);
        int step = (int)MathF.Round((at - floor) * CubicSteps, MidpointRounding.ToEven);
        float[] four = [Far(step), Near(step), Near(CubicSteps - step), Far(CubicSteps - step)];
        float sum = 0;
        for (int i = 0; i < four.Length; i++)
            sum += IsInside(i) ? four[i] : 0;
        for (int i = 0; i < four.Length; i++)
        {
            if (IsInside(i))
                weights[start + floor - 1 + i] += four[i] / sum;
        }

        bool IsInside(int tap) => floor - 1 + tap >= 0 && floor - 1 + tap < size;
    }

    private static float Near(int step)
    {
        float x = (float)step / CubicSteps;
        return ((((CubicA + 2) * x) - (CubicA + 3)) * x * x) + 1;
    }

    private static float Far(int step)
    {
        float x = ((float)step / CubicSteps) + 1;
        return (((((CubicA * x) - (5 * CubicA)) * x) + (8 * CubicA)) * x) - (4 * CubicA);
    }

    /// <summary>Height and width before and after, or null when they are not known.</summary>
    private static (int From, int To)[]? Sizes(DowngradeSite site)
    {
        TensorShape shape = site.Shape(site.Inputs[0]);
        return shape.Rank == 4 && shape[1] > 0 && shape[2] > 0 && site.Integers(site.Inputs[1]) is [> 0 and var height, > 0 and var width]
            ? [((int)shape[1], (int)height), ((int)shape[2], (int)width)]
            : null;
    }

    private static Decline? Unsized(DowngradeSite site) =>
        site.Node.Bool("half_pixel_centers", false) ? site.Decline("half_pixel_centers needs sizes that are known") : site.Decline("its type is not one of the target's");
}
