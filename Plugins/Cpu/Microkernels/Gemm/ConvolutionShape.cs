using TransformFramework.Cpu.Kernels;

namespace TransformFramework.Cpu.Microkernels.Gemm;

/// <summary>Sizes of a two-dimensional convolution over channels-last images: output row (n, y, x) reads input pixels (n, y·stride − before + tap·dilation, …).</summary>
internal readonly record struct ConvolutionShape(int Batch, SpatialDimension Height, SpatialDimension Width, int InputChannels, int OutputChannels)
{
    /// <summary>Rows of the product: output pixels of all images.</summary>
    public int Rows => Batch * Height.Output * Width.Output;

    /// <summary>True when some window overhangs the image.</summary>
    public bool IsPadded => Height.IsPadded || Width.IsPadded;

    /// <summary>A matrix product [rows, inner] · [inner, columns] as a convolution.</summary>
    public static ConvolutionShape Product(int rows, int inner, int columns) => new(1, SpatialDimension.Whole(1), SpatialDimension.Whole(rows), inner, columns);

    /// <summary>
    /// The same product with windows that cross several pixels of an image row taken as one tap, since those lie side by side; null when windows overhang the image or have gaps.
    /// </summary>
    public (int Taps, int Depth)? WithRowTaps => IsPadded || (Width.Dilation != 1 && Width.Size != 1) ? null : (Height.Size, Width.Size * InputChannels);
}

/// <summary>One spatial dimension of a convolution.</summary>
internal readonly record struct SpatialDimension(int Input, int Size, int Stride, int Dilation, int Before, int Output)
{
    /// <summary>True when some window overhangs the image.</summary>
    public bool IsPadded => Before > 0 || ((Output - 1) * Stride) - Before + ((Size - 1) * Dilation) >= Input;

    /// <summary>The windows of an op along one dimension.</summary>
    public static SpatialDimension Of(Window window) => new((int)window.Input, (int)window.Size, (int)window.Stride, (int)window.Dilation, (int)window.Before, (int)window.Output);

    /// <summary>A dimension without windows.</summary>
    public static SpatialDimension Whole(int length) => new(length, 1, 1, 1, 0, length);

    /// <summary>The same windows over an image that includes the padding.</summary>
    public SpatialDimension WithPadding() => this with { Before = 0, Input = Math.Max(Before + Input, ((Output - 1) * Stride) + ((Size - 1) * Dilation) + 1) };

    /// <summary>Input position of a tap of the window at an output position; outside [0, Input) in the padding.</summary>
    public int Position(int output, int tap) => (output * Stride) - Before + (tap * Dilation);
}
