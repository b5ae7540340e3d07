using System.Runtime.CompilerServices;
using TransformFramework.Graphs;
using TransformFramework.Toolkit.Protobuf;

namespace TransformFramework.Toolkit.GraphDefs;

/// <summary>TensorFlow's <c>TensorProto</c>.</summary>
static partial class TensorWire
{
    private const int Content = 4;
    private const int WorthRemembering = 1 << 10;

    private static readonly ConditionalWeakTable<Tensor, object> PackedSizes = [];

    public static long Size(Tensor tensor) =>
        WireSize.Scalar(1, (int)tensor.Type)
        + (tensor.HasShape ? WireSize.Delimited(2, ShapeWire.Size(tensor.Shape)) : 0)
        + WireSize.Scalar(3, tensor.VersionNumber)
        + ElementsSize(tensor)
        + tensor.UnknownFields.Bytes.Length;

    public static void Write(Tensor tensor, WireWriter writer)
    {
        writer.Scalar(1, (int)tensor.Type);
        if (tensor.HasShape)
        {
            writer.Delimiter(2, ShapeWire.Size(tensor.Shape));
            ShapeWire.Write(tensor.Shape, writer);
        }
        writer.Scalar(3, tensor.VersionNumber);
        WriteElements(tensor, writer);
        writer.Raw(tensor.UnknownFields.Bytes);
    }

    private static long ElementsSize(Tensor tensor)
    {
        long size = 0;
        foreach (var text in tensor.StoredStrings)
            size += WireSize.Delimited(TensorElements.StringField, text.Length);
        if (tensor.StoredBytes.IsEmpty)
            return size;
        return tensor.Encoding == TensorEncoding.Content
            ? WireSize.Delimited(Content, tensor.StoredBytes.Length)
            : WireSize.Delimited(ElementsOf(tensor).Field, PackedSize(tensor));
    }

    private static void WriteElements(Tensor tensor, WireWriter writer)
    {
        foreach (var text in tensor.StoredStrings)
            writer.Bytes(TensorElements.StringField, text);
        if (tensor.StoredBytes.IsEmpty)
            return;
        if (tensor.Encoding == TensorEncoding.Content)
        {
            writer.Bytes(Content, tensor.StoredBytes);
            return;
        }
        TensorElements elements = ElementsOf(tensor);
        writer.Delimiter(elements.Field, PackedSize(tensor));
        if (!elements.IsVarint)
        {
            writer.Raw(tensor.StoredBytes);
            return;
        }
        ReadOnlySpan<byte> stored = tensor.StoredBytes.Span;
        for (int at = 0; at + elements.Size <= stored.Length; at += elements.Size)
            writer.Varint(elements.Load(stored[at..]));
    }

    /// <summary>Size of the packed elements. That of long lists is remembered, since every enclosing message asks for it.</summary>
    private static long PackedSize(Tensor tensor)
    {
        TensorElements elements = ElementsOf(tensor);
        if (!elements.IsVarint || tensor.StoredBytes.Length < WorthRemembering)
            return elements.PackedSize(tensor.StoredBytes.Span);
        return (long)PackedSizes.GetValue(tensor, static known => TensorElements.Of(known.Type).PackedSize(known.StoredBytes.Span));
    }

    private static TensorElements ElementsOf(Tensor tensor)
    {
        TensorElements elements = TensorElements.Of(tensor.Type);
        return elements.Field != 0 ? elements : throw new ArgumentException($"a {tensor.Type.Name()} tensor cannot list its elements", nameof(tensor));
    }
}
