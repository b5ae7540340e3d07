namespace TransformFramework.Graphs.Wire;

/// <summary>TensorFlow's <c>TensorShapeProto</c>.</summary>
internal static class ShapeWire
{
    public static long Size(TensorShape shape)
    {
        long size = WireSize.Flag(3, shape.IsUnknownRank) + shape.UnknownFields.Bytes.Length;
        for (int i = 0; i < shape.Dimensions.Length; i++)
            size += WireSize.Delimited(2, DimensionSize(shape, i));
        return size;
    }

    public static void Write(TensorShape shape, WireWriter writer)
    {
        for (int i = 0; i < shape.Dimensions.Length; i++)
        {
            writer.Delimiter(2, DimensionSize(shape, i));
            writer.Scalar(1, shape.Dimensions[i]);
            writer.String(2, Name(shape, i));
        }
        writer.Flag(3, shape.IsUnknownRank);
        writer.Raw(shape.UnknownFields.Bytes);
    }

    private static long DimensionSize(TensorShape shape, int index) => WireSize.Scalar(1, shape.Dimensions[index]) + WireSize.String(2, Name(shape, index));

    private static string Name(TensorShape shape, int index) => shape.DimensionNames.IsDefault ? "" : shape.DimensionNames[index];
}
