using TransformFramework.TfLite.Schema;

namespace TransformFramework.TfLite.Writing;

/// <summary>Shape and elements of a strided slice with masks.</summary>
internal static class StridedSliceRule
{
    /// <summary>The shape of the slice. Where bounds are computed in the run, the size is free.</summary>
    /// <param name="shape">Shape of what is sliced.</param>
    /// <param name="begins">First elements, or null when they are computed.</param>
    /// <param name="ends">Elements behind the last, or null when they are computed.</param>
    /// <param name="strides">Strides, which must be known.</param>
    /// <param name="options">The masks.</param>
    /// <param name="free">The size of free dimensions.</param>
    public static int[] Shape(int[] shape, long[]? begins, long[]? ends, long[]? strides, OptionValues options, int free)
    {
        if (strides is null)
            throw TfLiteDiagnostics.Unwritable("the strides of a strided slice are not known before the run");
        long[] unknown = new long[strides.Length];
        bool areKnown = begins is not null && ends is not null;
        return [.. Ranges(shape, begins ?? unknown, ends ?? unknown, strides, options).Where(range => !range.IsDropped).Select(range => areKnown || range.IsWhole ? range.Count : free)];
    }

    /// <summary>The elements of a vector that the slice takes.</summary>
    public static IEnumerable<int> Elements(int length, long[] begins, long[] ends, long[] strides, OptionValues options)
    {
        var range = Ranges([length], begins, ends, strides, options).First(range => range.Stride != 0);
        return Enumerable.Range(0, range.Count).Select(i => (int)(range.Begin + (i * range.Stride)));
    }

    private static IEnumerable<(long Begin, long Stride, int Count, bool IsDropped, bool IsWhole)> Ranges(int[] shape, long[] begins, long[] ends, long[] strides, OptionValues options)
    {
        int Mask(string name, int i) => (options.Int(name) >> i) & 1;
        int added = Enumerable.Range(0, begins.Length).Count(i => Mask("new_axis_mask", i) == 1);
        bool hasEllipsis = Enumerable.Range(0, begins.Length).Any(i => Mask("ellipsis_mask", i) == 1);
        int axis = 0;
        for (int i = 0; i < begins.Length; i++)
        {
            if (Mask("ellipsis_mask", i) == 1)
            {
                for (int rest = shape.Length - (begins.Length - 1 - added); rest > 0; rest--)
                    yield return (0, 1, shape[axis++], false, true);
            }
            else if (Mask("new_axis_mask", i) == 1)
            {
                yield return (0, 0, 1, false, true);
            }
            else
            {
                yield return One(shape[axis++], begins[i], ends[i], strides[i], Mask("begin_mask", i) == 1, Mask("end_mask", i) == 1, Mask("shrink_axis_mask", i) == 1);
            }
        }
        while (!hasEllipsis && axis < shape.Length)
            yield return (0, 1, shape[axis++], false, true);
    }

    private static (long Begin, long Stride, int Count, bool IsDropped, bool IsWhole) One(int size, long begin, long end, long stride, bool isOpenBegin, bool isOpenEnd, bool isDropped)
    {
        long least = stride > 0 ? 0 : -1;
        long most = stride > 0 ? size : size - 1;
        begin = begin < 0 ? begin + size : begin;
        if (isDropped)
            return (begin, 1, 1, true, false);
        begin = isOpenBegin ? (stride > 0 ? 0 : size - 1) : Math.Clamp(begin, least, most);
        end = isOpenEnd ? (stride > 0 ? size : -1) : Math.Clamp(end < 0 ? end + size : end, least, most);
        long count = stride == 0 ? 0 : (end - begin + stride - Math.Sign(stride)) / stride;
        return (begin, stride, (int)Math.Max(0, count), false, isOpenBegin && isOpenEnd);
    }
}
