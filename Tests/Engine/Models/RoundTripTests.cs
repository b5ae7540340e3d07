using System.Collections.Immutable;
using CsCheck;
using TransformFramework.Engine.Models;
using TransformFramework.Graphs;
using TransformFramework.Graphs.Wire;
using TransformFramework.Toolkit.GraphDefs;

namespace TransformFramework.Engine.Tests.Models;

public sealed class RoundTripTests
{
    [Fact]
    public void Binary_keeps_every_graph()
    {
        FileGraphs.Graph.Sample(graph =>
        {
            byte[] bytes = Binary(graph);
            Assert.Equal(GraphDefWriter.Measure(graph), bytes.Length);
            GraphAssert.Same(graph, GraphDefReader.Read(bytes));
            Assert.Equal(bytes, Binary(GraphDefReader.Read(bytes)));
        });
    }

    [Fact]
    public void Text_keeps_every_graph()
    {
        FileGraphs.Graph.Sample(graph =>
        {
            byte[] text = Text(graph);
            GraphAssert.Same(graph, GraphTextFormat.Read(text));
        });
    }

    [Fact]
    public void Attribute_values_keep_their_bytes()
    {
        FileGraphs.Attribute.Sample(value =>
        {
            byte[] bytes = WireFormat.Serialize(value);
            Assert.Equal(WireFormat.Measure(value), bytes.Length);
            Assert.Equal(value, WireFormat.ReadAttribute(bytes));
            using var stream = new MemoryStream();
            WireFormat.Write(value, stream);
            Assert.Equal(bytes, stream.ToArray());
        });
    }

    [Fact]
    public void Order_of_attributes_does_not_show_in_the_bytes()
    {
        var forward = new Graph([new Node("n", "Op", [], AttributeMap.Of(("a", 1), ("b", true), ("T", DataType.Float)))]);
        var backward = new Graph([new Node("n", "Op", [], AttributeMap.Of(("T", DataType.Float), ("b", true), ("a", 1)))]);
        Assert.Equal(Binary(forward), Binary(backward));
    }

    [Fact]
    public void Unpacked_and_packed_elements_read_the_same()
    {
        byte[] unpacked = [0x42, 12, 0x08, 1, 0x2D, 0, 0, 0x80, 0x3F, 0x2D, 0, 0, 0, 0x40];
        byte[] packed = [0x42, 12, 0x08, 1, 0x2A, 8, 0, 0, 0x80, 0x3F, 0, 0, 0, 0x40];
        Assert.Equal(WireFormat.ReadAttribute(packed), WireFormat.ReadAttribute(unpacked));
        Tensor tensor = Assert.IsType<TensorValue>(WireFormat.ReadAttribute(packed)).Value;
        Assert.Equal(TensorEncoding.Values, tensor.Encoding);
        Assert.False(tensor.HasShape);
        Assert.Equal(new byte[] { 0, 0, 0x80, 0x3F, 0, 0, 0, 0x40 }, tensor.StoredBytes.ToArray());
    }

    [Fact]
    public void Elements_in_the_field_of_another_type_are_kept_without_meaning()
    {
        byte[] floatTensorWithIntegers = [0x42, 5, 0x08, 1, 0x3A, 1, 7];
        var value = (TensorValue)WireFormat.ReadAttribute(floatTensorWithIntegers);
        Assert.True(value.Value.StoredBytes.IsEmpty);
        Assert.Equal(new byte[] { 0x3A, 1, 7 }, value.Value.UnknownFields.Bytes.ToArray());
        Assert.Equal(floatTensorWithIntegers, WireFormat.Serialize(value));
    }

    [Theory]
    [InlineData("12-00", "")]
    [InlineData("18-00", 0L)]
    [InlineData("25-00-00-00-00", 0f)]
    [InlineData("28-00", false)]
    [InlineData("18-FF-FF-FF-FF-FF-FF-FF-FF-FF-01", -1L)]
    public void Set_members_of_a_value_are_written_even_when_default(string expected, object value)
    {
        AttributeValue attribute = value switch
        {
            string text => text,
            long number => number,
            float number => number,
            _ => (bool)value,
        };
        Assert.Equal(expected, BitConverter.ToString(WireFormat.Serialize(attribute)));
    }

    [Fact]
    public void Scalar_tensor_is_written_as_the_original_writes_it()
    {
        AttributeValue value = Tensor.FromValues(DataType.Int32, TensorShape.Scalar, new byte[] { 0xFF, 0xFF, 0xFF, 0xFF });
        Assert.Equal("42-10-08-03-12-00-3A-0A-FF-FF-FF-FF-FF-FF-FF-FF-FF-01", BitConverter.ToString(WireFormat.Serialize(value)));
    }

    [Fact]
    public void The_empty_graph_is_an_empty_library()
    {
        Assert.Equal([0x12, 0x00], Binary(Graph.Empty));
        Assert.Equal(2, GraphDefWriter.Measure(Graph.Empty));
        GraphAssert.Same(Graph.Empty, GraphDefReader.Read(Binary(Graph.Empty)));
        GraphAssert.Same(Graph.Empty, GraphTextFormat.Read(Text(Graph.Empty)));
    }

    [Fact]
    public void Repeated_messages_merge_as_protobuf_merges_them()
    {
        byte[] twice = [0x22, 2, 0x08, 27, 0x22, 2, 0x10, 12];
        GraphVersions? versions = GraphDefReader.Read(twice).Versions;
        Assert.Equal(new GraphVersions(27, 12, ImmutableArray<int>.Empty), versions);
    }

    internal static byte[] Binary(Graph graph)
    {
        using var stream = new MemoryStream();
        GraphDefWriter.Write(graph, stream);
        return stream.ToArray();
    }

    internal static byte[] Text(Graph graph)
    {
        using var stream = new MemoryStream();
        GraphTextFormat.Write(graph, stream);
        return stream.ToArray();
    }
}
