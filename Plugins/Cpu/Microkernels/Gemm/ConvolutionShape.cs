using TransformFramework.Cpu.Kernels;

namespace TransformFramework.Cpu.Microkernels.Gemm;

/// <summary>Sizes of a two-dimensional convolution over channels-last images: output row (n, y, x) reads input pixels (n, y·stride − before + tap·dilation, …).</summary>
internal readonly record struct ConvolutionShape(int Batch, SpatialDimension Height, SpatialDimension Width, int InputChannels, int OutputChannels)
{
    private const int FewChannels = 16;

    /// <summary>Groups, each of its own share of input and output channels.</summary>
    public int Groups { get; init; } = 1;

    /// <summary>Input channels of a group.</summary>
    public int GroupChannels => InputChannels / Groups;

    /// <summary>Rows of the product: output pixels of all images.</summary>
    public int Rows => Batch * Height.Output * Width.Output;

    /// <summary>True when some window overhangs the image.</summary>
    public bool IsPadded => Height.IsPadded || Width.IsPadded;

    /// <summary>True when a padded copy of the images pays: pixels of few channels are then read together, a row of a window at a time.</summary>
    public bool PaysPaddedCopy => IsPadded && Groups == 1 && InputChannels < FewChannels && Width.Dilation == 1;

    /// <summary>The same windows over images that include the padding.</summary>
    public ConvolutionShape WithPadding() => this with { Height = Height.WithPadding(), Width = Width.WithPadding() };

    /// <summary>The convolution of windows over images. Operators address memory by these sizes, so nothing that they compute may leave 32 bits.</summary>
    /// <exception cref="OverflowException">Input, filter or result have more than 2³¹ − 1 elements, or a window reaches that far.</exception>
    public static ConvolutionShape Of(long batch, Window height, Window width, long inputChannels, long outputChannels)
    {
        checked
        {
            var shape = new ConvolutionShape((int)batch, SpatialDimension.Of(height), SpatialDimension.Of(width), (int)inputChannels, (int)outputChannels);
            _ = shape.Batch * shape.Height.Input * shape.Width.Input * shape.InputChannels;
            _ = shape.Batch * shape.Height.Output * shape.Width.Output * shape.OutputChannels;
            _ = shape.Height.Size * shape.Width.Size * shape.InputChannels;
            return shape;
        }
    }

    /// <summary>A matrix product [rows, inner] · [inner, columns] as a convolution.</summary>
    /// <exception cref="OverflowException">A matrix has more than 2³¹ − 1 elements.</exception>
    public static ConvolutionShape MatMul(long rows, long inner, long columns) => Of(1, Window.Whole(1), Window.Whole(rows), inner, columns);

    /// <summary>
    /// The same product with windows that cross several pixels of an image row taken as one tap, since those are side by side; null when windows overhang the image or have gaps, or where there are groups.
    /// </summary>
    public (int Taps, int Depth)? WithRowTaps => Groups > 1 || IsPadded || (Width.Dilation != 1 && Width.Size != 1) ? null : (Height.Size, Width.Size * InputChannels);
}

/// <summary>One spatial dimension of a convolution.</summary>
internal readonly record struct SpatialDimension(int Input, int Size, int Stride, int Dilation, int Before, int Output)
{
    /// <summary>True when some window overhangs the image.</summary>
    public bool IsPadded => Before > 0 || ((Output - 1) * Stride) - Before + ((Size - 1) * Dilation) >= Input;

    /// <summary>The windows of an op along one dimension.</summary>
    /// <exception cref="OverflowException">A window reaches further than 2³¹ − 1.</exception>
    public static SpatialDimension Of(Window window)
    {
        checked
        {
            long last = ((Math.Max(window.Output, 1) - 1) * window.Stride) + ((Math.Max(window.Size, 1) - 1) * window.Dilation);
            _ = (int)(last + window.Before + window.Input + window.Stride + window.Dilation);
            return new((int)window.Input, (int)window.Size, (int)window.Stride, (int)window.Dilation, (int)window.Before, (int)window.Output);
        }
    }

    /// <summary>The same windows over an image that includes the padding.</summary>
    public SpatialDimension WithPadding() => this with { Before = 0, Input = Math.Max(Before + Input, ((Output - 1) * Stride) + ((Size - 1) * Dilation) + 1) };

    /// <summary>Input position of a tap of the window at an output position; outside [0, Input) in the padding.</summary>
    public int Position(int output, int tap) => (output * Stride) - Before + (tap * Dilation);
}
