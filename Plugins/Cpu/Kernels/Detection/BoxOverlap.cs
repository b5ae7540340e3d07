namespace TransformFramework.Cpu.Kernels.Detection;

/// <summary>Intersection over union of two boxes [y1, x1, y2, x2], whose corners may be in any order.</summary>
internal static class BoxOverlap
{
    /// <summary>0 to 1; 0 where a box is empty.</summary>
    public static float Of(ReadOnlySpan<float> first, ReadOnlySpan<float> second)
    {
        var (top, left, bottom, right) = Ordered(first);
        var (otherTop, otherLeft, otherBottom, otherRight) = Ordered(second);
        float area = (bottom - top) * (right - left);
        float otherArea = (otherBottom - otherTop) * (otherRight - otherLeft);
        if (area <= 0 || otherArea <= 0)
            return 0;
        float height = Math.Max(Math.Min(bottom, otherBottom) - Math.Max(top, otherTop), 0);
        float width = Math.Max(Math.Min(right, otherRight) - Math.Max(left, otherLeft), 0);
        return height * width / (area + otherArea - (height * width));
    }

    private static (float Top, float Left, float Bottom, float Right) Ordered(ReadOnlySpan<float> box) =>
        (Math.Min(box[0], box[2]), Math.Min(box[1], box[3]), Math.Max(box[0], box[2]), Math.Max(box[1], box[3]));
}
