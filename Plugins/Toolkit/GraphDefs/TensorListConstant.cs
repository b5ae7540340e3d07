using System.Collections.Immutable;
using TransformFramework.Graphs;
using TransformFramework.Toolkit.Protobuf;

namespace TransformFramework.Toolkit.GraphDefs;

/// <summary>A list of tensors as the value of a Const, in the encoding of TensorFlow 1.15: a scalar variant of type <c>tensorflow::TensorList</c>, whose metadata are the elements that are not set, their type, the most elements and their shape.</summary>
/// <param name="ElementType">Type of the elements.</param>
/// <param name="ElementShape">Shape of the elements as far as it is known.</param>
/// <param name="MostElements">Most elements that the list may get; -1 for any number.</param>
/// <param name="Elements">The elements; null for one that is not set.</param>
public sealed record TensorListConstant(DataType ElementType, TensorShape ElementShape, long MostElements, ImmutableArray<Tensor?> Elements)
{
    private const string TypeName = "tensorflow::TensorList";
    private const int VariantField = 15;

    /// <summary>The list as the value of a Const.</summary>
    public Tensor ToTensor()
    {
        byte[] metadata = Encode(WriteMetadata);
        byte[] list = Encode(writer =>
        {
            writer.String(1, TypeName);
            writer.Bytes(2, metadata);
            foreach (Tensor element in Elements.OfType<Tensor>())
                writer.Bytes(3, Encode(inner => TensorWire.Write(Tensor.FromValues(element.Type, element.Shape, element.Bytes), inner)));
        });
        byte[] field = Encode(writer => writer.Bytes(VariantField, list));
        return Tensor.FromValues(DataType.Variant, TensorShape.Scalar, default).With(hasShape: true, versionNumber: 0, new UnknownFields(field));
    }

    private void WriteMetadata(WireWriter writer)
    {
        int[] unset = [.. Enumerable.Range(0, Elements.Length).Where(i => Elements[i] is null)];
        writer.Varint((ulong)unset.Length);
        foreach (int index in unset)
            writer.Varint((ulong)index);
        writer.Varint((ulong)ElementType);
        writer.Varint(unchecked((ulong)MostElements));
        ShapeWire.Write(ElementShape, writer);
    }

    private static byte[] Encode(Action<WireWriter> write)
    {
        using var stream = new MemoryStream();
        var writer = new WireWriter(new byte[256], stream);
        write(writer);
        writer.Flush();
        return stream.ToArray();
    }
}
