using TransformFramework.Execution;
using TransformFramework.Graphs;

namespace TransformFramework.Cpu.Kernels.Images;

/// <summary>Sizes and scales of a resizing op over images [batch, height, width, channels].</summary>
internal sealed record ResizeGeometry(int Batch, int Height, int Width, int Channels, int NewHeight, int NewWidth, float HeightScale, float WidthScale, bool AlignsCorners, bool HasHalfPixels)
{
    /// <summary>Shape of the resized images.</summary>
    public TensorShape Result => TensorShape.Of(Batch, NewHeight, NewWidth, Channels);

    /// <summary>The geometry of a node with images and a size of two numbers.</summary>
    /// <exception cref="ExecutionException">InvalidArgument: the shapes or attributes do not fit.</exception>
    public static ResizeGeometry Of(Node node, TensorShape images, Tensor size)
    {
        bool alignsCorners = node.Bool("align_corners");
        bool hasHalfPixels = node.Attributes.ContainsKey("half_pixel_centers") && node.Bool("half_pixel_centers");
        if (alignsCorners && hasHalfPixels)
            throw Refuse.Invalid("If half_pixel_centers is True, align_corners must be False.");
        return Of(images, size, alignsCorners, hasHalfPixels);
    }

    /// <summary>The geometry with given conventions.</summary>
    public static ResizeGeometry Of(TensorShape images, Tensor size, bool alignsCorners, bool hasHalfPixels)
    {
        if (images.Rank != 4)
            throw Refuse.Invalid($"input must be 4-dimensional{images}");
        if (size.Shape.Rank != 1 || size.ElementCount != 2)
            throw Refuse.Invalid($"shape_t must {(size.Shape.Rank == 1 ? "have two elements" : "be 1-dimensional")}{size.Shape}");
        long[] target = Integers.Read(size);
        if (target[0] <= 0 || target[1] <= 0)
            throw Refuse.Invalid("output dimensions must be positive");
        if (images[1] <= 0 || images[2] <= 0)
            throw Refuse.Invalid("input image must be of non-zero size");
        return new(checked((int)images[0]), checked((int)images[1]), checked((int)images[2]), checked((int)images[3]), checked((int)target[0]), checked((int)target[1]),
            Scale(images[1], target[0], alignsCorners), Scale(images[2], target[1], alignsCorners), alignsCorners, hasHalfPixels);
    }

    /// <summary>Shape of the result as far as it is known.</summary>
    public static TensorShape Infer(ShapeInference node)
    {
        TensorShape images = node.Shapes[0];
        if (images.Rank is not (4 or -1))
            throw Refuse.Invalid($"Shape must be rank 4 but is rank {images.Rank}");
        if (node.Constants[1] is not { ElementCount: 2 } size)
            return TensorShape.Of(images.IsUnknownRank ? -1 : images[0], -1, -1, images.IsUnknownRank ? -1 : images[3]);
        long[] target = Integers.Read(size);
        return TensorShape.Of(images.IsUnknownRank ? -1 : images[0], target[0], target[1], images.IsUnknownRank ? -1 : images[3]);
    }

    /// <summary>Where a row or column of the result is in the input.</summary>
    public float Place(int index, float scale) => HasHalfPixels ? ((index + 0.5f) * scale) - 0.5f : index * scale;

    /// <summary>The input rows that each row of the result is between.</summary>
    public ResizeTap[] Rows() => Taps(Height, NewHeight, HeightScale);

    /// <summary>The input columns that each column of the result is between.</summary>
    public ResizeTap[] Columns() => Taps(Width, NewWidth, WidthScale);

    private ResizeTap[] Taps(int size, int count, float scale)
    {
        var taps = new ResizeTap[count];
        for (int i = 0; i < count; i++)
        {
            float place = Place(i, scale);
            float floor = MathF.Floor(place);
            taps[i] = new(Math.Max((int)floor, 0), Math.Min((int)MathF.Ceiling(place), size - 1), place - floor);
        }
        return taps;
    }

    private static float Scale(long size, long target, bool alignsCorners) =>
        alignsCorners && target > 1 ? (size - 1) / (float)(target - 1) : size / (float)target;
}

/// <summary>A place between two input rows or columns; the share is that of the upper one.</summary>
internal readonly record struct ResizeTap(int Lower, int Upper, float Share);
