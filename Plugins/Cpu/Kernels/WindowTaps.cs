namespace TransformFramework.Cpu.Kernels;

/// <summary>Walks windows over an image or a volume.</summary>
internal static class WindowTaps
{
    /// <summary>Visits each output position with the input positions under its window; taps outside the input are left out.</summary>
    /// <param name="windows">Windows along two or three spatial dimensions.</param>
    /// <param name="visit">Gets output position, tap number and input position, each row-major over the spatial dimensions.</param>
    public static void ForEach(ReadOnlySpan<Window> windows, Action<int, int, int> visit)
    {
        Window d = windows.Length == 3 ? windows[0] : new(1, 1, 1, 1, 0, 1);
        Window h = windows[^2];
        Window w = windows[^1];
        int output = 0;
        for (long od = 0; od < d.Output; od++)
        {
            for (long oh = 0; oh < h.Output; oh++)
            {
                for (long ow = 0; ow < w.Output; ow++, output++)
                    VisitWindow(od, oh, ow, output);
            }
        }

        void VisitWindow(long od, long oh, long ow, int position)
        {
            var (firstD, endD) = Inside(d, od);
            var (firstH, endH) = Inside(h, oh);
            var (firstW, endW) = Inside(w, ow);
            for (long kd = firstD; kd < endD; kd++)
            {
                long id = (od * d.Stride) - d.Before + (kd * d.Dilation);
                for (long kh = firstH; kh < endH; kh++)
                {
                    long ih = (oh * h.Stride) - h.Before + (kh * h.Dilation);
                    for (long kw = firstW; kw < endW; kw++)
                    {
                        long iw = (ow * w.Stride) - w.Before + (kw * w.Dilation);
                        long tap = (((kd * h.Size) + kh) * w.Size) + kw;
                        visit(position, unchecked((int)tap), (int)((((id * h.Input) + ih) * w.Input) + iw));
                    }
                }
            }
        }
    }

    /// <summary>The taps of the window at an output position that are inside the input: from the first up to, but without, the end. A window may be much longer than its input.</summary>
    private static (long First, long End) Inside(Window window, long output)
    {
        long start = (output * window.Stride) - window.Before;
        long first = start >= 0 ? 0 : (-start + window.Dilation - 1) / window.Dilation;
        long end = window.Input <= start ? 0 : ((window.Input - 1 - start) / window.Dilation) + 1;
        return (first, Math.Min(window.Size, end));
    }
}
