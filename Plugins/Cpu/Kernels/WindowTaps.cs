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
            int tap = 0;
            for (long kd = 0; kd < d.Size; kd++)
            {
                long id = (od * d.Stride) - d.Before + (kd * d.Dilation);
                for (long kh = 0; kh < h.Size; kh++)
                {
                    long ih = (oh * h.Stride) - h.Before + (kh * h.Dilation);
                    for (long kw = 0; kw < w.Size; kw++, tap++)
                    {
                        long iw = (ow * w.Stride) - w.Before + (kw * w.Dilation);
                        if (id >= 0 && id < d.Input && ih >= 0 && ih < h.Input && iw >= 0 && iw < w.Input)
                            visit(position, tap, (int)((((id * h.Input) + ih) * w.Input) + iw));
                    }
                }
            }
        }
    }
}
